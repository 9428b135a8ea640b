"""The figures of public tables, and the system of sums they form with all that is out already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from mappings.catalogue import Catalogue, Indicator, choose_catalogue
from pipelines.failures import Failure, Kind
from pipelines.figures.kennzahlen import (
    UNKNOWN_LABELS,
    FigureRequest,
    Kennzahlen,
    compute_kennzahlen,
)
from pipelines.publication.atoms import Atom, Spans, cut_periods, list_atoms
from pipelines.publication.layouts import (
    NOWHERE,
    Layout,
    Row,
    find_layout,
    group_categories,
    list_rows,
)
from pipelines.publication.ledger import PrintedCell, Publication
from pipelines.publication.limits import PART_OF, Bound, PrintedLimits, Ranking, bound_parts
from warehouse.gates.suppression import Cell, Limit, State, System
from warehouse.ledger.configuration import read_municipalities, read_teams_by_municipality
from warehouse.marts.indicators import INDICATORS

if TYPE_CHECKING:
    from pipelines.hub import Hub

# Counted on a day, not over a period.
STOCKS = ("clients", "client_records")


class CannotPublish(Failure):
    """The tables cannot be published as asked."""


class WrongPeriod(CannotPublish):
    """The period asked for has no figures to publish."""

    kind = Kind.WRONG_CALL


Unit = frozenset[tuple[str, str]]
# First day (None: a stock) and last day.
Time = tuple[str | None, str]


@dataclass(frozen=True)
class PublicTable:
    """One table: its rows, its columns by head, and the cell of each row and column.

    There is no cell where no source delivers the figure. ``top``: so many categories had columns of
    their own at most.
    """

    indicator: str
    label: str
    rows: Sequence[Row]
    columns: Mapping[str, tuple[str, ...] | None]
    cells: Mapping[tuple[str, str], PrintedCell]
    top: int | None = None

    @property
    def counts_persons(self) -> bool:
        """Whether its categories are those of people and not of what was done."""
        return find_whole(self.indicator) == "clients"


@dataclass
class PublicSystem:
    """The system of sums, and the numbers of its cells that are those of the new tables."""

    system: System
    new: dict[PrintedCell, int] = field(default_factory=dict)


def find_whole(indicator: str) -> str | None:
    """The indicator that the categories of one add up to in every unit; None if there is none.

    ``clients_by_sex`` is a part of ``clients``. Where they do not quite add up, the difference
    counts as known.
    """
    whole, by, _ = indicator.partition("_by_")
    return whole if by and whole in INDICATORS else None


class PublicFigures:
    """The figures of a period as known now, asked by municipality and team, each period once."""

    def __init__(self, hub: Hub, asked: FigureRequest) -> None:
        if asked.first is None or asked.last is None:
            raise WrongPeriod("public tables need a first and a last day")
        if asked.last >= hub.today:
            raise WrongPeriod("the period is not over: tables of it would change and be out twice")
        self.hub, self.asked = hub, asked
        self.catalogue: Catalogue = choose_catalogue(asked.last)
        self._answers: dict[tuple[date, date], Kennzahlen] = {}

    def answer(self, first: date, last: date) -> Kennzahlen:
        """All figures of a period."""
        if (first, last) not in self._answers:
            asked = replace(self.asked, first=first, last=last)
            found = compute_kennzahlen(self.hub, asked, ("municipality", "team"))
            self._answers[first, last] = found
        return self._answers[first, last]

    @cached_property
    def now(self) -> Kennzahlen:
        """The figures of the period asked for."""
        assert self.asked.first and self.asked.last
        return self.answer(self.asked.first, self.asked.last)

    @cached_property
    def places(self) -> dict[str, str]:
        """The municipalities as known: AGS → name."""
        with self.hub.store.read() as connection:
            return read_municipalities(connection, self.hub.known_at(self.asked.as_of))

    @cached_property
    def teams(self) -> dict[str, str | None]:
        """AGS → team, as known: by them the figures are counted."""
        with self.hub.store.read() as connection:
            return read_teams_by_municipality(connection, self.hub.known_at(self.asked.as_of))

    def values(self, first: date, last: date) -> dict[tuple[str, str | None, str], int]:
        """Indicator, category and municipality (or none) → count."""
        answer = self.answer(first, last)
        found = {
            (f.indicator, f.category, f.unit["municipality"]): f.value
            for f in answer.figures
            if set(f.unit) == {"municipality"}
        }
        for one in answer.without_unit:
            if one.by == "municipality":
                found[one.indicator, one.category, NOWHERE] = one.value
        return found


def make_tables(figures: PublicFigures, layout: Layout) -> list[PublicTable]:
    """The tables of a layout with their true values; which are shown is decided later."""
    rows = list_rows(layout, figures.places, figures.teams)
    known = _index_values(figures.now)
    return [
        _make_table(figures, layout, rows, line, known)
        for line in figures.catalogue.indicators()
        if "municipality" in INDICATORS[line.indicator].units
    ]


def _index_values(answer: Kennzahlen) -> dict[tuple[str, str | None, Unit], int]:
    return {(f.indicator, f.category, frozenset(f.unit.items())): f.value for f in answer.figures}


def _make_table(
    figures: PublicFigures,
    layout: Layout,
    rows: Sequence[Row],
    line: Indicator,
    known: Mapping[tuple[str, str | None, Unit], int],
) -> PublicTable:
    name = line.indicator
    gaps = (gap for gap in figures.now.not_delivered if gap.whole and gap.indicator == name)
    lacking = {frozenset(gap.unit.items()) for gap in gaps}
    columns = _name_columns(layout, line, known)
    cells = {
        (row.label, head): _print_cell(figures, known, name, row, codes)
        for row in rows
        for head, codes in columns.items()
        if frozenset(row.unit.items()) not in lacking
    }
    return PublicTable(name, line.label, rows, columns, cells, layout.top)


def _name_columns(
    layout: Layout, line: Indicator, known: Mapping[tuple[str, str | None, Unit], int]
) -> dict[str, tuple[str, ...] | None]:
    """The columns of a table by their heads; None: the whole indicator.

    Where no category counts anything there is one column, for the 0 or for what is not delivered.
    """
    if line.codes is None:
        return {"gesamt": None}
    labels = {code: label or code for code, label in line.labels().items() if code is not None}
    labels |= {str(code): str(label) for code, label in UNKNOWN_LABELS.items()}
    totals = {code: known.get((line.indicator, code, frozenset()), 0) for code in labels}
    return dict(group_categories(layout, totals, labels)) or {"gesamt": None}


def _print_cell(
    figures: PublicFigures,
    known: Mapping[tuple[str, str | None, Unit], int],
    indicator: str,
    row: Row,
    codes: tuple[str, ...] | None,
) -> PrintedCell:
    unit = frozenset(row.unit.items())
    value = sum(known.get((indicator, code, unit), 0) for code in codes or (None,))
    first, last = _time_of(indicator, figures.now)
    return PrintedCell(indicator, codes, row.places, first, last, value, False)


def _time_of(indicator: str, answer: Kennzahlen) -> tuple[str | None, str]:
    """The first day (None: a stock) and the last one that a figure is about."""
    last = answer.period.last
    assert answer.period.first and last
    if indicator.startswith(STOCKS):
        return None, (answer.counted_on or last).isoformat()
    return answer.period.first.isoformat(), last.isoformat()


def build_system(
    figures: PublicFigures,
    tables: Sequence[PublicTable],
    before: Sequence[Publication],
    about: Sequence[PrintedCell] = (),
) -> PublicSystem:
    """All cells of the new tables and of earlier ones about the same days, as sums of atoms.

    ``about``: cells whose days count beside those of the new tables.
    """
    # Each once: a number that stands in two tables is shown in both or in none.
    new = list(dict.fromkeys(cell for table in tables for cell in table.cells.values()))
    earlier = list_connected(before, [*new, *about])
    values, numbers = _AtomValues(figures), dict[Atom, int]()
    spans = cut_periods([*new, *earlier])
    cells = list(_sum_atoms(_decide_states(new, earlier), numbers, spans))
    links = list(_link_wholes(numbers))
    known = PrintedLimits(spans, values.count)
    bounds = [*bound_parts(numbers), *known.bound_cells([*new, *earlier])]
    bounds += known.bound_all_ranks(_list_rankings(tables, before, frozenset(earlier)))
    limits = list(_number_limits(bounds, numbers, values))
    counts = [values.count(atom) for atom in numbers]
    cells += _unprinted_cells(cells, counts)
    system = System(counts, cells, links, limits, _find_wholes(numbers))
    return PublicSystem(system, {cell: n for n, cell in enumerate(new)})


def list_connected(before: Sequence[Publication], now: Sequence[PrintedCell]) -> list[PrintedCell]:
    """The cells that are out and about the same days, each once.

    Also those about days that such an earlier one shares with them: 10 in spring, 22 until autumn
    and 14 from summer on give away the winter, which shares no day with the spring.
    """
    out = dict.fromkeys(cell for one in before for cell in one.cells)
    found: set[PrintedCell] = set()
    times = {(cell.first, cell.last) for cell in now}
    while times:
        near = {cell for cell in out if cell not in found and _concerns(cell, times)}
        times = {(cell.first, cell.last) for cell in near}
        found |= near
    return [cell for cell in out if cell in found]


def _decide_states(
    new: Sequence[PrintedCell], earlier: Sequence[PrintedCell]
) -> Iterator[tuple[PrintedCell, State]]:
    yield from ((cell, State.OPEN) for cell in new)
    for cell in earlier:
        yield cell, State.SHOWN if cell.is_shown else State.HIDDEN


def _find_wholes(numbers: Mapping[Atom, int]) -> dict[int, int]:
    """Atom → that of its whole, by number."""
    found = {}
    for (indicator, category, place, first, last), number in numbers.items():
        name = PART_OF.get(indicator) or (category and find_whole(indicator))
        if name and (name, None, place, first, last) in numbers:
            found[number] = numbers[name, None, place, first, last]
    return found


def _list_rankings(
    tables: Sequence[PublicTable],
    before: Sequence[Publication],
    earlier: frozenset[PrintedCell],
) -> Iterator[Ranking]:
    for table in tables:
        yield Ranking(list(table.cells.values()), table.top, by_size=False)
    for one in before:
        layout = find_layout(one.layout)
        cells = [cell for cell in one.cells if cell in earlier]
        yield Ranking(cells, layout.top if layout else None, one.columns_by_size)


def _number_limits(
    bounds: Iterable[Bound], numbers: dict[Atom, int], values: _AtomValues
) -> Iterator[Limit]:
    """Each bound with the numbers of its atoms; what the true counts exceed it by is known."""
    for factors, most in bounds:
        now = sum(factor * values.count(atom) for atom, factor in factors.items())
        numbered = {numbers.setdefault(a, len(numbers)): f for a, f in factors.items()}
        yield Limit(numbered, max(most, now))


def _sum_atoms(
    printed: Iterable[tuple[PrintedCell, State]], numbers: dict[Atom, int], spans: Spans
) -> Iterator[Cell]:
    """Each printed cell as the sum of its atoms, which get numbers as they come."""
    for cell, state in printed:
        atoms = (numbers.setdefault(atom, len(numbers)) for atom in list_atoms(cell, spans))
        yield Cell(tuple(atoms), cell.value, state)


def _unprinted_cells(cells: Sequence[Cell], counts: Sequence[int]) -> list[Cell]:
    """The atoms that no table shows alone: small ones must stay unknown, too."""
    listed = {cell.atoms for cell in cells}
    return [
        Cell((number,), count, State.UNPRINTED)
        for number, count in enumerate(counts)
        if (number,) not in listed
    ]


def _concerns(cell: PrintedCell, times: Collection[Time]) -> bool:
    """Whether an earlier cell is about the same day, or about days of the same period."""
    if cell.first is None:
        return (None, cell.last) in times
    return any(a is not None and cell.first <= b and a <= cell.last for a, b in times)


class _AtomValues:
    """True counts of atoms, asked once for each time."""

    def __init__(self, figures: PublicFigures) -> None:
        self._figures = figures
        self._known: dict[tuple[str | None, str], dict[tuple[str, str | None, str], int]] = {}

    def count(self, atom: Atom) -> int:
        indicator, category, place, first, last = atom
        return self._at(first, last).get((indicator, category, place), 0)

    def _at(self, first: str | None, last: str) -> dict[tuple[str, str | None, str], int]:
        if (first, last) not in self._known:
            end = date.fromisoformat(last)
            begin = date.fromisoformat(first) if first else end
            self._known[first, last] = self._figures.values(begin, end)
        return self._known[first, last]


def _link_wholes(numbers: dict[Atom, int]) -> Iterator[dict[int, int]]:
    """For every unit and time: the categories of an indicator make its whole."""
    parts: dict[tuple[str, str, str, str | None, str], dict[int, int]] = {}
    for (indicator, category, place, first, last), number in list(numbers.items()):
        whole = find_whole(indicator)
        if category is not None and whole is not None:
            parts.setdefault((indicator, whole, place, first, last), {})[number] = 1
    for (_, whole, place, first, last), link in parts.items():
        number = numbers.setdefault((whole, None, place, first, last), len(numbers))
        yield {**link, number: -1}
