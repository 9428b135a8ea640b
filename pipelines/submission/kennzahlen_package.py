"""Makes the package of the Kennzahlen of a period: the same ledger entry gives the same bytes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors.documents.figure_data import Figure, FigureName, name_figure
from connectors.documents.kennzahlen.printout import print_kennzahlen
from connectors.documents.kennzahlen.workbook import make_workbook
from connectors.documents.package.bag import make_bag
from connectors.documents.package.crate import CRATE, describe_crate
from connectors.documents.package.statement import STATEMENT
from connectors.documents.signs import REVISED
from mappings.catalogue import Catalogue
from pipelines.figures.document_content import DocumentContent, collect_content
from pipelines.figures.figure_rules import FigureRules, KeptForm
from pipelines.figures.form import FormFigures, fill_cells
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.figures.workbook import build_book
from pipelines.submission.figure_files import (
    BALANCE_COLUMNS,
    FIGURE_COLUMNS,
    describe_tables,
    list_fallen,
    name_line,
    write_balance,
    write_definitions,
    write_figures,
    write_json,
)
from pipelines.submission.kept_receipts import read_kept
from pipelines.submission.made_of import list_units, write_made_of
from warehouse.ledger.submissions import Submission, read_submissions

if TYPE_CHECKING:
    from pipelines.hub import Hub

PRODUCT = "kennzahlen"
FIGURES = "figures.json"
FILLED_FORM = "formular"
MEANINGS: Mapping[str, str] = {
    "kennzahlen.xlsx": "Arbeitsmappe der Kennzahlen (neutrale Auswertung, nicht das amtliche Muster)",
    "kennzahlen.pdf": "Ausdruck der Kennzahlen",
    f"{FILLED_FORM}.xlsx": "das ausgefüllte Formular",
    f"{FILLED_FORM}.xlsm": "das ausgefüllte Formular",
    FIGURES: "Kennzahlen als JSON",
    "figures.csv": "Kennzahlen als Tabelle",
    "balance.csv": "Bilanz der Lieferungen, aus denen die Kennzahlen stammen",
    "datapackage.json": "Beschreibung der Tabellen",
    "definitions.json": "Definition und Quelle jeder Kennzahl",
    "rules.json": "Katalog, Beschriftungen und was nicht geliefert wird",
    STATEMENT: "woraus das Paket gemacht ist (in-toto Statement)",
}


def make_kennzahlen_package(hub: Hub, made: Submission) -> dict[str, bytes]:
    """All files of the package by their path in it.

    They depend on the warehouse as known at the load, on what the ledger has of the submission,
    and on nothing else: not on the configuration, the clock, the machine or what came later.
    """
    title = f"Kennzahlen {made.period_from} bis {made.period_to}"
    content = _collect_figures(hub, made)
    payload = _write_figure_files(hub, made, content) | _write_form(hub, made)
    payload[STATEMENT] = write_made_of(hub, made, payload)
    day = made.prepared_at.date()
    legal = f"{content.catalogue.basis}. {content.catalogue.legal_ground}"
    crate = describe_crate(payload, MEANINGS, title, legal, day)
    return make_bag(payload | {CRATE: crate}, day, f"{title}, {content.district}")


def request_figures(made: Submission) -> FigureRequest:
    """The request that the submission answers."""
    return FigureRequest(
        made.period_from, made.period_to, made.load_number, read_frozen_rules(made)
    )


def read_frozen_rules(made: Submission) -> FigureRules:
    """The rules that the submission was made by."""
    return FigureRules.from_json(made.rules)


def fill_kept_form(hub: Hub, asked: FigureRequest, form: KeptForm) -> FormFigures:
    """The kept form with the figures asked for; raises WrongForm and UnreadableReceipt."""
    content = read_kept(hub, form.sha256, form.suffix)
    return fill_cells(hub, asked, f"{FILLED_FORM}{form.suffix}", content, form.cells)


def _write_form(hub: Hub, made: Submission) -> dict[str, bytes]:
    asked = request_figures(made)
    if asked.rules is None or asked.rules.form is None:
        return {}
    form = asked.rules.form
    return {f"{FILLED_FORM}{form.suffix}": fill_kept_form(hub, asked, form).filled.content}


def _collect_figures(hub: Hub, made: Submission) -> DocumentContent:
    return collect_content(hub, request_figures(made), list_units(made))


def _write_figure_files(hub: Hub, made: Submission, content: DocumentContent) -> dict[str, bytes]:
    then = _list_corrected(hub, made)
    revised = _find_revised(then, content) if then is not None else frozenset()
    book = replace(build_book(hub, content), revised=revised)
    if content.rules.edition > 1:
        fallen = list_fallen(then or (), content.figures, content.gaps)
        content = replace(content, figures=[*content.figures, *fallen])
    balance = write_balance(book.deliveries)
    figures = _write_lines(content, revised)
    tables = {
        "figures.csv": (FIGURE_COLUMNS, figures),
        "balance.csv": (BALANCE_COLUMNS, balance),
    }
    return {
        "kennzahlen.xlsx": make_workbook(book),
        "kennzahlen.pdf": print_kennzahlen(book, made.submission_id, list_units(made)),
        FIGURES: write_json(_describe_figures(made, content, revised)),
        "figures.csv": figures,
        "balance.csv": balance,
        "datapackage.json": describe_tables(content.district, tables),
        "definitions.json": write_definitions(content.groups, _describe_basis(content.catalogue)),
        "rules.json": made.rules.encode(),
    }


def _write_lines(content: DocumentContent, revised: Collection[FigureName]) -> bytes:
    gaps = {name_line(gap): gap.sources for gap in content.gaps}
    signs = {name_line(gap): gap.sign for gap in content.gaps if content.rules.edition > 1}
    return write_figures(content.figures, gaps, revised, signs)


def _describe_basis(catalogue: Catalogue) -> dict[str, str]:
    return {
        "catalogue": catalogue.name,
        "basis": catalogue.basis,
        "legal_ground": catalogue.legal_ground,
    }


def _list_corrected(hub: Hub, made: Submission) -> Sequence[Figure] | None:
    """The figures of the submission that is corrected; None where none is."""
    corrected = _find_corrected(hub, made)
    return _collect_figures(hub, corrected).figures if corrected else None


def _find_revised(before: Sequence[Figure], content: DocumentContent) -> frozenset[FigureName]:
    """The figures with another value than in the submission that is corrected."""
    then, now = (
        {name_figure(figure): figure.value for figure in one} for one in (before, content.figures)
    )
    return frozenset(
        name for name in then.keys() | now.keys() if then.get(name, 0) != now.get(name, 0)
    )


def _find_corrected(hub: Hub, made: Submission) -> Submission | None:
    with hub.store.read() as connection:
        known = {one.submission_id: one for one in read_submissions(connection)}
    return known.get(made.corrects or "")


def _describe_figures(
    made: Submission, content: DocumentContent, revised: Collection[FigureName]
) -> dict[str, Any]:
    """The figures in the form of ``drehscheibe kennzahlen --json``; revised ones are marked."""
    return {
        "submission": made.submission_id,
        "district": content.district,
        "period": {"from": made.period_from.isoformat(), "to": made.period_to.isoformat()},
        "counted_on": content.counted_on.isoformat(),
        "as_of": content.as_of.isoformat(),
        "load": made.load_number,
        "catalogue": content.catalogue.name,
        "figures": [_mark_figure(figure, revised) for figure in content.figures],
        "not_delivered": [vars(gap) for gap in content.gaps],
        "without_unit": [vars(left) for left in content.left_over],
    }


def _mark_figure(figure: Figure, revised: Collection[FigureName]) -> dict[str, Any]:
    return vars(figure) | ({"mark": REVISED} if name_figure(figure) in revised else {})
