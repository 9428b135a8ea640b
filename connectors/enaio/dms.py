"""enaio_dms: asks the DMS service (enaio 9.10 and later). Paging, repeats and storing are the business of its neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.enaio.fetch_run import DELETED, IDS, LIVING, Tools, fetch_all
from connectors.enaio.http import ReadOnlyHttp
from connectors.enaio.messages import cannot_fetch_error
from connectors.enaio.objects import parse_objects
from connectors.enaio.pager import Page, Pass, total_of
from connectors.enaio.replies import NotAPage, Reply
from connectors.enaio.settings import Enaio, ObjectType
from connectors.enaio.statement import Statement, build_statement
from connectors.fetch.fetcher import Fetched

SEARCH = "/api/dms/objects/search"
_PROBED = 20


class EnaioDms:
    """The fetcher of one source over the DMS service."""

    def __init__(self, settings: Enaio, tools: Tools | None = None) -> None:
        self._settings = settings
        self._tools = tools or Tools()

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Pages of each type as ``<Type>/<first>-<last>.json``; beside changes, the deleted objects as ``deleted/<Type>/…`` and
        living ones with a key of theirs as ``living/<Type>/<part>/…``. Raises CannotFetch."""
        return fetch_all(
            self._settings,
            lambda line: DmsQuestions(self._settings, line),
            into,
            remembered,
            self._tools,
        )


class DmsQuestions:
    """What is asked of the DMS service: one search per page, ordered by object id."""

    def __init__(self, settings: Enaio, line: ReadOnlyHttp) -> None:
        self._settings = settings
        self._line = line

    def check_columns(self, kinds: tuple[ObjectType, ...]) -> None:
        """Some objects of each type with empty columns named too: a column named by none of them does not exist.

        A type without objects proves nothing, and loses nothing. Raises CannotFetch ``column_missing``.
        """
        for kind in kinds:
            statement = build_statement(kind, _all_columns(kind))
            found = self._search_objects(statement, 0, _PROBED, parse_objects).value
            named = {name.casefold() for thing in found for name in thing.names}
            for column in kind.columns if found and self._settings.empty_named else ():
                if column.casefold() not in named:
                    raise cannot_fetch_error("column_missing", type=kind.name, column=column)

    def plan_data(self, kind: ObjectType, since: str | None) -> Pass:
        return self._make_pass(kind.name, kind, build_statement(kind, _all_columns(kind), since))

    def plan_ids(self, kind: ObjectType, since: str | None) -> Pass:
        return self._make_pass(f"{IDS}/{kind.name}", kind, build_statement(kind, (), since))

    def plan_deleted(self, kind: ObjectType) -> Pass | None:
        if not kind.key:
            return None
        return self._make_pass(
            f"{DELETED}/{kind.name}",
            kind,
            build_statement(kind, kind.key),
            deleted="DELETED_DOCUMENTS_ONLY",
        )

    def plan_living(self, kind: ObjectType, part: int, keys: Sequence[str]) -> Pass:
        return self._make_pass(
            f"{LIVING}/{kind.name}/{part}", kind, build_statement(kind, kind.key, among=keys)
        )

    def _make_pass(
        self,
        folder: str,
        kind: ObjectType,
        statement: Statement,
        deleted: str = "DELETED_DOCUMENTS_EXCLUDE",
    ) -> Pass:
        def ask_page(skip: int, size: int) -> Reply[Page]:
            reply: Reply[Page] = self._search_objects(
                statement, skip, size, self._parse_page, deleted
            )
            return reply

        return Pass(folder, kind.name, ask_page)

    def _parse_page(self, value: object) -> Page:
        if not isinstance(value, dict) or not isinstance(value.get("hasMoreItems"), bool):
            raise NotAPage("no hasMoreItems")
        ids = tuple(thing.id for thing in parse_objects(value))
        total = total_of(value.get("totalNumItems")) if self._settings.totals_trusted else None
        return Page(ids, value["hasMoreItems"], total)

    def _search_objects(
        self,
        statement: Statement,
        skip: int,
        size: int,
        shape: Any,
        deleted: str = "DELETED_DOCUMENTS_EXCLUDE",
    ) -> Any:
        query = {
            "statement": statement.text,
            "skipCount": skip,
            "maxItems": size,
            "handleDeletedDocuments": deleted,
            "includePermissions": False,
            "options": {
                "Rights": 0,
                "RegisterContext": 0,
                "Baseparams": 0,
                "FileInfo": 0,
                **self._null_options(),
            },
            "parameters": statement.parameters,
        }
        return self._line.post_search(SEARCH, {"query": query}, {}, shape)

    def _null_options(self) -> dict[str, int]:
        return {"IncludeNullValues": 1} if self._settings.empty_named else {}


def _all_columns(kind: ObjectType) -> tuple[str, ...]:
    return (*kind.columns, *kind.key)
