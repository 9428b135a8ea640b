"""What a district states about its enaio: address, login, object types, paging. Plain values, checked; nothing is read here."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from connectors.fetch.http_login import Server

_NAME = re.compile(r"(?:system:)?[^\W\d]\w{0,99}")


def check_identifier(name: str) -> str:
    """The name itself if it is one of enaio's internal names (letters, digits, "_", "system:" before); else ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no internal name of enaio: only letters, digits and _ (and system: before)"
        )
    return name


@dataclass(frozen=True)
class ObjectType:
    """One data set: an object type by its internal name, the columns wanted of it, and optionally fixed conditions.

    ``only`` maps a column to the value (or values) it must have. ``key`` are columns beside the object id that name a
    deleted object. ``type_id`` (a number) or ``stored_query`` (its id) are needed for OSRest; ``sort_by`` orders there.
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
        for name in (
            self.name,
            *self.columns,
            *self.key,
            *self.only,
            *filter(None, [self.sort_by]),
        ):
            check_identifier(name)
        if len(set(self.columns)) < len(self.columns):
            raise ValueError(f"a column of {self.name} is named twice")
        for number in filter(None, (self.type_id, self.stored_query)):
            if not re.fullmatch(r"[0-9]{1,18}", number):
                raise ValueError(f"type_id and stored_query of {self.name} are numbers")


@dataclass(frozen=True)
class Paging:
    """Size of a page, objects asked for twice to notice a shift, most pages of a pass, fresh starts after a shift."""

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
    """How often everything is fetched, and how changes are asked for in between (DMS service only).

    ``overlap`` covers clocks and time zones, at least a day. ``since_format`` is how a date is written in a condition.
    """

    full_every: datetime.timedelta = datetime.timedelta(days=7)
    overlap: datetime.timedelta = datetime.timedelta(days=2)
    since_format: str = "%Y-%m-%d"

    def __post_init__(self) -> None:
        if self.overlap < datetime.timedelta(days=1):
            raise ValueError("overlap of changes must be at least one day")


@dataclass(frozen=True)
class Enaio:
    """Everything about one source. ``changes`` None: every fetch is full.

    ``empty_named``: the server names empty columns when asked to (false for versions that do not know the option: then
    only its own refusal tells of a wrong column). ``dms_version`` (such as "6.8.0") decides whether totals are trusted.
    """

    server: Server
    types: tuple[ObjectType, ...]
    api: Literal["dms", "osrest"] = "dms"
    paging: Paging = Paging()
    changes: Changes | None = None
    empty_named: bool = True
    dms_version: str = ""
    resume_within: datetime.timedelta = datetime.timedelta(hours=24)

    def __post_init__(self) -> None:
        names = [kind.name.casefold() for kind in self.types]
        if not names or len(set(names)) < len(names):
            raise ValueError("at least one object type, each once")
        if {"deleted", "living"} & set(names):
            raise ValueError(
                "an object type cannot be called deleted or living: those folders hold what tells of deletions"
            )
        if self.api == "osrest" and self.changes is not None:
            raise ValueError("OSRest knows no deletions: fetch everything (changes: none)")
        if self.api == "osrest" and any(
            not (kind.type_id or kind.stored_query) for kind in self.types
        ):
            raise ValueError("OSRest needs type_id or stored_query for each object type")
        if self.api == "osrest" and any(
            not isinstance(v, str) for kind in self.types for v in kind.only.values()
        ):
            raise ValueError("OSRest takes one value per condition")

    @property
    def totals_trusted(self) -> bool:
        """Whether the server's total counts are right: from version 6.8.0 of the DMS service on."""
        numbers = [int(n) for n in re.findall(r"\d+", self.dms_version)[:2]]
        return numbers >= [6, 8]
