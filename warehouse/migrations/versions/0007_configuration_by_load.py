"""Registers get history, and each load keeps the texts of its mapping, code lists and catalogue.

What the registers hold at the upgrade counts as in force at every load made before it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# table → its key, and its columns for an engine that cannot change a key
REGISTERS = {
    "municipality": (
        "ags",
        {"ags": "VARCHAR(8) NOT NULL", "name": "VARCHAR(200) NOT NULL", "team": "VARCHAR(200)"},
    ),
    "team": ("name", {"name": "VARCHAR(200) NOT NULL"}),
    "carrier": ("key", {"key": "VARCHAR(64) NOT NULL", "name": "VARCHAR(200) NOT NULL"}),
    "source_register": ("source", {"source": "VARCHAR(64) NOT NULL", "carrier": "VARCHAR(64)"}),
    "staff": (
        "source, name",
        {
            "source": "VARCHAR(64) NOT NULL",
            "name": "VARCHAR(200) NOT NULL",
            "qualification": "VARCHAR(40)",
        },
    ),
    "funding": (
        "source, name, funded_from",
        {
            "source": "VARCHAR(64) NOT NULL",
            "name": "VARCHAR(200) NOT NULL",
            "funded_from": "DATE NOT NULL",
            "funded_until": "DATE",
            "vzae": "NUMERIC(4, 2)",
            "grant_name": "VARCHAR(200)",
        },
    ),
}
OWN = "(district = (SELECT own_district()))"


def upgrade() -> None:
    """To this revision."""
    on_server = op.get_bind().dialect.name == "postgresql"
    for table, (key, columns) in REGISTERS.items():
        _alter_register(table, key) if on_server else _rebuild_register(table, key, columns)
    op.create_table(
        "configuration_text",
        sa.Column("sha256", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_configuration_text")),
    )
    op.create_table(
        "load_configuration",
        sa.Column("load_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("load_number", "kind", "name", name=op.f("pk_load_configuration")),
    )
    if on_server:
        _keep_apart("configuration_text", "sha256")
        _keep_apart("load_configuration", "load_number, kind, name")


def _alter_register(table: str, key: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD COLUMN known_from integer NOT NULL DEFAULT 1")
    op.execute(f"ALTER TABLE {table} ALTER COLUMN known_from DROP DEFAULT")
    op.execute(f"ALTER TABLE {table} ADD COLUMN known_to integer")
    _set_key(table, f"{key}, known_from")


def _rebuild_register(table: str, key: str, columns: dict[str, str]) -> None:
    """DuckDB changes no primary key: the rows move to a table made anew."""
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    own = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    op.execute(
        f"CREATE TABLE {table} ({own}, known_from INTEGER NOT NULL, known_to INTEGER, "
        f"CONSTRAINT pk_{table} PRIMARY KEY ({key}, known_from))"
    )
    op.execute(f"INSERT INTO {table} SELECT {', '.join(columns)}, 1, NULL FROM {table}_before")
    op.execute(f"DROP TABLE {table}_before")


def _keep_apart(table: str, key: str) -> None:
    """Adds the district and its policy, as revision 0002 did for the tables before."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN district text NOT NULL DEFAULT own_district()")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_district_only ON {table} USING {OWN} WITH CHECK {OWN}")
    _set_key(table, key)


def _set_key(table: str, key: str) -> None:
    op.execute(
        f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}, ADD CONSTRAINT pk_{table} PRIMARY KEY (district, {key})"
    )
