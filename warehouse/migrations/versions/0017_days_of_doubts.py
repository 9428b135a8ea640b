"""A doubt at a consent may have a day, a place, and be of a withdrawal that vanished from its row."""

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
    op.add_column("consent_doubt", sa.Column("is_lost", sa.Boolean(), nullable=True))
