"""The fetcher enaio_osrest, which asks OSRest, the older interface (AppConnector).

It searches or runs a stored query. OSRest does not report deletions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.enaio.fetch_run import IDS, EnaioFetcher, EnaioInterface, require_columns
from connectors.enaio.objects import parse_objects
from connectors.enaio.pager import Page, Pass
from connectors.enaio.replies import Reply, T
from connectors.enaio.settings import ObjectType

API = "/osrest/api"
SEARCH = f"{API}/documents/search"
STORED = f"{API}/documents/storedqueries"
_PROBED = 20


class OsrestInterface(EnaioInterface):
    """The searches of OSRest by type and columns, and the queries stored by the administrator."""

    def check_columns(self, kinds: tuple[ObjectType, ...]) -> None:
        """Checks that the service answers and knows the columns; raises CannotFetch."""
        self.client.get_json(f"{API}/serviceinfo", lambda value: value)
        for kind in kinds:
            found = self._ask_page(kind, kind.columns, parse_objects, 0, _PROBED).value
            if self.settings.empty_named:
                require_columns(kind, found)

    def plan_data(self, kind: ObjectType, since: str | None) -> Pass:
        return self._make_pass(kind.name, kind, kind.columns)

    def plan_ids(self, kind: ObjectType, since: str | None) -> Pass:
        return self._make_pass(f"{IDS}/{kind.name}", kind, kind.columns[:1])

    def _make_pass(self, folder: str, kind: ObjectType, columns: tuple[str, ...]) -> Pass:
        def ask_page(skip: int, size: int) -> Reply[Page]:
            return self._ask_page(kind, columns, _parse_page, skip, size)

        return Pass(folder, kind.name, ask_page)

    def _ask_page(
        self,
        kind: ObjectType,
        columns: tuple[str, ...],
        shape: Callable[[object], T],
        skip: int,
        size: int,
    ) -> Reply[T]:
        params = {"pagesize": str(size), "offset": str(skip)}
        if kind.stored_query:
            path, query = f"{STORED}/{kind.stored_query}", {"fields": _fixed_fields(kind)}
        else:
            path, query = SEARCH, _search_query(kind, columns, skip, size)
        return self.client.post_search(path, query, params, shape)


class EnaioOsrest(EnaioFetcher):
    """The fetcher of one source over OSRest."""

    interface = OsrestInterface


def _search_query(
    kind: ObjectType, columns: tuple[str, ...], skip: int, size: int
) -> dict[str, Any]:
    """A search ordered by ``sort_by`` or the first column; without an order pages may shift."""
    first = kind.sort_by or columns[0]
    schema: list[dict[str, Any]] = [{"internalName": first, "sort_pos": 1, "sort_order": "ASC"}]
    schema += [{"internalName": name} for name in columns if name != first]
    result = {
        "fieldsschema_mode": "ALL",
        "fieldsschema": schema,
        "pagesize": size,
        "offset": skip,
        "maxhits": 0,
        "baseParameters": 0,
        "systemFields": 0,
        "fileProperties": 0,
        "export_depth": 1,
        "rights": 0,
    }
    query = {"objectTypeId": kind.type_id, "fields": _fixed_fields(kind), "result_config": result}
    return {"query": query, "additionalQueries": []}


def _fixed_fields(kind: ObjectType) -> dict[str, Any]:
    """The conditions of a type (``only``) as OSRest expects them."""
    return {name: {"value": value} for name, value in kind.only.items()}


def _parse_page(value: object) -> Page:
    return Page(tuple(found.id for found in parse_objects(value)), None)
