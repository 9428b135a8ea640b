"""Registers of staff, posts and grants, of reasons for a longer counselling; submissions and their states."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OWN = "(district = (SELECT own_district()))"
KEY, DAY, VZAE, EUR = sa.String(length=200), sa.Date(), sa.Numeric(4, 2), sa.Numeric(12, 2)
# table → the columns of its key, then the others; each register has known_from and known_to behind them
REGISTERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "grant_period": (
        {"key": KEY},
        {
            "applicant": KEY,
            "begun_on": DAY,
            "ended_on": DAY,
            "amount": EUR,
            "evidence_sent_on": DAY,
            "report_sent_on": DAY,
        },
    ),
    "post": (
        {"key": KEY},
        {"carrier": KEY, "grant_key": KEY, "vzae": VZAE, "begun_on": DAY, "ended_on": DAY},
    ),
    "post_municipality": ({"post": KEY, "ags": sa.String(length=8)}, {}),
    "staff_member": (
        {"key": KEY},
        {
            "carrier": KEY,
            "qualification": sa.String(length=40),
            "hired_on": DAY,
            "training_begun_on": DAY,
            "training_finished_on": DAY,
        },
    ),
    "staff_name": ({"source": KEY, "name": sa.String(length=200)}, {"member": KEY}),
    "post_holding": (
        {"member": KEY, "post": KEY, "begun_on": DAY},
        {
            "ended_on": DAY,
            "vzae": VZAE,
            "grant_key": KEY,
            "staff_cost": EUR,
            "training_cost": EUR,
        },
    ),
    "interruption": (
        {"member": KEY, "begun_on": DAY},
        {"ended_on": DAY, "reason": sa.String(length=200)},
    ),
    "counselling_extension": (
        {"source": KEY, "person_key": sa.String(length=400), "until": DAY},
        {"reason": sa.String(length=400)},
    ),
}
# What people write, and who: no statistics, as of all such columns since revision 0006.
WORDS = (
    ("staff_member", "key"),
    ("staff_name", "member"),
    ("post_holding", "member"),
    ("interruption", "member"),
    ("staff_name", "name"),
    ("staff_member", "qualification"),
    ("interruption", "reason"),
    ("counselling_extension", "reason"),
    ("counselling_extension", "person_key"),
    ("submission", "prepared_by"),
    ("submission_event", "made_by"),
    ("submission_event", "note"),
)
LEDGER = {"submission": "submission_id", "submission_event": "submission_id, number"}


def upgrade() -> None:
    """To this revision."""
    for table, (key, others) in REGISTERS.items():
        _create_register(table, key, others)
    _create_submission()
    _create_submission_event()
    if op.get_bind().dialect.name == "postgresql":
        _set_up_server()


def _create_register(table: str, key: dict[str, Any], others: dict[str, Any]) -> None:
    op.create_table(
        table,
        *(sa.Column(n, t, autoincrement=False, nullable=False) for n, t in key.items()),
        *_list_own_columns(table),
        *(sa.Column(name, kind, nullable=True) for name, kind in others.items()),
        sa.Column("known_from", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("known_to", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint(*key, "known_from", name=op.f(f"pk_{table}")),
    )


def _list_own_columns(table: str) -> list[sa.Column[Any]]:
    """What only the register of grants has, and needs."""
    if table != "grant_period":
        return []
    return [sa.Column("line", sa.String(length=40), nullable=False)]


def _set_up_server() -> None:
    for table, (key, _) in REGISTERS.items():
        _keep_apart(table, ", ".join((*key, "known_from")))
    for table, columns in LEDGER.items():
        _keep_apart(table, columns)
    for table, column in WORDS:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def _create_submission() -> None:
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


def _create_submission_event() -> None:
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
