"""On a server: no statistics of what says something of a person, and an account can ask whether districts are kept apart.

Estimates of a query would tell values of other districts. An account that was not entered for its district would share the rows of
all that were not.
"""

from alembic import op
from sqlalchemy import Connection

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Names, numbers and free texts. Keys, days and codes stay, without which the server plans badly: how often a code occurs in all
# districts together says nothing of a person, and the figures took 1.4 times as long without.
COLUMNS = {
    "consent": ("row_hash",),
    "consent_data_group": ("row_hash",),
    "conversation": ("staff", "row_hash"),
    "conversation_participant": ("row_hash",),
    "conversation_referral": ("row_hash",),
    "conversation_topic": ("row_hash",),
    "counselling_case": ("staff", "row_hash"),
    "education_work": (
        "school_degree",
        "occupations",
        "qualifications",
        "skills",
        "career_goal",
        "row_hash",
    ),
    "funding": ("name",),
    "goal": ("title", "measure", "row_hash"),
    "household": ("label", "row_hash"),
    "household_member": ("row_hash",),
    "housing": ("row_hash",),
    "language_level": ("language", "row_hash"),
    "municipality_residence": ("row_hash",),
    "person": ("last_name", "first_name", "birth_date", "official_number", "row_hash"),
    "plan": ("row_hash",),
    "plan_participant": ("row_hash",),
    "quarantine": ("value",),
    "residence_status": ("row_hash",),
    "staff": ("name", "qualification"),
    "transmission": ("consent_keys",),
}
# As own_district() is made: by the owner, who alone sees the table, and safe from a temporary table of its name.
_ASKING = """
CREATE FUNCTION keeps_districts_apart() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM {schema}.district_member);
$$;
"""
_FORGETS_SINCE = (18,)
_FORGET = "SELECT pg_clear_attribute_stats(current_schema(), '{table}', '{column}', false)"
_TYPE = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = '{column}'"


def upgrade() -> None:
    """To this revision; nothing on other engines, where nobody else looks at the same tables."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    op.execute(
        _ASKING.format(
            schema=connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        )
    )
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
            _forget(connection, table, column)


def _forget(connection: Connection, table: str, column: str) -> None:
    """Throws away what was gathered so far."""
    if (connection.dialect.server_version_info or ()) >= _FORGETS_SINCE:
        connection.exec_driver_sql(_FORGET.format(table=table, column=column))
        return
    # Naming its own type does it, too, and writes no row anew; but not where someone has made a view of the column.
    kind = connection.exec_driver_sql(_TYPE.format(table=table, column=column)).scalar_one()
    op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}")
