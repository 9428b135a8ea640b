"""Walks one list page by page into the working folder and notices if it changes meanwhile."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from connectors.enaio.messages import cannot_fetch_error
from connectors.enaio.objects import parse_objects
from connectors.enaio.replies import NotAPage, Reply, parse_json
from connectors.enaio.settings import Paging
from connectors.enaio.working_folder import StoredPage, WorkingFolder

LOG = logging.getLogger(__name__)


class ListChanged(Exception):
    """The list changed while it was walked; ``walk_pass`` must then be started afresh."""


@dataclass(frozen=True)
class Page:
    """What paging needs of an answer.

    ``ids`` are in the order of the list; ``more`` says whether pages follow (None: unknown);
    ``total`` is the size of the list where the server's count can be trusted.
    """

    ids: tuple[str, ...]
    more: bool | None
    total: int | None = None


@dataclass(frozen=True)
class Pass:
    """A list to walk: the folder of its pages, the name of its object type, how to ask for a page.

    ``ask`` takes the number of objects to skip and the size of the page.
    """

    folder: str
    type: str
    ask: Callable[[int, int], Reply[Page]]


def walk_pass(
    step: Pass, work: WorkingFolder, paging: Paging, sleep: Callable[[float], None]
) -> list[str]:
    """Walks a pass, stores its pages and returns all ids, each once and in order.

    Pages that are already in the working folder are not requested again. Raises ListChanged and
    CannotFetch.
    """
    walk = _Walk(work, paging, step)
    while walk.more:
        walk.fetch_page()
        if walk.more and paging.pause_seconds:
            sleep(paging.pause_seconds)
    return walk.ids


class _Walk:
    """The progress of one pass: the ids so far, whether more follow, the number of pages."""

    def __init__(self, work: WorkingFolder, paging: Paging, step: Pass) -> None:
        self._work, self._paging, self._step = work, paging, step
        stored = work.pages.get(step.folder, [])
        self.ids = [object_id for page in stored for object_id in self._new_ids(page)]
        self.more = stored[-1].more if stored else True
        self._seen = set(self.ids)
        self._asked = len(stored)
        self._usual = len(self._page_ids(stored[0])) if stored else 0

    def fetch_page(self) -> None:
        """Requests and stores the next page."""
        self._asked += 1
        if self._asked > self._paging.most_pages:
            raise cannot_fetch_error("too_many_pages", type=self._step.type)
        reply, overlap = self._ask_fitting()
        page = reply.value
        self._usual = self._usual or len(page.ids)
        new = page.ids[overlap:]
        self.more = self._has_more(page, len(new))
        if page.total is not None and not self.more and page.total != len(self.ids) + len(new):
            raise ListChanged
        if new or not self.ids:
            self._store_page(reply.body, len(new))
        self.ids.extend(new)
        self._seen.update(new)

    def _store_page(self, body: bytes, new: int) -> None:
        folder, count = self._step.folder, len(self.ids)
        self._work.store_page(folder, body, count + 1, count + new, self.more)
        digest = hashlib.sha256(body).hexdigest()[:12]
        LOG.info("%s: page %d, %d objects, sha256 %s", folder, self._asked, new, digest)

    def _new_ids(self, page: StoredPage) -> list[str]:
        """The ids that a stored page adds, without the overlap with the page before."""
        count = page.last - page.first + 1
        return self._page_ids(page)[-count:] if count > 0 else []

    def _page_ids(self, page: StoredPage) -> list[str]:
        return [found.id for found in parse_objects(parse_json(self._work.read_page(page)))]

    def _ask_fitting(self) -> tuple[Reply[Page], int]:
        """The next page and its overlap; a page that does not continue the list is asked again."""
        skip = max(0, len(self.ids) - self._paging.overlap)
        expected = tuple(self.ids[skip:])
        for _ in range(2):
            reply = self._step.ask(skip, self._paging.size)
            ids = reply.value.ids
            if self._continues_list(ids, expected):
                return reply, len(expected)
        if skip and ids and ids == tuple(self.ids[: len(ids)]):
            raise cannot_fetch_error("paging_ignored", type=self._step.type)
        raise ListChanged

    def _continues_list(self, ids: tuple[str, ...], expected: tuple[str, ...]) -> bool:
        """Whether a page begins with the expected overlap and then has only ids not yet seen."""
        overlap, new = ids[: len(expected)], ids[len(expected) :]
        return overlap == expected and len(set(new)) == len(new) and self._seen.isdisjoint(new)

    def _has_more(self, page: Page, new: int) -> bool:
        """Whether another page must be requested.

        Where the server does not say, a page shorter than the first is the last. A short first page
        proves nothing, since the server may limit pages to less than requested.
        """
        if page.more is None:
            return new > 0 and (not self.ids or len(page.ids) >= self._usual)
        if page.more and not new:
            raise ListChanged
        return page.more


def parse_count(value: object) -> int:
    """Parses a count as the server writes it; raises NotAPage."""
    if isinstance(value, bool) or not str(value).isdecimal():
        raise NotAPage("a count is no number")
    return int(str(value))
