"""Whether a referral led to something, where a source says so."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("conversation_referral", sa.Column("had_result", sa.Boolean(), nullable=True))
