"""Which delivery a row came with is said by the load that brought it, and no longer by each row: a third of its bytes."""

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
