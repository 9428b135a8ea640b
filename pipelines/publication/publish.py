"""Makes public tables: proposes layouts, hides what must be hidden, audits, freezes, writes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.atomic_file import write_atomically
from connectors.documents.signs import LEGEND, NOT_DELIVERED, SUPPRESSED
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.publication.layouts import LAYOUTS, Layout
from pipelines.publication.ledger import PrintedCell, Publication
from pipelines.publication.public_tables import (
    CannotPublish,
    PublicFigures,
    PublicSystem,
    PublicTable,
    build_system,
    list_connected,
    make_tables,
)
from pipelines.publication.witnessed import read_witnessed, write_witnessed
from pipelines.workbench.profile import mark_formula
from warehouse.gates.fewest_hidden import find_fewest, is_small_enough
from warehouse.gates.suppression import Pattern, State, System, choose_hidden
from warehouse.gates.suppression_audit import Known, Secret, find_exposed

if TYPE_CHECKING:
    from pipelines.hub import Hub


NO_PATTERN = Pattern(frozenset(), frozenset())


@dataclass(frozen=True)
class Proposal:
    """What a layout would show: its cells, the small ones hidden, and those hidden beside them.

    Shares are of what the inner cells count: of all, of persons, and of all if just the small ones
    were hidden. ``exposed``: small numbers that this layout cannot protect because of earlier
    publications. ``least``: no pattern hides fewer cells; None: the tables are too large to tell.
    """

    layout: str
    title: str
    cells: int
    primary: int
    secondary: int
    share_shown: float
    share_of_persons: float
    share_with_small_hidden: float
    exposed: int
    least: int | None = None


@dataclass(frozen=True)
class Published:
    """A publication that was made."""

    number: int
    proposal: Proposal
    files: Sequence[str]


def propose_layouts(hub: Hub, asked: FigureRequest) -> list[Proposal]:
    """What every layout would show, the coarsest first."""
    figures = PublicFigures(hub, asked)
    before = read_witnessed(hub)
    return [_propose_layout(figures, before, layout) for layout in LAYOUTS]


def _propose_layout(
    figures: PublicFigures, before: Sequence[Publication], layout: Layout
) -> Proposal:
    tables = make_tables(figures, layout)
    built = build_system(figures, tables, before)
    return _describe_layout(layout, tables, built, *_choose_pattern(built.system))


def publish_tables(hub: Hub, asked: FigureRequest, layout: Layout, out: Path) -> Published:
    """Writes the tables of a layout to ``out`` and freezes what they show.

    CannotPublish where a small number could be computed; then nothing is written.
    """
    figures = PublicFigures(hub, asked)
    before = read_witnessed(hub)
    tables = make_tables(figures, layout)
    built = build_system(figures, tables, before)
    pattern, least = _choose_pattern(built.system)
    proposal = _describe_layout(layout, tables, built, pattern, least)
    _check_audit(built, pattern)
    decided = [_decide_cells(table, built, pattern) for table in tables]
    made = write_witnessed(
        hub,
        Publication(
            len(before) + 1,
            hub.today.isoformat(),
            layout.name,
            figures.now.load,
            [cell for table in decided for cell in table.cells.values()],
            columns_by_size=False,
        ),
    )
    return Published(made.number, proposal, [str(f) for f in _write_files(out, decided, made)])


def audit_publications(hub: Hub) -> list[str]:
    """What could be computed from all that is out: a sentence for those about connected days.

    With the audit's own code; empty: nothing.
    """
    out = read_witnessed(hub)
    found: list[str] = []
    checked: set[PrintedCell] = set()
    for one in out:
        # What days connected with its own gave away was told with an earlier one.
        if left := [cell for cell in one.cells if cell not in checked]:
            connected = frozenset(list_connected(out, left))
            checked |= connected
            built = build_system(PublicFigures(hub, _span_days(one)), [], out, about=left)
            found += _tell_exposed(built, [o.number for o in out if connected & {*o.cells}])
    return found


def _span_days(one: Publication) -> FigureRequest:
    """All days that the cells of a publication are about."""
    last = max(cell.last for cell in one.cells)
    first = min((cell.first for cell in one.cells if cell.first), default=last)
    return FigureRequest(date.fromisoformat(first), date.fromisoformat(last))


def _tell_exposed(built: PublicSystem, numbers: Sequence[int]) -> Iterator[str]:
    """A sentence where something can be computed from the publications of these numbers."""
    exposed = find_exposed(_list_known(built, NO_PATTERN), _list_secrets(built))
    if exposed:
        named = ", ".join(map(str, numbers))
        yield f"{len(exposed)} small numbers can be computed from publication {named}"


def _choose_pattern(system: System) -> tuple[Pattern, int | None]:
    """The pattern, and the number of hidden cells that none can be below (None: not known)."""
    found = choose_hidden(system)
    if found.exposed or not is_small_enough(system):
        return found, None
    fewest = find_fewest(system, found)
    return fewest.pattern or found, fewest.least


def _check_audit(built: PublicSystem, pattern: Pattern) -> None:
    """Tries to compute what is hidden, with other code than that which chose the pattern."""
    exposed = [*pattern.exposed, *find_exposed(_list_known(built, pattern), _list_secrets(built))]
    if exposed:
        raise CannotPublish(
            f"{len(set(exposed))} small numbers could be computed from these tables and those"
            " published before; choose a coarser layout (drehscheibe publish layouts)"
        )


def _list_known(built: PublicSystem, pattern: Pattern) -> list[Known]:
    system = built.system
    known = [
        Known(dict.fromkeys(cell.atoms, 1), sum(system.atoms[a] for a in cell.atoms))
        for number, cell in enumerate(system.cells)
        if cell.state is State.SHOWN or (cell.state is State.OPEN and number not in pattern.hidden)
    ]
    sums = (Known(link, sum(f * system.atoms[a] for a, f in link.items())) for link in system.links)
    limits = (Known(limit.factors, limit.most, is_limit=True) for limit in system.limits)
    return [*known, *sums, *limits, *_list_signs(system, pattern)]


def _list_signs(system: System, pattern: Pattern) -> Iterator[Known]:
    """What a sign tells: the number in its place is not 0."""
    for number, cell in enumerate(system.cells):
        is_new = cell.state is State.OPEN and number in pattern.hidden
        if is_new or cell.state is State.HIDDEN:
            surplus = sum(system.atoms[a] for a in cell.atoms) - cell.value
            yield Known(dict.fromkeys(cell.atoms, -1), -1 - surplus, is_limit=True)


def _list_secrets(built: PublicSystem) -> list[Secret]:
    """The small cells; where people count in two units, the sum of atoms is that much larger."""
    return [_describe_secret(built.system, number) for number in built.system.targets]


def _describe_secret(system: System, number: int) -> Secret:
    cell = system.cells[number]
    counted = sum(system.atoms[atom] for atom in cell.atoms)
    return Secret(number, frozenset(cell.atoms), counted - cell.value)


def _decide_cells(table: PublicTable, built: PublicSystem, pattern: Pattern) -> PublicTable:
    cells = {
        place: replace(cell, is_shown=built.new[cell] not in pattern.hidden)
        for place, cell in table.cells.items()
    }
    return replace(table, cells=cells)


def _describe_layout(
    layout: Layout,
    tables: Sequence[PublicTable],
    built: PublicSystem,
    pattern: Pattern,
    least: int | None,
) -> Proposal:
    return Proposal(
        layout.name,
        layout.title,
        len(built.new),
        len(pattern.primary),
        len(pattern.secondary),
        _share_shown(tables, built, pattern.hidden),
        _share_shown([t for t in tables if t.counts_persons], built, pattern.hidden),
        _share_shown(tables, built, pattern.primary),
        len(pattern.exposed),
        least,
    )


def _share_shown(
    tables: Sequence[PublicTable], built: PublicSystem, hidden: frozenset[int]
) -> float:
    """The share of what the inner cells count that is in those shown."""
    inner = [cell for table in tables for cell in _list_inner(table)]
    counted = sum(cell.value for cell in inner)
    shown = sum(cell.value for cell in inner if built.new[cell] not in hidden)
    return round(shown / counted, 4) if counted else 1.0


def _list_inner(table: PublicTable) -> Iterator[PrintedCell]:
    """All cells but those of the last row, which sums the others."""
    for (row, _), cell in table.cells.items():
        if len(table.rows) == 1 or row != table.rows[-1].label:
            yield cell


def _write_files(out: Path, tables: Sequence[PublicTable], made: Publication) -> Iterator[Path]:
    """The tables as CSV that Excel opens and as JSON; no true value of a hidden cell is in them."""
    out.mkdir(parents=True, exist_ok=True)
    yield _write_file(out / "tabellen.csv", _format_csv(tables).encode("utf-8-sig"))
    answer = {
        "publication": made.number,
        "layout": made.layout,
        "signs": LEGEND,
        "cells": [
            {
                "table": table.indicator,
                "row": row,
                "column": column,
                **{k: v for k, v in asdict(cell).items() if k in ("first", "last")},
                **({"value": cell.value} if cell.is_shown else {"sign": SUPPRESSED}),
            }
            for table in tables
            for (row, column), cell in table.cells.items()
        ],
    }
    text = json.dumps(answer, ensure_ascii=False, indent=1)
    yield _write_file(out / "tabellen.json", text.encode())


def _write_file(path: Path, content: bytes) -> Path:
    write_atomically(path, content)
    return path


def _format_csv(tables: Sequence[PublicTable]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for table in tables:
        writer.writerow([table.label, *map(mark_formula, table.columns)])
        for row in table.rows:
            cells = (table.cells.get((row.label, column)) for column in table.columns)
            writer.writerow([mark_formula(row.label), *map(_cell_text, cells)])
        writer.writerow([])
    for sign, meaning in LEGEND.items():
        writer.writerow([sign, meaning])
    return text.getvalue()


def _cell_text(cell: PrintedCell | None) -> str:
    if cell is None:
        return NOT_DELIVERED
    return str(cell.value) if cell.is_shown else SUPPRESSED
