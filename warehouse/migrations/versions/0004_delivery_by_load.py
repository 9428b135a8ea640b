"""Which delivery a row came with is said by the load that brought it, and no longer by each row: a third of its bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ENTITIES = (
    "person",
    "residence_status",
    "housing",
    "municipality_residence",
    "language_level",
    "education_work",
    "household",
    "household_member",
    "counselling_case",
    "conversation",
    "conversation_participant",
    "conversation_topic",
    "conversation_referral",
    "plan",
    "plan_participant",
    "goal",
    "consent",
    "consent_data_group",
)


def upgrade() -> None:
    """To this revision."""
    for table in ENTITIES:
        op.drop_column(table, "delivery_id")


def downgrade() -> None:
    """Back to the one before."""
    for table in ENTITIES:
        op.add_column(table, sa.Column("delivery_id", sa.String(64)))
        op.execute(f"UPDATE {table} SET delivery_id = (SELECT load.delivery_id FROM load WHERE load.number = {table}.known_from)")
        op.alter_column(table, "delivery_id", nullable=False)
