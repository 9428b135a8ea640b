"""Fills the form that a district was given with its figures, and reads it back against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.atomic_file import write_atomically
from connectors.documents.german_format import period_text
from connectors.documents.signs import NOT_DELIVERED
from connectors.forms.anchors import Entry
from connectors.forms.filled_form import FilledForm, fill_form, is_form
from connectors.forms.read_back import compare_cells
from connectors.forms.template_problem import TemplateChanged
from connectors.tables.text_table import CannotRead
from mappings.catalogue import choose_catalogue
from mappings.form_anchors import Anchor, FormCell, form_file, read_anchors
from pipelines.failures import Failure, Kind
from pipelines.figures.document_content import PeriodOpen
from pipelines.figures.kennzahlen import FigureRequest, Kennzahlen, compute_kennzahlen
from pipelines.figures.unit_sums import tell_sums
from warehouse.ledger.configuration import read_municipalities, read_teams
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import UNITS, By

if TYPE_CHECKING:
    from pipelines.hub import Hub

Value = int | float | str | date
Unit = Mapping[str, str]
# The unit of a cell, and the names by which its row may be labelled.
UnitNames = tuple[Unit, tuple[str, ...]]


@dataclass(frozen=True)
class FilledCell:
    """A cell of the form with the figure that was written into it."""

    sheet: str
    cell: str
    indicator: str | None
    category: str | None
    unit: Unit
    value: int | float | str


@dataclass(frozen=True)
class FormAnswer:
    """What was filled into a form.

    ``errors``: cells whose formula gives an error, ``new_errors``: that gave none in the form;
    ``not_computed``: formulas that the program which opens the form has to compute. ``notes``: why
    sums over units are not the district's figures, in German.
    """

    file: str
    cells: Sequence[FilledCell]
    changed_parts: Sequence[str]
    errors: Sequence[str] = ()
    new_errors: Sequence[str] = ()
    not_computed: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class FormFigures:
    """A filled form, with ``notes`` as in FormAnswer."""

    filled: FilledForm
    notes: Sequence[str]


UNIT_KINDS: Sequence[By] = ("staff", "municipality", "team", "carrier", "source")


class WrongForm(Failure):
    """The form does not fit its anchors, or a filled copy does not hold the figures."""

    is_list = True


class WrongCall(WrongForm):
    """Files or anchors were named that cannot be right."""

    kind = Kind.WRONG_CALL


def fill_workbook(
    hub: Hub, asked: FigureRequest, template: Path, out: Path, mapping: str | None = None
) -> FormAnswer:
    """Writes a copy of ``template`` with the figures of a period to ``out``.

    ``mapping``: a name of ours or a path, by default the YAML beside the form. WrongForm where
    form, anchors and figures do not agree; then nothing is written.
    """
    _check_files(template, out)
    cells = anchor_cells(hub, asked, template, mapping)
    made = fill_cells(hub, asked, template.name, template.read_bytes(), cells)
    write_atomically(out, made.filled.content)
    return _describe_answer(out, made, cells)


def anchor_cells(
    hub: Hub, asked: FigureRequest, template: Path, mapping: str | None
) -> list[FormCell]:
    """The cells of a form that are to be filled, by its anchors and the units known.

    ``mapping``: as in fill_workbook. Raises WrongCall and YamlProblems.
    """
    file = form_file(mapping, Path.cwd()) if mapping else template.with_suffix(".yaml")
    if not file.is_file():
        raise WrongCall(f"there is no file of anchors {file}; name it with --mapping")
    anchors = read_anchors(file, choose_catalogue(asked.last))
    return [cell for anchor in anchors for cell in _list_cells(hub, asked, anchor)]


def fill_cells(
    hub: Hub, asked: FigureRequest, name: str, form: bytes, cells: Sequence[FormCell]
) -> FormFigures:
    """The filled copy of the form of this name, read back; raises WrongForm."""
    kinds = {kind for cell in cells for kind in cell.unit}
    units = [unit for unit in UNITS if unit in kinds]
    answer, district = compute_kennzahlen(hub, asked, units), take_district(hub, asked)
    filled = _fill_copy(form, name, list(_make_entries(answer, district, cells)), answer.as_of)
    # Asked a second time, so that what was written is compared with the warehouse itself.
    again = list(_make_entries(compute_kennzahlen(hub, asked, units), district, cells))
    _read_back(form, name, filled, again)
    return FormFigures(filled, list(tell_sums(answer, cells)))


def take_district(hub: Hub, asked: FigureRequest) -> str:
    """The name of the district, by the rules that the figures follow."""
    return asked.rules.district if asked.rules else hub.config.district.name


def check_form(template: Path) -> None:
    """Raises WrongCall where the file is no form that can be filled."""
    if not template.is_file():
        raise WrongCall(f"there is no form {template}")
    if not is_form(template):
        raise WrongCall(f"a form must be a workbook (.xlsx or .xlsm): {template.name}")


def _check_files(template: Path, out: Path) -> None:
    check_form(template)
    if out.suffix.lower() != template.suffix.lower():
        raise WrongCall(
            "form and copy must be workbooks with the same ending (.xlsx or .xlsm): "
            f"{template.name}, {out.name}"
        )
    if out.exists() and out.samefile(template):
        raise WrongCall(f"{out} is the form itself; name another file for the copy")


def _fill_copy(form: bytes, name: str, entries: Sequence[Entry], day: date) -> FilledForm:
    try:
        return fill_form(form, entries, day)
    except TemplateChanged as error:
        raise WrongForm(f"{name} was not filled:\n{error}") from None
    except CannotRead as error:
        raise WrongForm(f"{name} was not filled: {error.message}") from None


def _read_back(form: bytes, name: str, filled: FilledForm, entries: Sequence[Entry]) -> None:
    """Compares every cell of the copy; WrongForm names those that differ."""
    wanted = {place: e.value for place, e in zip(filled.cells, entries, strict=True)}
    differences = compare_cells(form, filled.content, wanted, filled.formulas)
    if differences:
        named = "\n".join(map(str, differences))
        raise WrongForm(f"{name} was not filled; read back, these differ:\n{named}")


def _list_cells(hub: Hub, asked: FigureRequest, anchor: Anchor) -> Iterator[FormCell]:
    """The cell of an anchor, or that of each unit of its kind, with the labels it may have."""
    # The unit of a person has its source beside it.
    by = anchor.each or next((unit for unit in UNIT_KINDS if unit in anchor.unit), None)
    if anchor.figure and by not in (None, *INDICATORS[anchor.figure].units):
        raise WrongCall(f"{anchor.where}: '{anchor.figure}' is not counted by {by}")
    units = _name_units(hub, asked)
    if anchor.each:
        yield from (_make_cell(anchor, *unit) for unit in units[anchor.each])
        return
    if by in units and anchor.unit not in [unit for unit, _ in units[by]]:
        raise WrongCall(f"{anchor.where}: the configuration has no such {by}")
    yield _make_cell(anchor, anchor.unit, ())


def _make_cell(anchor: Anchor, unit: Unit, names: Sequence[str]) -> FormCell:
    return FormCell(
        anchor.sheet,
        (*anchor.row, *names[:1]),
        anchor.column,
        anchor.cell,
        anchor.where,
        tuple(names[1:]),
        anchor.besides if anchor.each else None,
        anchor.figure,
        anchor.category,
        anchor.fact,
        dict(unit),
    )


def _name_units(hub: Hub, asked: FigureRequest) -> dict[str, list[UnitNames]]:
    """The units of the registers as known, each with its names."""
    known_at, config = hub.known_at(asked.as_of), hub.config
    with hub.store.read() as connection:
        places = read_municipalities(connection, known_at)
        teams = read_teams(connection, known_at)
    also = {ags: place.also for ags, place in config.municipalities.items()}
    return {
        "municipality": [
            ({"municipality": ags}, (name, ags, *also.get(ags, ()))) for ags, name in places.items()
        ],
        "team": [({"team": team}, (team,)) for team in teams],
        "carrier": [({"carrier": k}, (c.name, k)) for k, c in config.carriers.items()],
        "source": [({"source": name}, (name,)) for name in config.sources],
    }


def _make_entries(answer: Kennzahlen, district: str, cells: Sequence[FormCell]) -> Iterator[Entry]:
    """What belongs into each cell, by the answer."""
    first, last = answer.period.first, answer.period.last
    if first is None or last is None:
        raise PeriodOpen("a form needs a first and a last day")
    facts: dict[str, Value] = {
        "from": first,
        "to": last,
        "period": period_text(first, last),
        "district": district,
        "as_of": answer.as_of,
        "counted_on": answer.counted_on or last,
        "load": answer.load,
        "catalogue": answer.catalogue,
    }
    values = _Values(answer)
    for one in cells:
        value = facts[one.fact] if one.fact else values.find_value(one)
        yield Entry(
            one.sheet, one.row, one.column, value, one.cell, one.where, one.also, one.besides
        )


class _Values:
    """The figures of an answer; what nobody delivers is a sign and no number."""

    def __init__(self, answer: Kennzahlen) -> None:
        self._values = {
            (f.indicator, f.category, frozenset(f.unit.items())): f.value for f in answer.figures
        }
        self._lacking = {
            (gap.indicator, frozenset(gap.unit.items()))
            for gap in answer.not_delivered
            if gap.whole
        }
        self._units = {unit for _, _, unit in self._values} | {unit for _, unit in self._lacking}

    def find_value(self, cell: FormCell) -> int | str:
        """The figure of a cell: 0 where nothing was counted, a sign where nobody delivers it."""
        assert cell.figure
        key = frozenset(cell.unit.items())
        if "staff" in cell.unit and key not in self._units:
            raise WrongCall(
                f"{cell.where}: there are no figures of this person in the period; the unit "
                "needs 'staff' and 'source' as the answer of --by staff has them"
            )
        if (value := self._values.get((cell.figure, cell.category, key))) is not None:
            return value
        return NOT_DELIVERED if (cell.figure, key) in self._lacking else 0


def _describe_answer(out: Path, made: FormFigures, cells: Sequence[FormCell]) -> FormAnswer:
    filled, formulas = made.filled, made.filled.formulas
    written = [
        FilledCell(sheet, str(place), cell.figure, cell.category, cell.unit, value)
        for ((sheet, place), value), cell in zip(filled.cells.items(), cells, strict=True)
    ]
    return FormAnswer(
        str(out),
        written,
        filled.changed_parts,
        [f"{sheet}!{place}: {error}" for (sheet, place), error in formulas.errors.items()],
        [f"{sheet}!{place}" for sheet, place in formulas.new_errors],
        list_not_computed(filled),
        made.notes,
    )


def list_not_computed(filled: FilledForm) -> list[str]:
    """The formulas that the program which opens the form has to compute."""
    return [f"{sheet}!{place}" for sheet, place in filled.formulas.unknown]
