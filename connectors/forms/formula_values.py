"""Computes the values of a form's formulas, for viewers that do not calculate themselves."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from connectors.documents.cell_place import Place
from connectors.documents.packed_parts import pack_parts
from connectors.forms.cell_bytes import (
    Splice,
    ascii_bytes,
    splice_bytes,
    start_tag,
    stored_value,
    value_element,
)
from connectors.forms.german_formulas import is_unsure, rewrite_formula
from connectors.forms.package import Package, parse_part
from connectors.forms.sheet_index import Cell, SheetIndex, index_sheet
from connectors.forms.text_order import orders_texts, spell_part, spell_plainly

# Errors that belong into a workbook; any other says that we cannot compute the formula.
ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#N/A"}
_BY_CHANCE = re.compile(r"\bRAND(?:BETWEEN|ARRAY)?\(", re.IGNORECASE)
_CONSTANT = re.compile(r"""[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?%?|"(?:[^"]|"")*"|TRUE|FALSE""")

Computed = float | bool | str | None
Formulas = Mapping[tuple[str, Place], str]


@dataclass
class FormulaValues:
    """What became of the formulas.

    ``errors``: cells whose formula gives an error, with it; ``new_errors``: those of which the form
    had none. ``unknown``: cells whose value we
    cannot compute and which stay empty until a program calculates them.
    """

    computed: dict[tuple[str, Place], Computed] = field(default_factory=dict)
    errors: dict[tuple[str, Place], str] = field(default_factory=dict)
    new_errors: list[tuple[str, Place]] = field(default_factory=list)
    unknown: list[tuple[str, Place]] = field(default_factory=list)


def store_formula_values(package: Package, day: date) -> FormulaValues:
    """Computes all formulas and puts their values into the sheets; the formulas stay as they are.

    ``day`` is the day that TODAY() means: values must not depend on the moment of computing.
    """
    sheets = {name: index_sheet(package.parts[part]) for name, part in package.sheets.items()}
    wanted = {name: list(_list_computed(sheet)) for name, sheet in sheets.items()}
    found = FormulaValues()
    if not any(wanted.values()):
        return found
    parts = _prepare_parts(package, sheets, day)
    model = _Model(parts)
    formulas = {(name, c.place): c.formula or "" for name, cells in wanted.items() for c in cells}
    misordered = _find_misordered(package, parts, model, formulas)
    for name, sheet in sheets.items():
        splices = []
        for cell in wanted[name]:
            is_known = (name, cell.place) not in misordered
            value = _compute_cell(model, sheet, name, cell) if is_known else None
            splices += _store_value(found, sheet, name, cell, value)
        package.parts[package.sheets[name]] = splice_bytes(sheet.content, splices)
    return found


def _compute_cell(model: _Model, sheet: SheetIndex, name: str, cell: Cell) -> Computed:
    """The value of a formula; None where it is not sure."""
    # No library computes what-if tables, and the constants in them are old results.
    if any(cell.place in area for area in sheet.what_if):
        return None
    value = model.value_at(name, cell.place)
    return None if is_unsure(cell.formula or "", value) else value


def _prepare_parts(package: Package, sheets: dict[str, SheetIndex], day: date) -> dict[str, bytes]:
    """The parts of the workbook as it is computed; none where its values are a matter of chance."""
    formulas = (cell.formula or "" for sheet in sheets.values() for cell in sheet.cells())
    if any(_BY_CHANCE.search(formula) for formula in formulas):
        return {}
    constants = _read_constants(package)
    rewritten = {
        package.sheets[name]: _rewrite_formulas(sheet, day, constants)
        for name, sheet in sheets.items()
    }
    return {**package.parts, **rewritten}


class _Model:
    """The computed workbook; without values where it cannot be computed at all."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self._numbers: dict[str, int] = {}
        if parts:
            self._compute(parts)

    def _compute(self, parts: dict[str, bytes]) -> None:
        import ironcalc

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "form.xlsx"
            path.write_bytes(pack_parts(parts))
            try:
                self._model = ironcalc.load_from_xlsx(str(path), "de", "Europe/Berlin")
                self._model.evaluate()
            # The library panics on some workbooks, which is no Exception of Python's.
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
                    raise
                return
        names = [sheet["name"] for sheet in self._model.get_worksheets_properties()]
        self._numbers = {name: number for number, name in enumerate(names)}

    def value_at(self, sheet: str, place: Place) -> Computed:
        """The value of a cell; None where it is empty or cannot be computed."""
        if sheet not in self._numbers:
            return None
        return self._model.get_cell_value(self._numbers[sheet], place.row, place.column)


def _find_misordered(
    package: Package, parts: dict[str, bytes], model: _Model, formulas: Formulas
) -> set[tuple[str, Place]]:
    """The cells whose value comes out otherwise once letters beyond ASCII are spelled plainly.

    None where that is not for their order.
    """
    if not any(map(orders_texts, formulas.values())):
        return set()
    shared = package.find_part("/sharedStrings")
    texts = [name for name in (*package.sheets.values(), shared) if name in parts]
    plain = _Model({**parts, **{name: spell_part(parts[name]) for name in texts}})
    others = {
        cell for cell in formulas if _spell_value(model.value_at(*cell)) != plain.value_at(*cell)
    }
    # A cell without a formula of its own has that of another.
    is_ordered = any(not formulas[cell] or orders_texts(formulas[cell]) for cell in others)
    return others if is_ordered else set()


def _spell_value(value: Computed) -> Computed:
    return spell_plainly(value) if isinstance(value, str) else value


def _read_constants(package: Package) -> dict[str, str]:
    """Names of the workbook that stand for a number or a text, which the library does not know."""
    names = parse_part(package.parts[package.book]).iterfind("{*}definedNames/{*}definedName")
    found = {str(name.get("name")): (name.text or "").strip() for name in names}
    return {name.casefold(): text for name, text in found.items() if _CONSTANT.fullmatch(text)}


def _rewrite_formulas(sheet: SheetIndex, day: date, constants: dict[str, str]) -> bytes:
    """The sheet as it is computed: with a fixed day, and constants in place of their names."""
    splices = list(_state_places(sheet))
    for cell in sheet.cells():
        if cell.formula:
            new = rewrite_formula(cell.formula, day, constants)
            if new != cell.formula:
                start, end = cell.formula_span
                opening = sheet.content[start : sheet.content.index(b">", start) + 1]
                closing = f"</{sheet.prefix}f>"
                splices.append(Splice(start, end, opening + ascii_bytes(escape(new) + closing)))
    return splice_bytes(sheet.content, splices)


def _state_places(sheet: SheetIndex) -> Iterator[Splice]:
    """Writes the places that rows and cells leave to be counted, which the library does not."""
    for row in sheet.rows.values():
        if "r" not in row.attributes:
            yield _state_place(row.start + len(f"<{sheet.prefix}row"), row.number)
        for cell in row.cells.values():
            if "r" not in cell.attributes:
                yield _state_place(cell.start + len(f"<{sheet.prefix}c"), cell.place)


def _state_place(at: int, place: int | Place) -> Splice:
    return Splice(at, at, f' r="{place}"'.encode())


def _list_computed(sheet: SheetIndex) -> Iterator[Cell]:
    """The cells whose value comes from a formula: its own, or one that fills several."""
    spilled = [array for array in sheet.arrays if array.first != array.last]
    for cell in sheet.cells():
        if cell.formula is not None or any(cell.place in array for array in spilled):
            yield cell


def _store_value(
    found: FormulaValues, sheet: SheetIndex, name: str, cell: Cell, value: Computed
) -> list[Splice]:
    key = name, cell.place
    is_error = isinstance(value, str) and value.startswith("#") and value.endswith(("!", "?", "A"))
    if value is None or (is_error and value not in ERRORS):
        # An array that became smaller leaves cells of its range empty.
        is_own = cell.formula is not None or any(cell.place in area for area in sheet.what_if)
        found.unknown += [key] if is_own else []
        value = None
    elif is_error:
        found.errors[key] = str(value)
        found.new_errors += [key] if cell.kind != "e" else []
    found.computed[key] = value
    return _value_splices(sheet, cell, value, is_error=is_error)


def _value_splices(
    sheet: SheetIndex, cell: Cell, value: Computed, *, is_error: bool
) -> list[Splice]:
    """The changes of type and value; none where the part has them already."""
    kind, text = (None, "") if value is None else stored_value(value)
    kind = "e" if is_error and value is not None else kind
    if (cell.attributes.get("t"), cell.value) == (kind, text) and bool(cell.value_span[1]) == (
        value is not None
    ):
        return []
    attributes = {key: v for key, v in cell.attributes.items() if key != "t"}
    if kind:
        attributes["t"] = kind
    new = value_element(sheet.prefix, text) if value is not None else ""
    formula = sheet.content[slice(*cell.formula_span)]
    opening = ascii_bytes(f"{start_tag(f'{sheet.prefix}c', attributes)}>")
    closing = ascii_bytes(f"{new}</{sheet.prefix}c>")
    return [Splice(cell.start, cell.end, opening + formula + closing)]
