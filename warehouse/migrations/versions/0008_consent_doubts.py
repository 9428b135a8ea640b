"""Consents note unreadable groups; persons with an unreadable consent and parcels get tables."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEYS = {
    "consent_doubt": "source, person_key, known_from",
    "transmission_event": "recipient, sent_on, load_number, event_at",
}
OWN = "(district = (SELECT own_district()))"


def upgrade() -> None:
    """To this revision."""
    on_server = op.get_bind().dialect.name == "postgresql"
    op.add_column("consent", sa.Column("groups_unreadable", sa.Boolean(), nullable=True))
    op.create_table(
        "consent_doubt",
        sa.Column("source", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("person_key", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("known_from", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("said_something", sa.Boolean(), nullable=False),
        sa.Column("known_to", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint(
            "source", "person_key", "known_from", name=op.f("pk_consent_doubt")
        ),
    )
    op.create_table(
        "transmission_event",
        sa.Column("recipient", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("sent_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("load_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_at", sa.DateTime(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint(
            "recipient",
            "sent_on",
            "load_number",
            "event_at",
            name=op.f("pk_transmission_event"),
        ),
    )
    if on_server:
        for table, key in KEYS.items():
            _keep_apart(table, key)


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
