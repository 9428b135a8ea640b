"""The data shared by several documents: figures, catalogue, units, delivery balances."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NotRequired, Protocol, TypedDict

Known = Literal["F", "A"]
KNOWN_LABEL: Mapping[str, str] = {"F": "belegt", "A": "Annahme"}


@dataclass(frozen=True)
class Figure:
    """One figure; ``unit`` is empty for the whole district.

    ``category`` is a code of our lists, ``label`` its German name.
    """

    indicator: str
    category: str | None
    label: str | None
    unit: Mapping[str, str]
    value: int


@dataclass(frozen=True)
class RevisedFigure:
    """A figure that others have with another value, ``then``; ``submission``: that has it."""

    indicator: str
    category: str | None
    label: str | None
    unit: Mapping[str, str]
    then: int
    now: int
    submission: str


# Indicator, category and unit of a figure.
FigureName = tuple[str, str | None, frozenset[tuple[str, str]]]


# Kind of unit → what people call one.
UNIT_LABELS: Mapping[str, str] = {
    "municipality": "Gemeinde",
    "staff": "Integrationsmanager/in",
    "carrier": "Träger",
    "team": "Regionalteam",
    "source": "Quelle",
}
# Kind of unit → what people call that which belongs to none.
WITHOUT_UNIT = {
    "municipality": "ohne Gemeinde",
    "staff": "ohne Integrationsmanager/in",
    "carrier": "ohne Träger",
    "team": "ohne Team",
}


def name_figure(figure: Figure | RevisedFigure) -> FigureName:
    """The name of a figure."""
    return figure.indicator, figure.category, frozenset(figure.unit.items())


@dataclass(frozen=True)
class Gap:
    """An indicator that some sources of the district, or of a unit, do not deliver.

    ``whole``: none delivers it, so that there is no figure. ``sources`` are names of the
    configuration. ``sign``: what stands in place of the figure, None where there is one.
    """

    indicator: str
    unit: Mapping[str, str]
    sources: Sequence[str]
    whole: bool
    sign: str | None = None


@dataclass(frozen=True)
class LeftOver:
    """What of an indicator belongs to no unit of a kind and counts in the district only."""

    indicator: str
    category: str | None
    label: str | None
    by: str
    value: int


class Category(TypedDict):
    """One category of an indicator; ``known`` says whether it is proven (F) or assumed (A)."""

    code: str
    label: str
    known: Known


class Indicator(TypedDict):
    """One indicator of the catalogue with its definition and the source of that.

    ``categories`` are in the order of the catalogue; ``units`` are the kinds of unit it is counted
    by. ``once_per_unit``: a person counts in each of their units, so units may add up to more.
    """

    indicator: str
    label: str
    categories: Sequence[Category]
    definition: str
    source: str
    known: Known
    units: NotRequired[Sequence[str]]
    once_per_unit: NotRequired[bool]


class Group(TypedDict):
    """A heading of the catalogue with the indicators printed below it."""

    label: str
    indicators: Sequence[Indicator]


class RecordCounts(Protocol):
    """How many records of one kind a delivery added, changed, repeated and ended."""

    @property
    def new(self) -> int: ...

    @property
    def changed(self) -> int: ...

    @property
    def unchanged(self) -> int: ...

    @property
    def gone(self) -> int: ...


class TableBalance(Protocol):
    """The balance of one table of a delivery: its rows, and the records made of them by kind."""

    @property
    def file(self) -> str: ...

    @property
    def table(self) -> str: ...

    @property
    def read(self) -> int: ...

    @property
    def used(self) -> int: ...

    @property
    def rejected(self) -> int: ...

    @property
    def repeated(self) -> int: ...

    @property
    def left_out(self) -> int: ...

    @property
    def left_out_by(self) -> Mapping[str, int]: ...

    @property
    def records(self) -> Mapping[str, RecordCounts]: ...


class Delivery(Protocol):
    """One delivery with the balance of its tables; ``mapping`` is the hash of its mapping."""

    @property
    def source(self) -> str: ...

    @property
    def delivered_on(self) -> date: ...

    @property
    def load(self) -> int | None: ...

    @property
    def state(self) -> str: ...

    @property
    def mapping(self) -> str: ...

    @property
    def tables(self) -> Sequence[TableBalance]: ...


@dataclass(frozen=True)
class Unit:
    """A part of the district that has figures.

    ``key`` is the ``unit`` of those figures, ``title`` the name people use.
    """

    kind: str
    title: str
    key: Mapping[str, str]
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class FigureDocument:
    """What every document with figures is made of.

    ``figures`` are those of the district and of its units, as known at ``load``. ``counted_on``:
    the day on which clients are counted, the last of the period or, in a running one, today.
    ``gaps``: what is not delivered; ``left_over``: what belongs to no unit.
    ``municipalities`` maps AGS to names. ``revised``: the figures that were handed in with another
    value, as ``name_figure`` names them; ``later``: what came after the period, in German.
    """

    district: str
    period_from: date
    period_to: date
    counted_on: date
    as_of: date
    load: int
    created: datetime
    catalogue_version: str
    catalogue: Sequence[Group]
    figures: Sequence[Figure]
    municipalities: Mapping[str, str] = field(default_factory=dict)
    gaps: Sequence[Gap] = ()
    left_over: Sequence[LeftOver] = ()
    revised: Collection[FigureName] = frozenset()
    later: Sequence[str] = ()
