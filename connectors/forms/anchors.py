"""Finds the cells that are to be filled by the labels of their row and column."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from connectors.documents.cell_place import Place, Range, parse_place
from connectors.forms.form_book import FormBook, plain_label
from connectors.forms.template_problem import TemplateProblem

# What may stand in a cell that waits for a value.
_WAITING = {"", "x", "X"}


@dataclass(frozen=True)
class Entry:
    """A value and where it belongs.

    ``row`` and ``column`` are labels of the form, from the outer to the inner one; ``cell`` is the
    place where the cell was when the mapping was written, or is, where no column is named.
    ``where``: the mapping's own line. ``also``: other names of the inner label of the row.
    ``besides``: given for a list with a row per unit: the labels among them that are no units.
    """

    sheet: str
    row: tuple[str, ...]
    column: tuple[str, ...]
    value: int | float | str | date
    cell: str | None = None
    where: str = ""
    also: tuple[str, ...] = ()
    besides: tuple[str, ...] | None = None


class _NotFound(Exception):
    """A label is not found or not clear; at which cell, and what would be right."""

    def __init__(self, what: str, right: str | None = None, cell: Place | None = None) -> None:
        super().__init__(what)
        self.what, self.right, self.cell = what, right, cell


class Anchors:
    """The labels of a form, each sheet read once."""

    def __init__(self, form: FormBook) -> None:
        self.form = form
        self._labels = {name: list(form.labels(name)) for name in form.sheets}
        # The labels of the rows of each list, by the line of the mapping.
        self._listed: dict[str, list[tuple[Entry, Place]]] = {}

    def locate_entry(self, entry: Entry) -> tuple[str, Place] | TemplateProblem:
        """The sheet and cell of an entry, or why it cannot be filled."""
        named = {plain_label(name): name for name in self.form.sheets}
        entry = replace(entry, sheet=named.get(plain_label(entry.sheet), entry.sheet))
        if entry.sheet not in self.form.sheets:
            near = _nearest(entry.sheet, self.form.sheets)
            what = f"there is no sheet '{entry.sheet}'"
            return TemplateProblem(self.form.package.book, None, None, what, near, entry.where)
        try:
            place = self._find_cell(entry)
            self._check_cell(entry, place)
        except _NotFound as problem:
            cell = str(problem.cell) if problem.cell else None
            part = self.form.package.sheets[entry.sheet]
            return TemplateProblem(
                part, entry.sheet, cell, problem.what, problem.right, entry.where
            )
        return entry.sheet, place

    def _find_cell(self, entry: Entry) -> Place:
        rows = self._find_path(entry.sheet, entry.row, entry.also, is_column=False)
        if not entry.column:
            return self._find_beside(entry, rows)
        columns = self._find_path(entry.sheet, entry.column, (), is_column=True)
        found = _cross_labels(rows, columns)
        if len(found) != 1:
            raise _explain_crossing(entry, rows[0], columns[0], sorted(found))
        ((place, column),) = found.items()
        self._check_spread(entry, place, column)
        if entry.besides is not None:
            here = [(entry, row) for row in rows if row.row == place.row]
            self._listed.setdefault(entry.where, []).extend(here)
        return place

    def list_unknown_rows(self) -> Iterator[TemplateProblem]:
        """Rows among those of units that are labelled with no unit, so that nobody filled them."""
        told: set[tuple[str, Place]] = set()
        for listed in self._listed.values():
            entry = listed[0][0]
            besides = set(map(plain_label, entry.besides or ()))
            rows = {place.row for _, place in listed}
            columns = {place.column for _, place in listed}
            for place, label in self._labels[entry.sheet]:
                is_among = place.column in columns and min(rows) < place.row < max(rows)
                is_new = (entry.sheet, place) not in told
                if is_among and place.row not in rows and label not in besides and is_new:
                    told.add((entry.sheet, place))
                    yield self._unknown_row(entry, place, label)

    def _unknown_row(self, entry: Entry, place: Place, label: str) -> TemplateProblem:
        return TemplateProblem(
            self.form.package.sheets[entry.sheet],
            entry.sheet,
            str(place),
            f"the row '{label}' is labelled with no unit of the configuration",
            "add it there as another name ('also'), or here under 'besides' if it is none",
            entry.where,
        )

    def _find_beside(self, entry: Entry, rows: list[Place]) -> Place:
        """The cell named by its place, if the label of its row stands left of it."""
        place = parse_place(entry.cell or "")
        if place is None or not any(r.row == place.row and r.column < place.column for r in rows):
            what = f"the label '{entry.row[-1]}' is not left of {entry.cell}: it is at {rows[0]}"
            raise _NotFound(what, _COMPARE, rows[0])
        return place

    def _find_path(
        self, sheet: str, path: Sequence[str], also: Sequence[str], *, is_column: bool
    ) -> list[Place]:
        """The cells of the innermost label; each one below, or right of, the one before."""
        found: list[Place] = []
        for depth, label in enumerate(path):
            names = {plain_label(label)}
            names |= set(map(plain_label, also)) if depth == len(path) - 1 else set()
            here = [p for p, text in self._labels[sheet] if text in names]
            if depth:
                within = self._below if is_column else self._first_after
                here = [p for outer in found for p in within(sheet, outer, here)]
            if not here:
                known = [text for _, text in self._labels[sheet]]
                below = f" below '{path[depth - 1]}'" if depth else ""
                raise _NotFound(f"no cell has the label '{label}'{below}", _nearest(label, known))
            found = list(dict.fromkeys(here))
        return found

    def _below(self, sheet: str, outer: Place, inner: list[Place]) -> list[Place]:
        """The labels below one of a column, in the columns it spans."""
        spread = self._spread(sheet, outer)
        columns = range(spread.first.column, spread.last.column + 1)
        return [p for p in inner if p.row > outer.row and p.column in columns]

    def _first_after(self, sheet: str, outer: Place, inner: list[Place]) -> list[Place]:
        """Of the labels from one of a row on, those of the first row."""
        later = [p for p in inner if p.row >= outer.row and p != outer]
        first = min((p.row for p in later), default=0)
        return [p for p in later if p.row == first]

    def _spread(self, sheet: str, place: Place) -> Range:
        return self.form.sheets[sheet].merge_at(place) or Range(place, place)

    def _check_spread(self, entry: Entry, place: Place, column: Place) -> None:
        """Refuses a column whose label covers several, unless the cell covers the same ones."""
        label, cell = self._spread(entry.sheet, column), self._spread(entry.sheet, place)
        if (label.first.column, label.last.column) != (cell.first.column, cell.last.column) and (
            label.first.column != label.last.column
        ):
            what = f"the label '{entry.column[-1]}' is merged over several columns ({label})"
            raise _NotFound(what, _SAY_OUTER, column)

    def _check_cell(self, entry: Entry, place: Place) -> None:
        sheet = self.form.sheets[entry.sheet]
        cell, merged = sheet.cell(place), sheet.merge_at(place)
        if entry.cell and entry.cell.upper() != str(place):
            raise _NotFound(
                f"the cell of row '{entry.row[-1]}' and column '{entry.column[-1]}' has moved: "
                f"it was {entry.cell}",
                f"look at the form, then correct the mapping to 'cell: {place}'",
                place,
            )
        if merged and merged.first != place:
            raise _NotFound(f"the cell is merged into {merged}", _COMPARE, place)
        if (cell and cell.formula is not None) or any(place in array for array in sheet.arrays):
            raise _NotFound("the cell has a formula where a value should go", _COMPARE, place)
        if sheet.is_protected and self.form.style_at(entry.sheet, place).is_locked:
            right = "the form expects no entry there: compare it with the one of the mapping"
            raise _NotFound("the cell is protected", right, place)
        text = plain_label(self.form.text_of(cell)) if cell and cell.kind != "n" else ""
        if text not in _WAITING and any(letter.isalnum() for letter in text):
            raise _NotFound("the cell has a text where a value should go", _COMPARE, place)


def _cross_labels(rows: Sequence[Place], columns: Sequence[Place]) -> dict[Place, Place]:
    """The cells where labels of rows and columns meet, each with the label of its column.

    A row's label stands left of its value, a column's above it; of several, the nearest counts.
    """
    found: dict[Place, Place] = {}
    for row in rows:
        found |= {Place(row.row, c.column): c for c in _nearest_above(row, columns)}
    return found


def _nearest_above(row: Place, columns: Sequence[Place]) -> list[Place]:
    above = [c for c in columns if row.column < c.column and c.row < row.row]
    nearest = max((c.row for c in above), default=0)
    return [c for c in above if c.row == nearest]


def _explain_crossing(entry: Entry, row: Place, column: Place, found: list[Place]) -> _NotFound:
    named = f"row '{' / '.join(entry.row)}' and column '{' / '.join(entry.column)}'"
    if found:
        return _NotFound(f"{named} mean several cells: {', '.join(map(str, found))}", _SAY_OUTER)
    what = f"{named} do not meet: the row's label must stand left of the column's, and below"
    return _NotFound(what, f"the labels are at {row} and {column}", row)


_SAY_OUTER = "name the label above as well, as in [outer, inner]"
_COMPARE = "compare the form with the one of the mapping"


def _nearest(word: str, known: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(word, sorted(set(known)), 1, 0.6)
    return f"did you mean '{near[0]}'?" if near else None
