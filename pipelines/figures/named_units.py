"""Finds the unit that somebody names: by its key or its name, among all that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, union

from connectors.documents.figure_data import WITHOUT_UNIT
from mappings.problems import add_suggestion
from pipelines.failures import Failure, Kind
from warehouse.ledger.configuration import read_municipalities, read_teams
from warehouse.schema import conversation, counselling_case

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from pipelines.hub import Hub
    from warehouse.marts.scope import By, Scope


def names_no_unit(by: By | None, word: str) -> bool:
    """Whether a word names what belongs to no unit of the kind."""
    return by in WITHOUT_UNIT and word.casefold() == WITHOUT_UNIT[by].casefold()


class UnknownUnit(Failure):
    """There is no such unit; an answer of 0 would say that it has done nothing."""

    kind = Kind.WRONG_CALL


def find_unit(
    hub: Hub, connection: Connection, scope: Scope, word: str, counted: Collection[str | None]
) -> str:
    """The unit of the scope's kind that is called so; ``counted``: those that a figure names.

    UnknownUnit where there is none. Names of staff are never suggested.
    """
    assert scope.by
    if word in counted:
        return word
    units = _list_units(hub, connection, scope)
    names = {name.casefold(): key for key, name in units.items()}
    found = word if word in units else names.get(" ".join(word.split()).casefold())
    if found is not None:
        return found
    if scope.by == "staff":
        raise UnknownUnit("nobody of this name is recorded as staff; --by staff alone lists them")
    known = [*units, *units.values()]
    raise UnknownUnit(add_suggestion(f"there is no {scope.by} '{word}'", word, known))


def _list_units(hub: Hub, connection: Connection, scope: Scope) -> dict[str, str]:
    """Key → name of all units of a kind, whether anything of them is counted or not."""
    kind: By | None = scope.by
    match kind:
        case "municipality":
            return read_municipalities(connection, scope.known_at)
        case "carrier":
            return {key: one.name for key, one in hub.config.carriers.items()}
        case "team":
            return {name: name for name in read_teams(connection, scope.known_at)}
        case "source":
            return {name: name for name in hub.config.sources}
        case _:
            return _list_staff(connection, scope)


def _list_staff(connection: Connection, scope: Scope) -> dict[str, str]:
    tables = (scope.select_known(table) for table in (conversation, counselling_case))
    named = union(*(select(rows.c.staff) for rows in tables))
    return {name: name for (name,) in connection.execute(named) if name}
