"""Prints the Kennzahlen of a period as an archivable, tagged PDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors.documents.figure_data import KNOWN_LABEL, UNIT_LABELS, FigureDocument, Group
from connectors.documents.figure_table import (
    FigureTable,
    Line,
    complete_catalogue,
    full_label,
    lay_out_lines,
    list_units,
)
from connectors.documents.german_format import MISSING, day_text, number_text, period_text
from connectors.documents.kennzahlen.figure_sheets import NOT_OFFICIAL, NOTES
from connectors.documents.signs import REVISED
from connectors.documents.typst_pdf import render_pdf

TEMPLATE = "kennzahlen/printout.typ"
# The signs of official statistics.
ABSENT = "x"
SIGNS = (
    "Zeichen: – nichts vorhanden (gezählt, es ist 0), x von keiner Quelle geliefert, r gegenüber"
    " der Einreichung davor berichtigt.",
    NOT_OFFICIAL,
)


def print_kennzahlen(document: FigureDocument, number: str, units: Sequence[str]) -> bytes:
    """The PDF with the figures of the district and of these kinds of unit.

    ``number`` is the opaque id of the submission. The same document gives the same bytes.
    """
    return render_pdf(
        TEMPLATE, _describe_page(document, number, units), document.created.date(), number
    )


def _describe_page(
    document: FigureDocument, number: str, units: Sequence[str]
) -> Mapping[str, object]:
    period = period_text(document.period_from, document.period_to)
    return {
        "title": "Kennzahlen Integrationsmanagement",
        "subtitle": f"{document.district}, {period}",
        "footer": f"{document.district} · {period} · Einreichung {number}",
        "facts": _list_facts(document, period, number),
        "parts": list(_describe_parts(document, units)),
        "notes": [*SIGNS, *NOTES],
    }


def _list_facts(document: FigureDocument, period: str, number: str) -> list[list[str]]:
    return [
        ["Kreis", document.district],
        ["Zeitraum", period],
        ["Klientinnen und Klienten am", day_text(document.counted_on)],
        ["Stand des Wissens", day_text(document.as_of)],
        ["Erzeugt aus Ladung Nr.", str(document.load)],
        ["Katalog", document.catalogue_version],
        ["Einreichung", number],
    ]


def _describe_parts(document: FigureDocument, units: Sequence[str]) -> Iterator[dict[str, Any]]:
    table = FigureTable(document.figures, document.gaps, document.catalogue, document.revised)
    catalogue = complete_catalogue(document.catalogue, table)
    yield {"title": "Auswertung Zeitraum", "groups": _describe_groups(table, catalogue, {})}
    for kind in units:
        for unit in list_units(document.figures, kind, document.municipalities):
            origin = f" (Quelle: {unit.source})" if unit.source and kind != "source" else ""
            title = f"{UNIT_LABELS[kind]} {unit.title}{origin}"
            counted = [g for g in _counted_groups(catalogue, kind) if g["indicators"]]
            yield {"title": title, "groups": _describe_groups(table, counted, unit.key)}


def _counted_groups(catalogue: Iterable[Group], kind: str) -> Iterator[Group]:
    """The groups with the indicators that are counted by this kind of unit."""
    for group in catalogue:
        counted = [i for i in group["indicators"] if kind in i.get("units", (kind,))]
        yield {"label": group["label"], "indicators": counted}


def _describe_groups(
    table: FigureTable, catalogue: Iterable[Group], unit: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [
        {"title": group["label"], "lines": list(_describe_lines(table, group, unit))}
        for group in catalogue
    ]


def _describe_lines(
    table: FigureTable, group: Group, unit: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for indicator in group["indicators"]:
        lines = list(lay_out_lines(table, indicator, unit))
        if lines[0].category is not None:
            label = full_label(group, indicator)
            yield {"label": label, "whole": True, "value": "", "known": ""}
        yield from map(_describe_line, lines)


def _describe_line(line: Line) -> dict[str, Any]:
    whole = line.category is None
    known = KNOWN_LABEL[line.known]
    return {"label": line.label, "whole": whole, "value": _print_value(line), "known": known}


def _print_value(line: Line) -> str:
    if line.value is None:
        return ABSENT if line.missing else ""
    printed = number_text(line.value) if line.value else MISSING
    return f"{printed} {REVISED}" if line.revised else printed
