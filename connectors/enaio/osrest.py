"""enaio_osrest: asks OSRest, the older interface (AppConnector), by search or by stored query. It knows no deletions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.enaio.fetch_run import IDS, Tools, fetch_all
from connectors.enaio.http import ReadOnlyHttp
from connectors.enaio.messages import cannot_fetch_error
from connectors.enaio.objects import parse_objects
from connectors.enaio.pager import Page, Pass
from connectors.enaio.replies import Reply
from connectors.enaio.settings import Enaio, ObjectType
from connectors.fetch.fetcher import Fetched

API = "/osrest/api"
SEARCH = f"{API}/documents/search"
STORED = f"{API}/documents/storedqueries"
_PROBED = 20


class EnaioOsrest:
    """The fetcher of one source over OSRest."""

    def __init__(self, settings: Enaio, tools: Tools | None = None) -> None:
        self._settings = settings
        self._tools = tools or Tools()

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Pages of each type as ``<Type>/<first>-<last>.json``; raises CannotFetch."""
        return fetch_all(
            self._settings,
            lambda line: OsrestQuestions(self._settings, line),
            into,
            remembered,
            self._tools,
        )


class OsrestQuestions:
    """What is asked of OSRest: a search by type with its columns as schema, or a query that the administrator keeps."""

    def __init__(self, settings: Enaio, line: ReadOnlyHttp) -> None:
        self._settings = settings
        self._line = line

    def check_columns(self, kinds: tuple[ObjectType, ...]) -> None:
        """The service answers, and some objects of each type name every column; raises CannotFetch."""
        self._line.get_json(f"{API}/serviceinfo", lambda value: value)
        for kind in kinds:
            found = self._page_asker(kind, kind.columns, parse_objects)(0, _PROBED).value
            named = {name.casefold() for thing in found for name in thing.names}
            for column in kind.columns if found and self._settings.empty_named else ():
                if column.casefold() not in named:
                    raise cannot_fetch_error("column_missing", type=kind.name, column=column)

    def plan_data(self, kind: ObjectType, since: str | None) -> Pass:
        return Pass(kind.name, kind.name, self._page_asker(kind, kind.columns, _parse_page))

    def plan_ids(self, kind: ObjectType, since: str | None) -> Pass:
        return Pass(
            f"{IDS}/{kind.name}", kind.name, self._page_asker(kind, kind.columns[:1], _parse_page)
        )

    def plan_deleted(self, kind: ObjectType) -> Pass | None:
        return None

    def plan_living(self, kind: ObjectType, part: int, keys: Sequence[str]) -> Pass | None:
        return None

    def _page_asker(
        self, kind: ObjectType, columns: tuple[str, ...], shape: Callable[[object], Any]
    ) -> Callable[[int, int], Reply[Any]]:
        def ask_page(skip: int, size: int) -> Reply[Any]:
            params = {"pagesize": str(size), "offset": str(skip)}
            if kind.stored_query:
                fields = {name: {"value": value} for name, value in kind.only.items()}
                return self._line.post_search(
                    f"{STORED}/{kind.stored_query}", {"fields": fields}, params, shape
                )
            return self._line.post_search(
                SEARCH, _search_question(kind, columns, skip, size), params, shape
            )

        return ask_page


def _search_question(
    kind: ObjectType, columns: tuple[str, ...], skip: int, size: int
) -> dict[str, Any]:
    """A search; the order is that of ``sort_by``, else of the first column, because without one pages may shift."""
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
    fields = {name: {"value": value} for name, value in kind.only.items()}
    query = {"objectTypeId": kind.type_id, "fields": fields, "result_config": result}
    return {"query": query, "additionalQueries": []}


def _parse_page(value: object) -> Page:
    return Page(tuple(thing.id for thing in parse_objects(value)), None)
