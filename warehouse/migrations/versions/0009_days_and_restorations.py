"""Cases note an unreadable end; a load may return its source to an earlier state."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OWN = "(district = (SELECT own_district()))"


def upgrade() -> None:
    """To this revision."""
    on_server = op.get_bind().dialect.name == "postgresql"
    op.add_column("counselling_case", sa.Column("ended_on_unreadable", sa.Boolean(), nullable=True))
    op.create_table(
        "restoration",
        sa.Column("load_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("restored_load", sa.Integer(), nullable=False),
        sa.Column("undone_load", sa.Integer(), nullable=True),
        sa.Column("undone_delivery", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("load_number", name=op.f("pk_restoration")),
    )
    if on_server:
        _keep_apart("restoration", "load_number")


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
