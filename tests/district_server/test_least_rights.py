"""Each group role can do its work and nothing beside it: analysts count without names, transfer makes the parcel, auditors see no case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import DBAPIError

from pipelines.intake.delivery_status import answer_status
from pipelines.intake.run import run_intake
from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.hand_over import hand_over
from tests.district_server.conftest import OWNER
from tests.district_server.districts import Accounts, Exports, figures
from warehouse.database.store import ConnectionLost, NoRight, Store, WrongSchema, engine_of
from warehouse.migrations import read_revision, upgrade_schema
from warehouse.schema import ENTITIES, metadata
from warehouse.schema.roles import LOADER, ROLES, find_excess_rights, grant_rights

ENTITY_TABLES = sorted(e.table.name for e in ENTITIES.values())
IDENTIFYING = sorted(
    (t.name, c.name)
    for t in metadata.tables.values()
    for c in t.columns
    if c.info["protection"] == "identifying"
)


def denied(accounts: Accounts, login: str, statement: str) -> bool:
    with accounts.session(login) as connection:
        try:
            connection.execute(text(statement))
        except DBAPIError as error:
            return getattr(error.orig, "sqlstate", None) == "42501"
    return False


@pytest.mark.parametrize(
    ("table", "column"), [*IDENTIFYING, ("person", "row_hash"), ("quarantine", "value")]
)
def test_an_analyst_cannot_read_what_names_a_person(
    first_both: Accounts, table: str, column: str
) -> None:
    assert denied(first_both, "kreis_a_analyst", f"SELECT {column} FROM {table}")
    assert denied(first_both, "kreis_a_analyst", f"SELECT * FROM {table}")
    assert denied(
        first_both, "kreis_a_analyst", f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL"
    )
    assert not denied(first_both, "kreis_a_loader", f"SELECT {column} FROM {table}")


@pytest.mark.thorough
def test_an_analyst_has_all_figures(
    first_both: Accounts, exports: dict[str, Exports], undisturbed: dict[str, Path]
) -> None:
    district = exports["a"]
    with (
        district.hub(undisturbed["a"]) as embedded,
        district.hub(district.data, first_both.url("kreis_a_analyst")) as hub,
    ):
        assert figures(hub, district) == figures(embedded, district)
        assert answer_status(hub).load == 8
        with pytest.raises(NoRight):
            run_intake(hub)


def test_the_transfer_account_makes_the_parcel_and_cannot_load(
    both: Accounts, exports: dict[str, Exports], tmp_path: Path
) -> None:
    with exports["b"].hub(exports["b"].data, both.url("kreis_b_transfer")) as hub:
        decision = decide_transfer(hub, "jobcenter", date(2025, 8, 1))
        assert decision.released
        made = hand_over(hub, decision, tmp_path / "parcel")
        records = [record for form in made.released for record in form.records]
        assert len([f for f in made.files if f.endswith(".pdf")]) == len(made.released) + 1
        with pytest.raises(NoRight):
            run_intake(hub)
    with both.session("kreis_b_auditor") as auditor:
        kept = auditor.execute(text("SELECT count(*) FROM transmission")).scalar_one()
    assert kept == len(records) > 0
    assert denied(both, "kreis_a_transfer", "UPDATE person SET sex = 'd'")
    assert denied(both, "kreis_a_transfer", "DELETE FROM transmission")


@pytest.mark.parametrize(
    "table",
    [
        "consent_statement",
        "consent_statement_group",
        "erasure",
        "identity_decision",
        "identity_model",
        "notice",
        "person_request",
        "record_mark",
        "submission",
        "submission_event",
    ],
)
def test_the_transfer_account_adds_to_nothing_else(first_both: Accounts, table: str) -> None:
    assert denied(first_both, "kreis_a_transfer", f"INSERT INTO {table} DEFAULT VALUES")
    # What a source that was removed could bring is asked before every transfer.
    with first_both.session("kreis_a_transfer") as transfer:
        transfer.execute(text("SELECT count(*) FROM configuration_text"))
        transfer.execute(text("SELECT count(*) FROM load_configuration"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transmission SET sha256 = ''",
        "UPDATE transmission SET sent_on = sent_on WHERE false",
        "DELETE FROM transmission",
        "TRUNCATE transmission",
        "ALTER TABLE transmission DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE transmission ADD COLUMN note TEXT",
        "DROP TABLE transmission",
        "CREATE RULE gone AS ON INSERT TO transmission DO INSTEAD NOTHING",
        "CREATE TRIGGER gone BEFORE INSERT ON transmission EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "UPDATE identity_decision SET reason = ''",
        "DELETE FROM identity_decision",
        "SET ROLE hub_owner",
        "INSERT INTO transmission SELECT * FROM transmission "
        "ON CONFLICT ON CONSTRAINT pk_transmission DO UPDATE SET sha256 = ''",
    ],
)
@pytest.mark.parametrize("purpose", ["loader", "transfer"])
def test_a_transmission_is_written_and_never_changed(
    first_both: Accounts, purpose: str, statement: str
) -> None:
    assert denied(first_both, f"kreis_a_{purpose}", statement)


def test_the_loader_writes_transmissions(
    both: Accounts, exports: dict[str, Exports], tmp_path: Path
) -> None:
    with exports["b"].hub(exports["b"].data, both.url("kreis_b_loader")) as hub:
        decision = decide_transfer(hub, "jobcenter", date(2025, 8, 1))
        made = hand_over(hub, decision, tmp_path / "parcel")
        with hub.store.read() as connection:
            kept = connection.execute(text("SELECT count(*) FROM transmission")).scalar_one()
        assert kept == sum(len(form.records) for form in made.released) > 0


def test_rights_of_an_older_version_are_told_and_taken_back(both: Accounts) -> None:
    engine = create_engine(both.admin)
    with engine.begin() as connection:
        connection.execute(text(f"GRANT UPDATE (sha256), DELETE ON transmission TO {LOADER}"))
        (told,) = find_excess_rights(connection)
        assert LOADER in told and "drehscheibe db rights" in told
        grant_rights(connection)
        assert not list(find_excess_rights(connection))
    engine.dispose()
    assert denied(both, "kreis_a_loader", "UPDATE transmission SET sha256 = ''")


def test_an_auditor_sees_the_ledger_and_no_case_data(first_both: Accounts) -> None:
    for table in ("delivery", "load", "table_balance", "entity_balance", "finding", "transmission"):
        assert not denied(first_both, "kreis_a_auditor", f"SELECT * FROM {table}")
    for table in (*ENTITY_TABLES, "person_link", "quarantine"):
        assert denied(first_both, "kreis_a_auditor", f"SELECT 1 FROM {table}")
    for statement in (
        "DELETE FROM load",
        "UPDATE delivery SET state = 'loaded'",
        "INSERT INTO team (name, known_from) VALUES ('x', 1)",
    ):
        assert denied(first_both, "kreis_a_auditor", statement)


def test_every_account_opens_a_warehouse_at_the_newest_schema(first_both: Accounts) -> None:
    for purpose in ("loader", "analyst", "transfer", "auditor"):
        with Store(first_both.url(f"kreis_b_{purpose}")) as store:
            assert store.last_load() == 8


def test_an_account_that_may_not_change_the_schema_says_who_must(
    empty: Callable[[], URL], first_accounts: Accounts
) -> None:
    url = empty()
    with pytest.raises(WrongSchema, match=r"empty.*drehscheibe db upgrade"):
        Store(url.set(username="kreis_a_loader"))
    engine = engine_of(url)
    upgrade_schema(engine, "0001")
    with engine.begin() as connection:
        connection.execute(text("GRANT SELECT ON alembic_version TO kreis_a_loader"))
    with pytest.raises(WrongSchema, match=r"at revision 0001.*drehscheibe db upgrade"):
        Store(url.set(username="kreis_a_loader"))
    with engine.begin() as connection:
        assert read_revision(connection) == "0001"
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WrongSchema, match="install the newer program"):
        Store(url)
    engine.dispose()


def test_what_cannot_be_reached_is_said(first_accounts: Accounts) -> None:
    for wrong in ({"username": "nobody_at_all"}, {"database": "not_there"}):
        with pytest.raises(ConnectionLost, match="cannot be used"):
            Store(first_accounts.admin.set(**wrong))


def test_an_owner_who_may_make_no_roles_upgrades_and_an_admin_gives_the_rights_later(
    empty: Callable[[], URL], first_accounts: Accounts
) -> None:
    url, apart = empty(), "drehscheibe_auditor"
    admin = create_engine(url)
    with admin.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} OWNER TO {OWNER}"))
        # The roles are the whole server's: one is taken away to be as on a new server, and made again below.
        connection.execute(text("ALTER ROLE drehscheibe_auditor RENAME TO set_apart"))
    owner = engine_of(url.set(username=OWNER))
    try:
        done = upgrade_schema(owner)
        assert (done.before, done.rights_given) == (None, False)
        accounts = Accounts(url)
        assert denied(accounts, "kreis_a_loader", "SELECT 1 FROM load")
        with admin.begin() as connection:
            connection.execute(text(f"ALTER ROLE set_apart RENAME TO {apart}"))
        with admin.begin() as connection:
            assert grant_rights(connection)
        assert not denied(accounts, "kreis_a_loader", "SELECT 1 FROM load")
        assert upgrade_schema(owner).before == done.after
    finally:
        owner.dispose()
        with admin.begin() as connection:
            names = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
            if "set_apart" in names:
                connection.execute(text(f"ALTER ROLE set_apart RENAME TO {apart}"))
        admin.dispose()
    assert set(ROLES) <= names
