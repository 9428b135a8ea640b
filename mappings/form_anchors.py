"""The anchors of a form: which figure belongs into which of its cells, checked line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BaseModel, BeforeValidator, Field

from mappings.catalogue import Catalogue
from mappings.problems import Problem, YamlProblems, did_you_mean
from mappings.yaml_file import Document, KeyPath, read_yaml, to_model

OWN_FORMS = Path(__file__).parent / "destinations" / "forms"

Fact = Literal["from", "to", "period", "district", "as_of", "counted_on", "load", "catalogue"]
UnitKind = Literal["municipality", "staff", "carrier", "team", "source"]


def _as_text(value: object) -> object:
    """A label such as 2024 is a text, too, as the form shows it."""
    return str(value) if isinstance(value, int | float) else value


Label = Annotated[str, BeforeValidator(_as_text)]
Labels: TypeAlias = Label | list[Label]


class Line(BaseModel, extra="forbid"):
    """One cell: the labels of its row and column, and the figure or fact that belongs there.

    Labels are one text, or those from the outer to the inner one. ``cell``: where the cell is, to
    be told if the form changes; where no label stands above the cell, it takes the column's place.
    """

    row: Labels | None = None
    column: Labels | None = None
    cell: str | None = Field(None, pattern=r"^[A-Za-z]{1,3}[1-9][0-9]{0,6}$")
    figure: str | None = None
    fact: Fact | None = None
    unit: dict[UnitKind, str] = {}


class Sheet(BaseModel, extra="forbid"):
    """The cells of one sheet.

    ``column``: the label of the column of all figures that name none. ``each``: the lines name
    columns, and there is a row for every unit of this kind, labelled with its name, below ``row``
    if that is given. ``besides``: labels among these rows that are no units, such as sums.
    """

    sheet: str
    column: Labels | None = None
    row: Labels | None = None
    each: Literal["municipality", "carrier", "team"] | None = None
    besides: list[Label] = []
    lines: list[Line]


class FormAnchors(BaseModel, extra="forbid"):
    """The anchors of one form."""

    name: str
    title: str = ""
    sheets: list[Sheet] = Field(min_length=1)


@dataclass(frozen=True)
class Anchor:
    """One line of the file, complete; ``where``: file and line.

    ``row`` is empty where the row is labelled with the name of a unit of the kind ``each``.
    """

    sheet: str
    row: tuple[str, ...]
    column: tuple[str, ...]
    cell: str | None
    figure: str | None
    category: str | None
    fact: Fact | None
    unit: dict[str, str]
    each: str | None
    besides: tuple[str, ...]
    where: str


@dataclass(frozen=True)
class FormCell:
    """One cell of a form: the labels of its row and column, and the figure or fact for it.

    ``also``: other names of the inner label of the row. ``besides``: given for a row per unit: the
    labels among these rows that are no units. ``where``: file and line of the anchor.
    """

    sheet: str
    row: tuple[str, ...]
    column: tuple[str, ...]
    cell: str | None
    where: str
    also: tuple[str, ...]
    besides: tuple[str, ...] | None
    figure: str | None
    category: str | None
    fact: Fact | None
    unit: dict[str, str]


def form_file(name: str, folder: Path) -> Path:
    """The file that a name of ours or a path means; it need not exist."""
    is_path = name.endswith((".yaml", ".yml")) or "/" in name
    return (folder / name).resolve() if is_path else OWN_FORMS / f"{name}.yaml"


def read_anchors(path: Path, catalogue: Catalogue) -> list[Anchor]:
    """The anchors of a file; YamlProblems with every mistake, its line, and what would be right."""
    document = read_yaml(path)
    form = to_model(document, FormAnchors)
    problems: list[Problem] = []
    anchors: list[Anchor] = []
    for s, sheet in enumerate(form.sheets):
        for n, line in enumerate(sheet.lines):
            at: KeyPath = ("sheets", s, "lines", n)
            found = list(_check_line(document, at, sheet, line, catalogue))
            problems += found
            if not found:
                anchors.append(_complete_line(document, at, sheet, line))
    if problems:
        raise YamlProblems(problems)
    return anchors


def _complete_line(document: Document, at: KeyPath, sheet: Sheet, line: Line) -> Anchor:
    place = document.problem(at, "")
    figure, _, category = (line.figure or "").partition(".")
    return Anchor(
        sheet.sheet,
        _labels(sheet.row if sheet.each else line.row),
        _labels(_column_of(sheet, line)),
        line.cell,
        figure or None,
        category or None,
        line.fact,
        {str(kind): name for kind, name in line.unit.items()},
        sheet.each,
        tuple(sheet.besides),
        f"{place.file}:{place.line}",
    )


def _column_of(sheet: Sheet, line: Line) -> Labels | None:
    # Facts stand beside their label, not in the column of the figures.
    return line.column or (None if line.fact else sheet.column)


def _labels(labels: Labels | None) -> tuple[str, ...]:
    return (labels,) if isinstance(labels, str) else tuple(labels or ())


def _check_line(
    document: Document, at: KeyPath, sheet: Sheet, line: Line, catalogue: Catalogue
) -> Iterator[Problem]:
    if (line.figure is None) == (line.fact is None):
        yield document.problem(at, "needs either a figure or a fact", _SHAPE)
    if sheet.each:
        yield from _check_each(document, at, line)
    elif not _labels(line.row):
        yield document.problem(at, "has no label of its row", "add 'row: …'")
    if not _labels(_column_of(sheet, line)) and (not line.cell or sheet.each):
        yield document.problem(
            at, "has no label of its column", "add 'column: …', or 'cell: …' where none is above"
        )
    if line.unit and line.fact:
        yield document.problem((*at, "unit"), "a fact has no unit", "leave 'unit' out")
    if line.figure:
        yield from _check_figure(document, (*at, "figure"), line.figure, catalogue)


def _check_each(document: Document, at: KeyPath, line: Line) -> Iterator[Problem]:
    for key in ("row", "cell", "unit", "fact"):
        if getattr(line, key):
            hint = f"leave '{key}' out: the rows are those of the units"
            yield document.problem((*at, key), f"'each' and '{key}' exclude each other", hint)


def _check_figure(
    document: Document, at: KeyPath, figure: str, catalogue: Catalogue
) -> Iterator[Problem]:
    name, _, category = figure.partition(".")
    known = {line.indicator: line for line in catalogue.indicators()}
    if name not in known:
        hint = did_you_mean(name, known)
        yield document.problem(at, f"the catalogue has no figure '{name}'", hint)
        return
    codes: Sequence[str] = [code for code in known[name].labels() if code is not None]
    if category and category not in codes:
        hint = did_you_mean(category, codes) if codes else f"write '{name}'"
        yield document.problem(at, f"'{name}' has no category '{category}'", hint)
    elif codes and not category:
        hint = f"name one, as in '{name}.{codes[0]}'"
        yield document.problem(at, f"'{name}' is counted by category only", hint)


_SHAPE = f"write 'figure: conversations', or 'fact: {get_args(Fact)[0]}'"
