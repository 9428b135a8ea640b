"""Checks that a database account works for the district of the configuration."""

from __future__ import annotations

from sqlalchemy import Connection, text

from warehouse.errors import WrongAccess

_KEEPS_APART = "SELECT to_regprocedure('own_district()') IS NOT NULL"
_ACCOUNT = """
SELECT session_user::text, own_district(), bool_or(rolsuper OR rolbypassrls)
FROM pg_roles WHERE rolname IN (session_user, current_user)
"""
# Finds rows only for an account above the policies.
_OTHERS = "SELECT EXISTS (SELECT 1 FROM delivery WHERE district <> own_district())"
# Before revision 0006 only accounts with the right to read the table could find out.
_ASKED = """
SELECT to_regprocedure('keeps_districts_apart()') IS NOT NULL,
  has_table_privilege('district_member', 'SELECT')
"""
_ADMIT = "drehscheibe db rights --user ADMINISTRATOR --login {} --role loader --district {}"


class WrongDistrict(WrongAccess):
    """Account, backup and configuration belong to different districts."""


def check_district(connection: Connection, ags: str) -> None:
    """Raises WrongDistrict unless the account works for this district or the server has only one.

    Rows written by a wrong account would count in the figures of another district. An embedded
    warehouse has no accounts.
    """
    if (
        connection.dialect.name != "postgresql"
        or not connection.execute(text(_KEEPS_APART)).scalar_one()
    ):
        return
    account, own, above = connection.execute(text(_ACCOUNT)).one()
    if own not in ("", ags):
        raise WrongDistrict(
            f"the database account {account} works for the district {own}, "
            f"the configuration is that of {ags}; "
            "name the account of this district in 'warehouse', or correct 'district.ags'"
        )
    in_none = not own and _has_several_districts(connection)
    if above and (in_none or connection.execute(text(_OTHERS)).scalar_one()):
        raise WrongDistrict(
            f"the database account {account} is above the policies "
            "that keep the districts of this server apart; "
            f"use an account of the district {ags} that is no superuser"
        )
    if in_none:
        raise WrongDistrict(
            f"the database account {account} is in no district, "
            "and this server keeps districts apart; "
            f"use an account of the district {ags}, or enter this one: "
            f"{_ADMIT.format(account, ags)}"
        )


def _has_several_districts(connection: Connection) -> bool:
    may_ask, may_read = connection.execute(text(_ASKED)).one()
    if may_ask:
        return bool(connection.execute(text("SELECT keeps_districts_apart()")).scalar_one())
    return bool(
        may_read and connection.execute(text("SELECT 1 FROM district_member LIMIT 1")).first()
    )
