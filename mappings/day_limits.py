"""Says which days a field can hold: shipped limits, overlaid by a district's and a mapping's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy import Date

from mappings.engine.day_span import DaySpan
from mappings.problems import did_you_mean
from mappings.yaml_file import read_model
from warehouse.schema import ENTITIES

FILE = Path(__file__).parent / "days.yaml"
DELIVERY = "delivery"
_YEARS = re.compile(r"([0-9]{1,4}) years?")
_FORMS = "a day such as 2010-01-01, 'delivery', or so many years such as '5 years'"


class DayLimits(BaseModel):
    """The limits of one field, as they stand in the YAML; None: as before it is overlaid."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    earliest: date | str | None = None
    latest: date | str | None = None
    not_before: str | None = None

    @field_validator("earliest", "latest")
    @classmethod
    def _is_a_limit(cls, value: date | str | None) -> date | str | None:
        if not isinstance(value, str) or value == DELIVERY or _YEARS.fullmatch(value):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"is no limit of a day; write {_FORMS}") from None

    def overlaid_by(self, other: DayLimits | None) -> DayLimits:
        """These limits where the other ones name none."""
        named = other.model_dump(exclude_none=True) if other else {}
        return self.model_copy(update=named)

    def as_span(self, on: date) -> DaySpan:
        """The days that the limits admit in a delivery of the day ``on``."""
        return DaySpan(
            _resolve_limit(self.earliest, on, -1) or date.min,
            _resolve_limit(self.latest, on, +1) or date.max,
            ends_with_delivery=self.latest == DELIVERY,
        )


NO_LIMITS = DayLimits()
# Field (entity and name, "case.ended_on") → limits.
Limits = Mapping[str, DayLimits]


class _DaysFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    source: str
    fields: dict[str, DayLimits]


@cache
def load_day_limits() -> Limits:
    """The shipped limits of mappings/days.yaml; YamlProblems where it is wrong."""
    return read_model(FILE, _DaysFile).fields


@cache
def read_day_limits() -> str:
    """The text of mappings/days.yaml."""
    return FILE.read_bytes().decode()


def overlay_limits(*layers: Limits) -> dict[str, DayLimits]:
    """The shipped limits, overlaid by each layer in turn."""
    found = dict(load_day_limits())
    for layer in layers:
        for name, limits in layer.items():
            found[name] = found.get(name, NO_LIMITS).overlaid_by(limits)
    return found


@cache
def list_date_fields() -> tuple[str, ...]:
    """All fields that hold a day, as entity and name."""
    return tuple(
        f"{entity.name}.{column.name}"
        for entity in ENTITIES.values()
        for column in entity.table.columns
        if isinstance(column.type, Date)
    )


def check_limits(own: Mapping[str, object]) -> Iterator[tuple[tuple[str, ...], str, str | None]]:
    """What is wrong with limits of one's own: path below them, message, suggestion.

    ``own``: field → the field that has to come before it, if one is named.
    """
    known = list_date_fields()
    for name, begin in own.items():
        first = f"{name.partition('.')[0]}.{begin}"
        if name not in known:
            yield (name,), f"'{name}' is no field with a day", did_you_mean(name, known)
        elif begin and (first not in known or first == name):
            hint = did_you_mean(first, known)
            yield (name, "not_before"), f"'{begin}' is no other day of the row", hint


def _resolve_limit(limit: date | str | None, on: date, direction: int) -> date | None:
    if limit is None or isinstance(limit, date):
        return limit
    match = _YEARS.fullmatch(limit)
    year = on.year + direction * (int(match[1]) if match else 0)
    if not date.min.year <= year <= date.max.year:
        return None
    # Of a 29 February, the day before in a common year.
    return on.replace(year=year, day=28 if (on.month, on.day) == (2, 29) else on.day)
