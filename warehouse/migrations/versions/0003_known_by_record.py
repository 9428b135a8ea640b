"""On PostgreSQL: what is known is found by its record, so that a load can look at the records it concerns and at no others."""

from alembic import op

revision = "0003"
down_revision = "0002"
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
    """To this revision; nothing on other engines, which have no index."""
    _index_by("record_key")


def _index_by(column: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in ENTITIES:
        op.execute(f"DROP INDEX ix_{table}_known")
        op.execute(
            f"CREATE INDEX ix_{table}_known ON {table} (district, source, {column}) WHERE known_to IS NULL"
        )
