"""Walks one pass page by page into the working folder and notices when the server's list shifts meanwhile. Knows no HTTP."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from connectors.enaio.messages import cannot_fetch_error
from connectors.enaio.objects import parse_objects
from connectors.enaio.replies import NotAPage, Reply, parse_json
from connectors.enaio.settings import Paging
from connectors.enaio.working_folder import StoredPage, WorkingFolder

LOG = logging.getLogger(__name__)


class ListChanged(Exception):
    """The list changed under the pass; raised by ``Pager.walk``, which must then be started afresh."""


@dataclass(frozen=True)
class Page:
    """What paging needs of an answer: the ids in order, whether more follow (None: not told), the total if it is trusted."""

    ids: tuple[str, ...]
    more: bool | None
    total: int | None = None


@dataclass(frozen=True)
class Pass:
    """One list to be walked: the folder its pages go to, its type's name, and how a page of it is asked for."""

    folder: str
    type: str
    ask: Callable[[int, int], Reply[Page]]


class Pager:
    """Walks passes; a page already in the working folder is not asked for again."""

    def __init__(
        self, work: WorkingFolder, paging: Paging, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._work = work
        self._paging = paging
        self._sleep = sleep

    def walk(self, step: Pass) -> list[str]:
        """All ids of a pass, each once, in order; its pages are then in the folder. Raises Drifted and CannotFetch."""
        ids, stored = self._stored_ids(step)
        seen = set(ids)
        more = stored[-1].more if stored else True
        asked = len(stored)
        usual = self._page_length(stored[0]) if stored else 0
        while more:
            asked += 1
            if asked > self._paging.most_pages:
                raise cannot_fetch_error("too_many_pages", type=step.type)
            reply, kept = self._ask_fitting(step, ids, seen)
            usual = usual or len(reply.value.ids)
            new = reply.value.ids[kept:]
            more = self._has_more(reply.value, usual, first=not ids, new=len(new))
            self._check_total(reply.value, len(ids) + len(new), more)
            if new or not ids:
                self._work.store_page(
                    step.folder, reply.body, len(ids) + 1, len(ids) + len(new), more
                )
                digest = hashlib.sha256(reply.body).hexdigest()[:12]
                LOG.info("%s: page %d, %d objects, sha256 %s", step.folder, asked, len(new), digest)
            ids.extend(new)
            seen.update(new)
            if more and self._paging.pause_seconds:
                self._sleep(self._paging.pause_seconds)
        return ids

    def _stored_ids(self, step: Pass) -> tuple[list[str], list[StoredPage]]:
        """What the folder already holds; a page that cannot be understood any more ends it."""
        ids: list[str] = []
        pages = self._work.pages.get(step.folder, [])
        for page in pages:
            ids += (
                self._page_ids(page)[-(page.last - page.first + 1) :]
                if page.last >= page.first
                else []
            )
        return ids, pages

    def _page_ids(self, page: StoredPage) -> list[str]:
        return [thing.id for thing in parse_objects(parse_json(self._work.read_page(page)))]

    def _page_length(self, page: StoredPage) -> int:
        return len(self._page_ids(page))

    def _ask_fitting(self, step: Pass, ids: list[str], seen: set[str]) -> tuple[Reply[Page], int]:
        """The next page and how many of its objects are the overlap; asked once more if it does not fit on."""
        skip = max(0, len(ids) - self._paging.overlap)
        expected = tuple(ids[skip:])
        reply = step.ask(skip, self._paging.size)
        if not _fits_on(reply.value.ids, expected, seen):
            reply = step.ask(skip, self._paging.size)
        if _fits_on(reply.value.ids, expected, seen):
            return reply, len(expected)
        if skip and reply.value.ids and reply.value.ids == tuple(ids[: len(reply.value.ids)]):
            raise cannot_fetch_error("paging_ignored", type=step.type)
        raise ListChanged

    def _has_more(self, page: Page, usual: int, *, first: bool, new: int) -> bool:
        """Whether another page must be asked for. Where the server does not say, a page shorter than its first is the last;
        a first page shorter than asked for proves nothing: the server may bound pages lower than we do."""
        if page.more is not None:
            if page.more and not new:
                raise ListChanged
            return page.more
        return bool(new) and (first or len(page.ids) >= usual)

    def _check_total(self, page: Page, count: int, more: bool) -> None:
        if page.total is not None and not more and page.total != count:
            raise ListChanged


def _fits_on(ids: tuple[str, ...], expected: tuple[str, ...], seen: set[str]) -> bool:
    new = ids[len(expected) :]
    return ids[: len(expected)] == expected and len(set(new)) == len(new) and seen.isdisjoint(new)


def total_of(value: object) -> int:
    """A count as the server writes it; raises NotAPage."""
    if isinstance(value, bool) or not str(value).isdecimal():
        raise NotAPage("a count is no number")
    return int(str(value))
