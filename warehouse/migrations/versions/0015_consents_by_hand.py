"""Consents and withdrawals by hand, more about consents of the sources, handing over despite an old delivery."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OWN = "(district = (SELECT own_district()))"
NEW_OF_CONSENT: dict[str, Any] = {
    "direction": sa.String(length=20),
    "form_version": sa.String(length=64),
    "form_language": sa.String(length=40),
    "witnessed_by": sa.String(length=200),
    "interpreter": sa.String(length=200),
    "ends_with": sa.String(length=400),
    "released_persons": sa.String(length=1000),
    "own_consent": sa.Boolean(),
    "scan_sha256": sa.String(length=64),
}
# table → the columns of its key
KEYS = {
    "consent_statement": "number",
    "consent_statement_group": "number, data_group",
    "stale_release": "recipient, sent_on, load_number, source, allowed_at",
}
# What people write, and who: no statistics, as of all such columns since revision 0006.
WORDS = (
    ("consent", "witnessed_by"),
    ("consent", "interpreter"),
    ("consent", "released_persons"),
    ("consent", "scan_sha256"),
    ("consent_statement", "person_key"),
    ("consent_statement", "released_persons"),
    ("consent_statement", "guardian"),
    ("consent_statement", "witnessed_by"),
    ("consent_statement", "interpreter"),
    ("consent_statement", "scan_sha256"),
    ("stale_release", "reason"),
)


def upgrade() -> None:
    """To this revision."""
    for name, kind in NEW_OF_CONSENT.items():
        op.add_column("consent", sa.Column(name, kind, nullable=True))
    _create_statement()
    op.create_table(
        "consent_statement_group",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data_group", sa.String(length=40), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number", "data_group", name=op.f("pk_consent_statement_group")),
    )
    _create_stale_release()
    if op.get_bind().dialect.name == "postgresql":
        for table, key in KEYS.items():
            _keep_apart(table, key)
        for table, column in WORDS:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def _create_statement() -> None:
    op.create_table(
        "consent_statement",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("person_key", sa.String(length=400), nullable=False),
        sa.Column("recipient", sa.String(length=64), nullable=True),
        sa.Column("recipient_name", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("purpose_id", sa.String(length=64), nullable=True),
        sa.Column("purpose", sa.String(length=400), nullable=True),
        sa.Column("direction", sa.String(length=20), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("ends_with", sa.String(length=400), nullable=True),
        sa.Column("confidentiality_released", sa.Boolean(), nullable=True),
        sa.Column("released_persons", sa.Text(), nullable=True),
        sa.Column("own_consent", sa.Boolean(), nullable=True),
        sa.Column("guardian", sa.String(length=200), nullable=True),
        sa.Column("form_version", sa.String(length=64), nullable=True),
        sa.Column("form_language", sa.String(length=20), nullable=True),
        sa.Column("witnessed_by", sa.String(length=200), nullable=True),
        sa.Column("interpreter", sa.String(length=200), nullable=True),
        sa.Column("scan_sha256", sa.String(length=64), nullable=True),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("known_from", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_consent_statement")),
    )


def _create_stale_release() -> None:
    op.create_table(
        "stale_release",
        sa.Column("recipient", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("sent_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("load_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("allowed_at", sa.DateTime(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("allowed_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint(
            "recipient",
            "sent_on",
            "load_number",
            "source",
            "allowed_at",
            name=op.f("pk_stale_release"),
        ),
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
