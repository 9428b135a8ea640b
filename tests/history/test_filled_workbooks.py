"""Generated districts fill a workbook: every cell, also of its formulas, is what plain Python counts and reckons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from pipelines.figures.form import fill_workbook
from pipelines.figures.kennzahlen import FigureRequest
from tests.history.engines import Warehouse
from tests.history.machine import SHAPE, SOURCE, Deliveries
from tests.history.recount import Line, Question, recount
from tests.history.test_two_engines import QUIET
from tests.history.world import BEGINNING, EDITS, SOURCES, TEAMS

Cell = int | float | str | None
PERIODS = [
    (date(2024, 1, 1), date(2024, 6, 30)),
    (date(2024, 7, 1), date(2024, 12, 31)),
    (date(2024, 1, 1), date(2024, 12, 31)),
    (date(2023, 12, 31), date(2023, 12, 31)),
]
# What stands in the lines of the district, and without which field nobody can count it.
DISTRICT = {
    "conversations": ("conversation", "held_on"),
    "conversations_by_setting.einzelperson": ("conversation", "setting"),
    "conversations_by_setting.familie": ("conversation", "setting"),
    "conversations_by_kind.clearing": ("conversation", "kind"),
    "conversations_by_kind.beratung": ("conversation", "kind"),
    "topics.arbeit": ("conversation_topic", "topic"),
    "topics.kinder": ("conversation_topic", "topic"),
    "topics.wohnen": ("conversation_topic", "topic"),
    "referrals.jobcenter": ("conversation_referral", "target"),
    "referrals.andere": ("conversation_referral", "target"),
    "plans_concluded": ("plan", "concluded_on"),
    "goals_reached": ("goal", "reached_on"),
    "persons_reached": ("conversation_participant", "person_key"),
    "records_reached": ("conversation_participant", "person_key"),
    "clients": ("case", "begun_on"),
    "client_records": ("case", "begun_on"),
    "clients_by_sex.m": ("person", "sex"),
    "clients_by_sex.w": ("person", "sex"),
    "clients_by_nationality.SYR": ("person", "nationality"),
    "clients_by_housing.privat": ("housing", "kind"),
    "clients_by_housing.anschluss": ("housing", "kind"),
}
PLACES = ("conversations", "plans_concluded", "topics.kinder", "persons_reached", "clients")
FIRST, LAST = 3, 2 + len(TEAMS)
COLUMNS = "BCDEF"
BELOW = ("Summe", "Kreis", "Rest", "Mit Zahl", "Größte", "Nord")
FORMULAS = {
    "Summe": "SUM({c}{first}:{c}{last})",
    "Kreis": "Kreis!B{line}",
    "Rest": "{c}{kreis}-{c}{summe}",
    "Mit Zahl": 'COUNTIF({c}{first}:{c}{last},">0")',
    "Größte": 'IF(MAX({c}{first}:{c}{last})=0,"keine",'
    "INDEX($A${first}:$A${last},MATCH(MAX({c}{first}:{c}{last}),{c}{first}:{c}{last},0)))",
    "Nord": 'SUMIF($H${first}:$H${last},"Nord",{c}{first}:{c}{last})',
}


def write_template(path: Path) -> None:
    """The form and its anchors: a line per figure of the district with its share, a matrix of places with sums."""
    with xlsxwriter.Workbook(path) as book:
        district, places = book.add_worksheet("Kreis"), book.add_worksheet("Gemeinden")
        district.write_row(0, 0, ["Kennzahl", "Anzahl", "je Gespräch"])
        for row, name in enumerate(DISTRICT, 1):
            district.write(row, 0, name)
            district.write_formula(row, 2, f'=IFERROR(ROUND(B{row + 1}/B$2,4),"–")')
        places.write_row(1, 0, ["Gemeinde", *PLACES, "Zusammen", "Team"])
        for row, (ags, team) in enumerate(TEAMS.items(), FIRST - 1):
            places.write(row, 0, ags)
            places.write_formula(row, 6, f"=SUM(B{row + 1}:F{row + 1})")
            places.write(row, 7, team or "ohne")
        for row, name in enumerate(BELOW, LAST):
            places.write(row, 0, name)
            for column, figure in zip(COLUMNS, PLACES, strict=True):
                given = {
                    "c": column,
                    "first": FIRST,
                    "last": LAST,
                    "line": list(DISTRICT).index(figure) + 2,
                    "kreis": LAST + 2,
                    "summe": LAST + 1,
                }
                places.write_formula(f"{column}{row + 1}", "=" + FORMULAS[name].format(**given))
    path.with_suffix(".yaml").write_text("\n".join(_list_anchors()) + "\n", encoding="utf-8")


def _list_anchors() -> Iterator[str]:
    yield from ("name: probe", "sheets:", "  - sheet: Kreis", "    column: Anzahl", "    lines:")
    yield from (f"      - {{row: {name}, figure: {name}}}" for name in DISTRICT)
    yield from ("  - sheet: Gemeinden", "    each: municipality")
    yield f"    besides: [{', '.join(BELOW)}]"
    yield "    lines:"
    yield from (f"      - {{column: {name}, figure: {name}}}" for name in PLACES)


# The days on which something happened; what stands on a day is not one of these figures' events.
HAPPENED = {
    "case": ("begun_on",),
    "plan": ("concluded_on",),
    "goal": ("begun_on", "reached_on"),
    "conversation": ("held_on",),
}
STANDING = ("clients", "client_records")


@dataclass(frozen=True)
class Reach:
    """From which day to which a source knows something; ``delivered``: its newest delivery."""

    days: Sequence[date]
    delivered: date | None

    def meets(self, first: date, last: date, *, stands: bool) -> bool:
        """Whether it may know of a period; what ``stands`` on a day is known from then on."""
        if not self.days:
            return True
        is_late = max(self.days) < first and (self.delivered is None or self.delivered < first)
        return min(self.days) <= last and (stands or not is_late)


def read_reach(known: Any, loads: Sequence[Any], source: str) -> Reach:
    """How far a source's rows and deliveries reach."""
    days = [
        row[field]
        for entity, fields in HAPPENED.items()
        for (owner, _), row in known.get(entity, {}).items()
        for field in fields
        if owner == source and row[field]
    ]
    delivered = (load.delivery.on for load in loads if load.delivery.source == source)
    return Reach(days, max(delivered, default=None))


@dataclass(frozen=True)
class Reckoning:
    """What belongs into the cells by the rows that are known; ``found``: what stands there."""

    district: Mapping[Line, int]
    places: Mapping[Line, int]
    known: Any
    found: Mapping[str, Mapping[str, Cell]]
    period: tuple[date, date]
    reach: Mapping[str, Reach]

    def list_cells(self) -> Iterator[tuple[str, str, Cell]]:
        """Every cell that is filled or computed."""
        lines = {name: self._district_value(n, name) for n, name in enumerate(DISTRICT, 2)}
        talks = lines["conversations"]
        for row, value in enumerate(lines.values(), 2):
            yield "Kreis", f"B{row}", value
            yield "Kreis", f"C{row}", _share(value, talks)
        rows = [
            [
                self._place_value(f"{c}{row}", name, ags)
                for c, name in zip(COLUMNS, PLACES, strict=True)
            ]
            for row, ags in enumerate(TEAMS, FIRST)
        ]
        for row, values in enumerate(rows, FIRST):
            yield "Gemeinden", f"G{row}", sum(_numbers(values))
            yield from (("Gemeinden", f"{c}{row}", v) for c, v in zip(COLUMNS, values, strict=True))
        for column, name, values in zip(COLUMNS, PLACES, zip(*rows, strict=True), strict=True):
            for row, value in enumerate(_below(values, lines[name]), LAST + 1):
                yield "Gemeinden", f"{column}{row}", value

    def _district_value(self, row: int, name: str) -> Cell:
        count = self.district.get(_line(name, ()), 0)
        return self._shown("Kreis", f"B{row}", name, count, set(SOURCES))

    def _place_value(self, cell: str, name: str, ags: str) -> Cell:
        sources = {
            source
            for (source, _), case in self.known.get("case", {}).items()
            if case["municipality"] == ags
        }
        count = self.places.get(_line(name, (ags,)), 0)
        return self._shown("Gemeinden", cell, name, count, sources)

    def _shown(self, sheet: str, cell: str, name: str, count: int, sources: set[str]) -> Cell:
        """The count; a sign where nothing was counted, and no row has what is needed for it.

        Rows of a source that knows nothing of the period are none.
        """
        entity, field = DISTRICT[name]
        stands = name.startswith(STANDING)
        meeting = {s for s in sources if self.reach[s].meets(*self.period, stands=stands)}
        delivered = any(
            row[field] is not None
            for (source, _), row in self.known.get(entity, {}).items()
            if source in meeting
        )
        is_sign = self.found[sheet][cell] == "x" and count == 0 and not delivered
        return "x" if is_sign else count


def _line(name: str, unit: tuple[str, ...]) -> Line:
    indicator, _, category = name.partition(".")
    return indicator, unit, category or None


def _numbers(values: Any) -> list[int]:
    return [value for value in values if isinstance(value, int)]


def _share(value: Cell, talks: Cell) -> Cell:
    if not (isinstance(value, int) and isinstance(talks, int) and talks):
        return "–"
    share = Decimal(value) / Decimal(talks)
    return float(share.quantize(Decimal("0.0001"), ROUND_HALF_UP))


def _below(values: Sequence[Cell], whole: Cell) -> Iterator[Cell]:
    """The cells under a column, in the order of BELOW."""
    counts = _numbers(values)
    yield sum(counts)
    yield whole
    yield whole - sum(counts) if isinstance(whole, int) else "#VALUE!"
    yield sum(count > 0 for count in counts)
    most = max(counts, default=0)
    yield list(TEAMS)[values.index(most)] if most else "keine"
    yield sum(_numbers(v for v, team in zip(values, TEAMS.values(), strict=True) if team == "Nord"))


def read_cells(path: Path) -> dict[str, dict[str, Cell]]:
    """What a program shows that does not calculate."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {s.title: {c.coordinate: c.value for row in s for c in row} for s in book}


def fill_district(engine: Warehouse, template: Path, out: Path, world: Any) -> list[Cell]:
    """Delivers a generated district, fills the workbook, and compares its cells; what they hold."""
    one, other, (source, edits, shape, choice), period = world
    machine = type("Machine", (Deliveries,), {"engines": [engine]})()
    machine.begin(one, other)
    machine.deliver(source, edits, 1, shape, choice, None)
    number = len(machine.history.loads)
    if number == 0:
        return []
    known, who, past = machine.history.known_at(number)
    district, places = (
        recount(Question(*period, known, who, past, by)) for by in (None, "municipality")
    )
    fill_workbook(engine.hub, FigureRequest(*period), template, out)
    found = read_cells(out)
    loads = machine.history.loads
    reach = {source: read_reach(known, loads, source) for source in SOURCES}
    reckoning = Reckoning(district, places, known, found, period, reach)
    wanted = {(sheet, cell): value for sheet, cell, value in reckoning.list_cells()}
    assert {place: found[place[0]][place[1]] for place in wanted} == wanted
    return list(wanted.values())


WORLDS = st.tuples(
    BEGINNING,
    BEGINNING,
    st.tuples(SOURCE, EDITS, SHAPE, st.integers(0, 5)),
    st.sampled_from(PERIODS),
)


def fill_districts(engine: Warehouse, folder: Path, count: int, first: int) -> None:
    """Fills the workbook of so many districts, always the same ones for one ``first``."""
    template = folder / "probe.xlsx"
    filled: list[list[Cell]] = []
    write_template(template)

    @seed(first)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=QUIET,
        phases=[Phase.generate],
    )
    @given(WORLDS)
    def fill(world: Any) -> None:
        filled.append(fill_district(engine, template, folder / "out.xlsx", world))

    fill()
    assert sum(map(bool, filled)) >= count * 9 // 10
    # 21 lines with their shares; 3 places with 5 figures and their sum; 6 lines below 5 columns.
    assert set(map(len, filled)) <= {0, 2 * 21 + 3 * 6 + 6 * 5}
    assert sum(value in (0, None, "x", "–") for cells in filled for value in cells) < 85 * count


@pytest.mark.thorough
def test_cells_and_formulas_are_what_plain_python_reckons(
    engines: list[Warehouse], tmp_path: Path
) -> None:
    fill_districts(engines[0], tmp_path, 2, 5)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
def test_three_hundred_workbooks(engines: list[Warehouse], tmp_path: Path, part: int) -> None:
    """Half of the districts on each engine."""
    fill_districts(engines[part], tmp_path, 150, 10 + part)
