"""The settings of one enaio source: server, object types, paging, changes; checked values only."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from connectors.fetch.http_login import Server

_NAME = re.compile(r"(?:system:)?[^\W\d]\w{0,99}")


def check_identifier(name: str) -> str:
    """Returns the name if it can be one of enaio's internal names; else raises ValueError.

    They consist of letters, digits and "_", optionally with "system:" before.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no internal name of enaio:"
            " only letters, digits and _ (and system: before)"
        )
    return name


@dataclass(frozen=True)
class ObjectType:
    """An object type by its internal name with the columns to fetch.

    ``only`` maps a column to the value (or values) it must have. ``key`` are columns beside the
    object id that identify a deleted object. OSRest needs ``type_id`` (a number) or
    ``stored_query`` (its id), and orders by ``sort_by``.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    only: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, repr=False)
    type_id: str = ""
    stored_query: str = ""
    sort_by: str = ""

    def __post_init__(self) -> None:
        if self.name.startswith("system:") or not self.columns:
            raise ValueError("an object type needs a name of its own and at least one column")
        for name in (self.name, *self.columns, *self.key, *self.only):
            check_identifier(name)
        if self.sort_by:
            check_identifier(self.sort_by)
        if len(set(self.columns)) < len(self.columns):
            raise ValueError(f"a column of {self.name} is named twice")
        for number in filter(None, (self.type_id, self.stored_query)):
            if not re.fullmatch(r"[0-9]{1,18}", number):
                raise ValueError(f"type_id and stored_query of {self.name} are numbers")


@dataclass(frozen=True)
class Paging:
    """Paging of a pass: ``size`` and ``overlap`` count objects.

    ``overlap`` objects are requested again with the next page, to notice if the list shifts; then
    the pass starts afresh, at most ``fresh_starts`` times.
    """

    size: int = 200
    overlap: int = 1
    most_pages: int = 10_000
    fresh_starts: int = 3
    pause_seconds: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.size:
            raise ValueError("overlap must be smaller than size")


@dataclass(frozen=True)
class Changes:
    """How often everything is fetched; in between only changes are (DMS service only).

    ``overlap`` allows for clocks and time zones, at least a day.
    """

    full_every: datetime.timedelta = datetime.timedelta(days=7)
    overlap: datetime.timedelta = datetime.timedelta(days=2)

    def __post_init__(self) -> None:
        if self.overlap < datetime.timedelta(days=1):
            raise ValueError("overlap of changes must be at least one day")


@dataclass(frozen=True)
class Enaio:
    """One enaio source; without ``changes`` every fetch is full.

    ``empty_named`` is whether the server can name empty columns; where it cannot, a wrong column is
    found only if the server refuses the search. ``dms_version`` (such as "6.8.0") decides whether
    total counts are trusted.
    """

    server: Server
    types: tuple[ObjectType, ...]
    api: Literal["dms", "osrest"] = "dms"
    paging: Paging = Paging()
    changes: Changes | None = None
    empty_named: bool = True
    dms_version: str = ""

    def __post_init__(self) -> None:
        self._check_names()
        if self.api == "osrest":
            self._check_osrest()

    def _check_names(self) -> None:
        names = [kind.name.casefold() for kind in self.types]
        if not names or len(set(names)) < len(names):
            raise ValueError("at least one object type, each once")
        if {"deleted", "living"} & set(names):
            raise ValueError(
                "an object type cannot be called deleted or living:"
                " those folders hold what tells of deletions"
            )

    def _check_osrest(self) -> None:
        if self.changes is not None:
            raise ValueError("OSRest knows no deletions: fetch everything (changes: none)")
        if not all(kind.type_id or kind.stored_query for kind in self.types):
            raise ValueError("OSRest needs type_id or stored_query for each object type")
        if not all(isinstance(v, str) for kind in self.types for v in kind.only.values()):
            raise ValueError("OSRest takes one value per condition")

    @property
    def totals_trusted(self) -> bool:
        """Whether total counts are correct, as from version 6.8.0 of the DMS service on."""
        numbers = [int(n) for n in re.findall(r"\d+", self.dms_version)[:2]]
        return numbers >= [6, 8]
