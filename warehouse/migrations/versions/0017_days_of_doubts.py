"""A doubt at a consent may have a day, a place and a kind, and be settled by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("consent_doubt", sa.Column("said_on", sa.Date(), nullable=True))
    op.add_column("consent_doubt", sa.Column("said_in", sa.String(length=400), nullable=True))
    op.add_column("consent_doubt", sa.Column("kind", sa.String(length=10), nullable=True))
    op.add_column("consent_doubt", sa.Column("said_hash", sa.String(length=64), nullable=True))
    op.add_column("consent_doubt", sa.Column("settled_at", sa.DateTime(), nullable=True))
    op.add_column("consent_doubt", sa.Column("settled_by", sa.String(length=200), nullable=True))
    op.add_column("consent_doubt", sa.Column("settled_because", sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        # The statistics of a column hold some of its values.
        for column in ("said_hash", "settled_because"):
            op.execute(f"ALTER TABLE consent_doubt ALTER COLUMN {column} SET STATISTICS 0")
