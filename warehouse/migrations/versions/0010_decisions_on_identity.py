"""Tables for decisions on identity, compared pairs, the models of their weights, and the record that each person's id belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEYS = {
    "identity_decision": "number",
    "identity_pair": None,
    "person_anchor": "person_id",
    "identity_model": "number",
}
OWN = "(district = (SELECT own_district()))"
# What people write, and who: no statistics, as of all such columns since revision 0006.
WORDS = (
    ("identity_decision", "reason"),
    ("identity_decision", "decided_by"),
    ("identity_model", "content"),
    ("identity_model", "trained_by"),
)
# Each id belongs to the record that has it now, of several to the one that had it first. An id that gave way to another one keeps
# giving way: it counts as younger than the one that took over. "owner": the delivery by which the key went to that human being.
FILL = """
INSERT INTO person_anchor ({district}person_id, minted_load, source, source_key, owner)
SELECT {of_handed}h.person_id, h.minted, h.source, h.source_key, coalesce(l.delivery_id, '')
FROM (
    SELECT {of_first}f.person_id, f.minted, f.source, f.source_key, max(r.known_from) AS handed
    FROM (
        SELECT {district}person_id, source, source_key, known_from,
            CASE WHEN max(CASE WHEN known_to IS NULL THEN 1 ELSE 0 END) OVER person = 1
                THEN min(known_from) OVER person ELSE max(known_to) OVER person + 1 END AS minted,
            row_number() OVER (
                PARTITION BY {district}person_id
                ORDER BY CASE WHEN known_to IS NULL THEN 0 ELSE 1 END, known_from, source, source_key
            ) AS place
        FROM person_link
        WHERE rule <> 'key_reused'
        WINDOW person AS (PARTITION BY {district}person_id)
    ) f
    LEFT JOIN person_link r ON {same_reuse} r.rule = 'key_reused' AND r.source = f.source AND r.source_key = f.source_key
        AND r.known_from <= f.known_from AND NOT EXISTS (
            SELECT 1 FROM restoration t
            WHERE {same_return} t.source = r.source AND t.restored_load < r.known_from AND t.load_number > r.known_from
        )
    WHERE f.place = 1
    GROUP BY {of_first}f.person_id, f.minted, f.source, f.source_key
) h
LEFT JOIN load l ON {same_load} l.number = h.handed
"""
SAME = {
    "district": "district, ",
    "of_handed": "h.district, ",
    "of_first": "f.district, ",
    "same_reuse": "r.district = f.district AND",
    "same_return": "t.district = r.district AND",
    "same_load": "l.district = h.district AND",
}


def upgrade() -> None:
    """To this revision."""
    on_server = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "identity_decision",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *_pair(),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("known_load", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_identity_decision")),
    )
    op.create_table(
        "identity_pair",
        *_pair(),
        sa.Column("band", sa.String(length=20), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("against", sa.Text(), nullable=False),
        sa.Column("known_from", sa.Integer(), nullable=False),
    )
    op.create_table(
        "person_anchor",
        sa.Column("person_id", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("minted_load", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("source_key", sa.String(length=400), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_anchor")),
    )
    op.create_table(
        "identity_model",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("trained_load", sa.Integer(), nullable=False),
        sa.Column("trained_by", sa.String(length=200), nullable=False),
        sa.Column("trained_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_identity_model")),
    )
    if on_server:
        for table, key in KEYS.items():
            _keep_apart(table, key)
        for table, column in WORDS:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
        _fill_server()
    else:
        op.execute(FILL.format(**dict.fromkeys(SAME, "")))


def _pair() -> list[sa.Column[str]]:
    """The two records of a pair."""
    return [
        sa.Column(f"{side}_{name}", sa.String(length=n), nullable=False)
        for side in ("a", "b")
        for name, n in (("source", 64), ("key", 400))
    ]


def _fill_server() -> None:
    """Fills the anchors of all districts: without row security, as the owner would see but one."""
    tables = ("person_link", "restoration", "load", "person_anchor")
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(FILL.format(**SAME))
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _keep_apart(table: str, key: str | None) -> None:
    """Adds the district and its policy, as revision 0002 did for the tables before."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN district text NOT NULL DEFAULT own_district()")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_district_only ON {table} USING {OWN} WITH CHECK {OWN}")
    if key is None:
        return
    op.execute(
        f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}, "
        f"ADD CONSTRAINT pk_{table} PRIMARY KEY (district, {key})"
    )
