"""The fetcher enaio_dms, which searches through the DMS service (enaio 9.10 and later)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connectors.enaio.fetch_run import (
    DELETED,
    IDS,
    LIVING,
    EnaioFetcher,
    EnaioInterface,
    require_columns,
)
from connectors.enaio.objects import parse_objects
from connectors.enaio.pager import Page, Pass, parse_count
from connectors.enaio.replies import NotAPage, Reply, T
from connectors.enaio.settings import ObjectType
from connectors.enaio.statement import Statement, build_statement

SEARCH = "/api/dms/objects/search"
_PROBED = 20


class DmsInterface(EnaioInterface):
    """The searches of the DMS service, one per page, ordered by object id."""

    def check_columns(self, kinds: tuple[ObjectType, ...]) -> None:
        """Checks the columns of each type by some of its objects; raises CannotFetch."""
        for kind in kinds:
            statement = build_statement(kind, _all_columns(kind))
            found = self._search_objects(statement, 0, _PROBED, parse_objects).value
            if self.settings.empty_named:
                require_columns(kind, found)

    def plan_data(self, kind: ObjectType, since: str | None) -> Pass:
        return self._make_pass(kind.name, kind, build_statement(kind, _all_columns(kind), since))

    def plan_ids(self, kind: ObjectType, since: str | None) -> Pass:
        return self._make_pass(f"{IDS}/{kind.name}", kind, build_statement(kind, (), since))

    def plan_deleted(self, kind: ObjectType) -> Pass | None:
        if not kind.key:
            return None
        statement = build_statement(kind, kind.key)
        return self._make_pass(f"{DELETED}/{kind.name}", kind, statement, "DELETED_DOCUMENTS_ONLY")

    def plan_living(self, kind: ObjectType, part: int, keys: Sequence[str]) -> Pass:
        statement = build_statement(kind, kind.key, among=keys)
        return self._make_pass(f"{LIVING}/{kind.name}/{part}", kind, statement)

    def _make_pass(
        self,
        folder: str,
        kind: ObjectType,
        statement: Statement,
        deleted: str = "DELETED_DOCUMENTS_EXCLUDE",
    ) -> Pass:
        def ask_page(skip: int, size: int) -> Reply[Page]:
            return self._search_objects(statement, skip, size, self._parse_page, deleted)

        return Pass(folder, kind.name, ask_page)

    def _parse_page(self, value: object) -> Page:
        if not isinstance(value, dict) or not isinstance(value.get("hasMoreItems"), bool):
            raise NotAPage("no hasMoreItems")
        ids = tuple(found.id for found in parse_objects(value))
        total = parse_count(value.get("totalNumItems")) if self.settings.totals_trusted else None
        return Page(ids, value["hasMoreItems"], total)

    def _search_objects(
        self,
        statement: Statement,
        skip: int,
        size: int,
        shape: Callable[[object], T],
        deleted: str = "DELETED_DOCUMENTS_EXCLUDE",
    ) -> Reply[T]:
        options = {"Rights": 0, "RegisterContext": 0, "Baseparams": 0, "FileInfo": 0}
        if self.settings.empty_named:
            options["IncludeNullValues"] = 1
        query = {
            "statement": statement.text,
            "skipCount": skip,
            "maxItems": size,
            "handleDeletedDocuments": deleted,
            "includePermissions": False,
            "options": options,
            "parameters": statement.parameters,
        }
        return self.client.post_search(SEARCH, {"query": query}, {}, shape)


class EnaioDms(EnaioFetcher):
    """The fetcher of one source over the DMS service.

    A fetch of changes also writes deleted objects as ``deleted/<Type>/…`` and living objects with
    the same key as ``living/<Type>/<part>/…``.
    """

    interface = DmsInterface


def _all_columns(kind: ObjectType) -> tuple[str, ...]:
    return (*kind.columns, *kind.key)
