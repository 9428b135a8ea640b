"""Tables for submissions and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEYS = {"submission": "submission_id", "submission_event": "submission_id, number"}
OWN = "(district = (SELECT own_district()))"
# What people write, and who: no statistics, as of all such columns since revision 0006.
WORDS = (
    ("submission", "prepared_by"),
    ("submission_event", "made_by"),
    ("submission_event", "note"),
)


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "submission",
        sa.Column("submission_id", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("load_number", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("open_points", sa.Text(), nullable=False),
        sa.Column("corrects", sa.String(length=64), nullable=True),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("prepared_at", sa.DateTime(), nullable=False),
        sa.Column("prepared_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_submission")),
    )
    op.create_table(
        "submission_event",
        sa.Column("submission_id", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("event_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("receipt_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("submission_id", "number", name=op.f("pk_submission_event")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, key in KEYS.items():
            _keep_apart(table, key)
        for table, column in WORDS:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def _keep_apart(table: str, key: str) -> None:
    """Adds the district and its policy, as revision 0002 did for the tables before."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN district text NOT NULL DEFAULT own_district()")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_district_only ON {table} USING {OWN} WITH CHECK {OWN}")
    op.execute(
        f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}, "
        f"ADD CONSTRAINT pk_{table} PRIMARY KEY (district, {key})"
    )
