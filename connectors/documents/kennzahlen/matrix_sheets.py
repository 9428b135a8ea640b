"""Fills a sheet per topic: a row for every unit, a column for every figure, and check sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.documents.cell_place import column_letters
from connectors.documents.figure_data import WITHOUT_UNIT, Group, Indicator, Unit
from connectors.documents.figure_table import NOT_SHOWN, full_label, lay_out_lines
from connectors.documents.german_format import Number
from connectors.documents.kennzahlen.figure_sheets import NOT_OFFICIAL, Frame
from connectors.documents.kennzahlen.sheet_format import (
    Formula,
    mark_table,
    set_up_page,
    write_formula,
    write_link,
)
from connectors.documents.signs import NOT_DELIVERED

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

# Kind of unit → heading of its column, of what identifies it, and what belongs to none.
KINDS = {
    "municipality": ("Gemeinde", "AGS", WITHOUT_UNIT["municipality"]),
    "staff": ("Integrationsmanager/in", "Quelle", WITHOUT_UNIT["staff"]),
}
VZAE, NOT_REGISTERED = "VZÄ", "nicht im Register"
BAND, HEAD = 4, 5
ONCE_NOTE = (
    "je Einheit: Wer oder was zu mehreren Einheiten gehört (ein Mensch, ein Gespräch mit Menschen"
    " aus zwei Gemeinden), zählt in jeder einmal und im Kreis einmal, deshalb ergeben die Zeilen"
    " zusammen mehr als der Kreis."
)
SAME_NOTE = "Eine Fachkraft unter mehreren Namen; ihre VZÄ stehen bei jedem und zählen einmal:"
CHECKED, ONCE, OPEN = "geht auf", "je Einheit", "geht nicht auf"
# As many figures as can be read on one page side by side, unless one indicator has more.
MOST_COLUMNS = 12
LEAST_WIDTH, MOST_WIDTH = 12, 34
# As many rows as can be read on one page.
ONE_PAGE = 60


@dataclass(frozen=True)
class Column:
    """One figure of a matrix; ``head`` is its label among all columns."""

    indicator: Indicator
    category: str | None
    label: str
    head: str


@dataclass(frozen=True)
class Topic:
    """What one matrix shows: some indicators of a group, by one kind of unit."""

    group: Group
    indicators: Sequence[Indicator]
    kind: str

    @property
    def title(self) -> str:
        """What the sheet is about, without its units."""
        if len(self.indicators) == len(self.group["indicators"]):
            return self.group["label"]
        first, *others = self.indicators
        return ", ".join([full_label(self.group, first), *(one["label"] for one in others)])

    @property
    def short_title(self) -> str:
        """The same as the name of a sheet."""
        label = self.indicators[0]["label"]
        whole = len(self.indicators) == len(self.group["indicators"])
        name = self.group["label"] if whole else label.removeprefix("nach ")
        return name.partition(" (")[0]


def list_topics(frame: Frame, kind: str) -> Iterator[Topic]:
    """The matrices of one kind of unit: indicators of a group together while they fit a page."""
    for group in frame.catalogue if frame.units[kind] else ():
        together: list[Indicator] = []
        width = 0
        for indicator in _counted_by(group, kind):
            columns = sum(1 for _ in lay_out_lines(frame.table, indicator))
            if together and width + columns > MOST_COLUMNS:
                yield Topic(group, together, kind)
                together, width = [], 0
            together, width = [*together, indicator], width + columns
        if together:
            yield Topic(group, together, kind)


def _counted_by(group: Group, kind: str) -> list[Indicator]:
    return [one for one in group["indicators"] if kind in one.get("units", (kind,))]


def fill_matrix(sheet: Worksheet, frame: Frame, topic: Topic) -> None:
    """Fills the sheet of one topic, its units as rows."""
    kind, units = topic.kind, frame.units[topic.kind]
    columns, lead = _name_columns(frame, topic.indicators), _list_lead(frame, kind)
    _write_top(sheet, frame, f"{topic.title} je {KINDS[kind][0]}", columns, len(lead))
    _write_heads(sheet, frame, lead, columns, len(units))
    for row, unit in enumerate(units, HEAD + 1):
        _write_unit(sheet, frame, row, unit, columns)
    _write_checks(sheet, frame, kind, columns, len(units))
    set_up_page(
        sheet,
        footer=frame.footer,
        repeat=HEAD,
        landscape=True,
        is_large=len(columns) > 2 * MOST_COLUMNS,
        whole=len(units) <= ONE_PAGE,
    )


def _name_columns(frame: Frame, indicators: Sequence[Indicator]) -> list[Column]:
    """A column for every line; heads of a table must differ."""
    found = [
        (one, line.category, line.label)
        for one in indicators
        for line in lay_out_lines(frame.table, one)
    ]
    labels = [label.casefold() for _, _, label in found]
    labels += [head.casefold() for heads in KINDS.values() for head in heads]
    heads = [
        label if labels.count(label.casefold()) == 1 else f"{label} ({one['label']})"
        for one, _, label in found
    ]
    return [Column(*line, head) for line, head in zip(found, heads, strict=True)]


def _list_lead(frame: Frame, kind: str) -> list[str]:
    """The heads of the columns before the figures; VZÄ where a register has them."""
    return [*KINDS[kind][:2], *([VZAE] if kind == "staff" and frame.book.vzae else ())]


def _write_top(
    sheet: Worksheet, frame: Frame, title: str, columns: Sequence[Column], lead: int
) -> None:
    look = frame.look
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, lead - 1, 12)
    for at, column in enumerate(columns, lead):
        longest = max(map(len, column.head.split()))
        sheet.set_column(at, at, min(max(LEAST_WIDTH, longest + 3), MOST_WIDTH))
    sheet.write_string(0, 0, title, look.title)
    sheet.set_row(0, 28)
    sheet.write_string(1, 0, NOT_OFFICIAL, look.fact)
    sheet.write_string(2, 0, f"{frame.book.district}, {frame.period}", look.subtitle)
    write_link(sheet, 3, frame.index, "Zum Inhalt", look)


def _write_heads(
    sheet: Worksheet, frame: Frame, lead: Sequence[str], columns: Sequence[Column], units: int
) -> None:
    look = frame.look
    at = len(lead)
    for indicator, width in _list_bands(columns):
        label = indicator["label"]
        if width == 1:
            sheet.write_string(BAND, at, label, look.band)
        else:
            sheet.merge_range(BAND, at, BAND, at + width - 1, label, look.band)
        at += width
    sheet.set_row(BAND, 34)
    sheet.set_row(HEAD, 64)
    heads = [*lead, *(column.head for column in columns)]
    styles = [look.head] * len(lead) + [look.head_wrapped] * len(columns)
    mark_table(sheet, (HEAD, 0, HEAD + units, len(heads) - 1), heads, styles)
    sheet.freeze_panes(HEAD + 1, 1)


def _list_bands(columns: Sequence[Column]) -> Iterator[tuple[Indicator, int]]:
    """Each indicator with the number of its columns."""
    names = [column.indicator["indicator"] for column in columns]
    for name in dict.fromkeys(names):
        yield columns[names.index(name)].indicator, names.count(name)


def _write_unit(
    sheet: Worksheet, frame: Frame, row: int, unit: Unit, columns: Sequence[Column]
) -> None:
    sheet.write_string(row, 0, unit.title, frame.look.text)
    sheet.write_string(row, 1, unit.source or unit.key[unit.kind], frame.look.text)
    lead = _list_lead(frame, unit.kind)
    if VZAE in lead:
        vzae = frame.book.vzae.get((unit.key["source"], unit.key["staff"]))
        _write_value(sheet, frame, (row, lead.index(VZAE)), vzae, "item_decimal", NOT_REGISTERED)
    for at, column in enumerate(columns, len(lead)):
        name = column.indicator["indicator"]
        value = frame.table.value(name, column.category, unit.key)
        sign = NOT_DELIVERED if frame.table.lacks(name, unit.key) else NOT_SHOWN
        revised = frame.table.is_revised(name, column.category, unit.key)
        style = "item_revised" if revised else "item_number"
        _write_value(sheet, frame, (row, at), value, style, sign)


def _write_value(
    sheet: Worksheet,
    frame: Frame,
    place: tuple[int, int],
    value: Number | None,
    style: str,
    sign: str = NOT_DELIVERED,
) -> None:
    if value is None:
        sheet.write_string(*place, sign, frame.look.absent)
    else:
        sheet.write_number(*place, value, getattr(frame.look, style))


def _write_checks(
    sheet: Worksheet, frame: Frame, kind: str, columns: Sequence[Column], units: int
) -> None:
    """Below the table: the sum of the rows, what belongs to no unit, the district, the check."""
    first, lead = HEAD + units + 2, _list_lead(frame, kind)
    labels = ["Summe der Zeilen", KINDS[kind][2], "Kreis", "Unterschied", "Prüfung"]
    labels += ["Kreis im Vorzeitraum"] if frame.before else []
    for row, label in enumerate(labels, first):
        sheet.write_string(row, 0, label, frame.look.check_label)
        for at in range(1, len(lead)):
            sheet.write_blank(row, at, None, frame.look.check_label)
    for row, note in enumerate(_list_notes(frame, kind, columns), first + len(labels) + 1):
        sheet.write_string(row, 0, note, frame.look.fact)
    for at, column in enumerate(columns, len(lead)):
        _write_column_checks(sheet, frame, kind, column, (first, at))
        if frame.before:
            earlier = frame.before.value(column.indicator["indicator"], column.category)
            place = (first + 5, at)
            _write_value(sheet, frame, place, earlier, "check_number")


def _list_notes(frame: Frame, kind: str, columns: Sequence[Column]) -> Iterator[str]:
    """What whoever adds up the rows has to know."""
    if any(_may_count_often(column, kind) for column in columns):
        yield ONCE_NOTE
    if VZAE not in _list_lead(frame, kind):
        return
    shown = {(unit.key["source"], unit.key["staff"]) for unit in frame.units[kind]}
    for names in frame.book.same_member:
        together = [f"{name} ({source})" for source, name in names if (source, name) in shown]
        if len(together) > 1:
            yield f"{SAME_NOTE} {', '.join(together)}."


def _write_column_checks(
    sheet: Worksheet, frame: Frame, kind: str, column: Column, place: tuple[int, int]
) -> None:
    """Sum, rest, district, difference and verdict of one column; ``place`` is that of the sum."""
    look, (first, at) = frame.look, place
    letters = column_letters(at + 1)
    total, rest = _sum_units(frame, kind, column), _left_over(frame, kind, column)
    whole = frame.table.value(column.indicator["indicator"], column.category)
    rows = f"{letters}{HEAD + 2}:{letters}{first - 1}"
    write_formula(sheet, (first, at), Formula(f"SUM({rows})", total), look.check_number)
    # What no source delivers is not 0 beside the units either.
    lacking = whole is None and not rest
    _write_value(sheet, frame, (first + 1, at), None if lacking else rest, "check_number")
    _write_value(sheet, frame, (first + 2, at), whole, "check_number")
    difference = None if whole is None else int(whole) - total - rest
    is_often = _may_count_often(column, kind)
    _write_verdict(sheet, frame, (first + 3, at), difference, is_often=is_often)


def _may_count_often(column: Column, kind: str) -> bool:
    """Whether something counts in several units: persons, and in municipalities also talks."""
    return bool(column.indicator.get("once_per_unit")) or kind == "municipality"


def _write_verdict(
    sheet: Worksheet,
    frame: Frame,
    place: tuple[int, int],
    difference: int | None,
    *,
    is_often: bool,
) -> None:
    """The difference at ``place``, and what follows from it below."""
    look, (row, at) = frame.look, place
    if difference is None:
        sheet.write_string(row, at, NOT_DELIVERED, look.check_text)
        sheet.write_string(row + 1, at, NOT_DELIVERED, look.check_text)
        return
    letters = column_letters(at + 1)
    total, rest, whole = (f"{letters}{row - n}" for n in (2, 1, 0))
    formula = Formula(f"{whole}-{total}-{rest}", difference)
    write_formula(sheet, place, formula, look.check_number)
    verdict = _judge_difference(f"{letters}{row + 1}", difference, is_often=is_often)
    write_formula(sheet, (row + 1, at), verdict, look.check_text)


def _judge_difference(cell: str, difference: int, *, is_often: bool) -> Formula:
    """Whether the units give the district; what is of several units may count in each of them."""
    if not is_often:
        value = OPEN if difference else CHECKED
        return Formula(f'IF({cell}=0,"{CHECKED}","{OPEN}")', value)
    value = CHECKED if difference == 0 else ONCE if difference < 0 else OPEN
    return Formula(f'IF({cell}=0,"{CHECKED}",IF({cell}<0,"{ONCE}","{OPEN}"))', value)


def _sum_units(frame: Frame, kind: str, column: Column) -> int:
    values = (
        frame.table.value(column.indicator["indicator"], column.category, unit.key)
        for unit in frame.units[kind]
    )
    return sum(int(value) for value in values if value is not None)


def _left_over(frame: Frame, kind: str, column: Column) -> int:
    wanted = (column.indicator["indicator"], column.category, kind)
    found = (one for one in frame.book.left_over if (one.indicator, one.category, one.by) == wanted)
    return sum(one.value for one in found)
