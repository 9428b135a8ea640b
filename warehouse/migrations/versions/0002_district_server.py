"""On PostgreSQL: every row belongs to a district, and a role sees the rows of its own district only. DuckDB holds one district."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ENTITIES = (
    "person",
    "residence_status",
    "housing",
    "municipality_residence",
    "language_level",
    "education_work",
    "household",
    "household_member",
    "counselling_case",
    "conversation",
    "conversation_participant",
    "conversation_topic",
    "conversation_referral",
    "plan",
    "plan_participant",
    "goal",
    "consent",
    "consent_data_group",
)
KEYED = {
    "delivery": "delivery_id",
    "load": "number",
    "acceptance": "delivery_id",
    "table_balance": "delivery_id, file, table_name",
    "entity_balance": "delivery_id, file, table_name, entity",
    "transmission": "transmission_id",
    "municipality": "ags",
    "team": "name",
    "carrier": "key",
    "source_register": "source",
    "staff": "source, name",
    "funding": "source, name, funded_from",
}
OTHERS = ("finding", "quarantine", "person_link")
MEMBERS = """
CREATE TABLE district_member (
    role_name text PRIMARY KEY,
    district text NOT NULL
);
COMMENT ON TABLE district_member IS 'which login role works for which district (AGS); who is not listed works for the only one';
"""
# session_user, because inside a SECURITY DEFINER function current_user is the owner; SET ROLE changes neither. The table is named
# with its schema and pg_temp comes last: a temporary table of the same name would else be believed.
FUNCTION = """
CREATE FUNCTION own_district() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT m.district FROM {schema}.district_member m WHERE m.role_name = session_user), '')
$$;
"""


def upgrade() -> None:
    """Adds the district to every table, to the keys, and a policy to each; nothing on other engines."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    op.execute(MEMBERS)
    op.execute(FUNCTION.format(schema=schema))
    for table in (*ENTITIES, *KEYED, *OTHERS):
        op.execute(f"ALTER TABLE {table} ADD COLUMN district text NOT NULL DEFAULT own_district()")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        # Without FORCE the owner of the tables, who often runs the hub, would see every district.
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        own = "(district = (SELECT own_district()))"
        op.execute(f"CREATE POLICY own_district_only ON {table} USING {own} WITH CHECK {own}")
    for table, key in KEYED.items():
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}, ADD CONSTRAINT pk_{table} PRIMARY KEY (district, {key})"
        )
    for table in ENTITIES:
        op.execute(
            f"CREATE INDEX ix_{table}_known ON {table} (district, source, source_key) WHERE known_to IS NULL"
        )
