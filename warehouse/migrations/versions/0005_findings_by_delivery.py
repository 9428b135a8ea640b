"""On a server the findings of one delivery are found without going through those of all: they grow with every night."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("finding", "quarantine")


def upgrade() -> None:
    """To this revision."""
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.create_index(f"ix_{table}_delivery", table, ["district", "delivery_id"])
