"""Rights of a person: requests, marks on records, erasures, and which landed files they rewrote."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OWN = "(district = (SELECT own_district()))"
KEYS = {
    "person_request": "number",
    "record_mark": "number",
    "erasure": "erasure_id",
    "landing_rewrite": "erasure_id, delivery_id, old_sha256",
    "kept_sum": "load_number, name",
}
# What people write, and who: no statistics, as of all such columns since revision 0006.
WORDS = (
    ("person_request", "subject"),
    ("person_request", "reason"),
    ("person_request", "made_by"),
    ("record_mark", "source_key"),
    ("record_mark", "reason"),
    ("record_mark", "made_by"),
    ("erasure", "made_by"),
)


def upgrade() -> None:
    """To this revision."""
    _create_requests()
    _create_marks()
    _create_erasures()
    if op.get_bind().dialect.name == "postgresql":
        for table, key in KEYS.items():
            _keep_apart(table, key)
        for table, column in WORDS:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def _create_requests() -> None:
    op.create_table(
        "person_request",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_person_request")),
    )


def _create_marks() -> None:
    op.create_table(
        "record_mark",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("source_key", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_record_mark")),
    )


def _create_erasures() -> None:
    op.create_table(
        "erasure",
        sa.Column("erasure_id", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("known_load", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "landing_rewrite",
        sa.Column("erasure_id", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("delivery_id", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("old_sha256", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("new_sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "erasure_id", "delivery_id", "old_sha256", name=op.f("pk_landing_rewrite")
        ),
    )
    op.create_table(
        "kept_sum",
        sa.Column("load_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("load_number", "name", name=op.f("pk_kept_sum")),
    )


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
