"""An account that works for another district than the configuration's, for all or for none, reads and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.district_server.conftest import OWNER
from tests.district_server.districts import AGS, PURPOSES, Accounts, Exports
from tests.district_server.test_db_commands import call
from warehouse.backup.backup import write_backup
from warehouse.database.district_account import WrongDistrict
from warehouse.database.store import Store
from warehouse.schema.roles import LOADER, admit_login

pytestmark = pytest.mark.thorough

MINE = AGS["a"]

# An account, the command it is used for, and words of the sentence that refuses it.
MISTAKEN = {
    "run": ("kreis_b_loader", ("run",), "works for the district 08992"),
    "status": ("kreis_b_loader", ("status",), "works for the district 08992"),
    "backup": ("kreis_b_loader", ("db", "backup", "{folder}"), "works for the district 08992"),
    "check": ("kreis_b_auditor", ("db", "check"), "works for the district 08992"),
    "restore": ("kreis_b_loader", ("db", "restore", "{file}"), "works for the district 08992"),
    "owner": (OWNER, ("run",), "is in no district"),
    "superuser": ("postgres", ("run",), "is above the policies"),
    "restore_by_owner": (OWNER, ("db", "restore", "{file}", "--force"), "is in no district"),
}


@pytest.mark.parametrize("way", MISTAKEN)
def test_a_mistaken_account_changes_nothing(
    way: str,
    capsys: pytest.CaptureFixture[str],
    both: Accounts,
    exports: dict[str, Exports],
    undisturbed: dict[str, Path],
    tmp_path: Path,
) -> None:
    login, words, refusal = MISTAKEN[way]
    with exports["a"].hub(undisturbed["a"]) as hub:
        write_backup(hub.store, hub.landing, tmp_path / "b.zip", MINE)
    config = str(exports["a"].written(tmp_path, both.url(login)))
    with both.session("postgres") as admin:
        before = admin.execute(
            text("SELECT district, count(*), max(number) FROM load GROUP BY 1 ORDER BY 1")
        ).all()
    status, _, err = call(
        capsys, *(w.format(folder=tmp_path, file=tmp_path / "b.zip") for w in words), "-c", config
    )
    assert status == 2 and refusal in err and MINE in err
    with both.session("postgres") as admin:
        assert (
            admin.execute(
                text("SELECT district, count(*), max(number) FROM load GROUP BY 1 ORDER BY 1")
            ).all()
            == before
        )
    assert sorted(p.name for p in tmp_path.glob("*.zip")) == ["b.zip"]


# What an account is made to be besides a loader, and who it is a member of; each would see or write more than one district.
ABOVE = {
    "bypassing": ("BYPASSRLS", None),
    "bypassing_member": ("BYPASSRLS", MINE),
    "becoming_one_that_bypasses": ("", MINE),
    "unlisted": ("", None),
}


@pytest.mark.parametrize("way", ABOVE)
def test_an_account_that_is_above_the_districts_or_in_none_is_refused(
    way: str, both: Accounts
) -> None:
    power, member = ABOVE[way]
    with both.session("postgres") as admin:
        for login, words in (
            ("kreis_x_loader", f"LOGIN {power}"),
            ("bypassing_group", "BYPASSRLS"),
        ):
            if not admin.execute(
                text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": login}
            ).first():
                admin.execute(text(f"CREATE ROLE {login}"))
            admin.execute(
                text(
                    f"ALTER ROLE {login} {words if 'BYPASSRLS' in words else words + ' NOBYPASSRLS'}"
                )
            )
        admin.execute(text("ALTER ROLE kreis_x_loader RESET role"))
        admit_login(admin, "bypassing_group", LOADER, None)
        admit_login(admin, "kreis_x_loader", LOADER, member)
        if way.startswith("becoming"):
            admin.execute(text("GRANT bypassing_group TO kreis_x_loader"))
            admin.execute(text("ALTER ROLE kreis_x_loader SET role = bypassing_group"))
        admin.commit()
    with pytest.raises(
        WrongDistrict, match="in no district" if way == "unlisted" else "above the policies"
    ):
        Store(both.url("kreis_x_loader"), ags=MINE)


def test_where_no_districts_are_kept_apart_nobody_has_to_be_listed(accounts: Accounts) -> None:
    with accounts.session("postgres") as admin:
        admin.execute(text("DELETE FROM district_member"))
        admin.commit()
    for login in (*(f"kreis_a_{purpose}" for purpose in PURPOSES), OWNER, "postgres"):
        Store(accounts.url(login), ags="08999").close()
