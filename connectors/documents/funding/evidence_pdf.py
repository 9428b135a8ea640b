"""Prints the proof of one Integrationsmanager/in for one grant as a PDF to be signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from connectors.documents.figure_data import KNOWN_LABEL, Group
from connectors.documents.figure_table import FigureTable, complete_catalogue, lay_out_lines
from connectors.documents.funding.evidence_data import GrantEvidence, MemberEvidence
from connectors.documents.funding.evidence_workbook import (
    COMPLETE,
    NOT_A_FORM,
    RATE_HEADS,
    TIME_HEADS,
    Cell,
    list_member_facts,
    rate_row,
    time_row,
)
from connectors.documents.german_format import MISSING, day_text, number_text, period_text
from connectors.documents.kennzahlen.book import KennzahlenBook
from connectors.documents.kennzahlen.figure_sheets import NOT_OFFICIAL
from connectors.documents.typst_pdf import render_pdf


def make_member_pdf(grant: GrantEvidence, member: MemberEvidence, book: KennzahlenBook) -> bytes:
    """The same as the workbook: times, amounts, what is missing, and "Auswertung Zeitraum".

    ``book`` holds the member's figures; the same input gives the same bytes.
    """
    data: dict[str, object] = {
        "district": book.district,
        "grant": grant.grant,
        "note": NOT_A_FORM,
        "facts": [[label, _spell(value)] for label, value in list_member_facts(grant, member)],
        "time_heads": TIME_HEADS,
        "times": [_spell_row(time_row(time)) for time in member.times],
        "rate_heads": RATE_HEADS,
        "rated": [_spell_row(rate_row(part)) for part in member.rated],
        "missing": list(member.missing) or [COMPLETE],
        **_spell_figures(member, book),
    }
    return render_pdf("funding/evidence.typ", data, book.created.date(), grant.grant)


def _spell_figures(member: MemberEvidence, book: KennzahlenBook) -> Mapping[str, object]:
    table = FigureTable(book.figures, book.gaps, book.catalogue)
    return {
        "person": ", ".join(member.names) or member.member,
        "period": period_text(book.period_from, book.period_to),
        "not_official": NOT_OFFICIAL,
        "footer": f"{book.district} · Ladung {book.load} · nicht amtlich",
        "groups": [
            {"title": group["label"], "lines": list(_list_lines(table, group))}
            for group in complete_catalogue(book.catalogue, table)
        ],
    }


def _list_lines(table: FigureTable, group: Group) -> Iterator[list[str]]:
    for indicator in group["indicators"]:
        for line in lay_out_lines(table, indicator):
            is_part = line.category is not None and line.label != indicator["label"]
            label = f"{indicator['label']}: {line.label}" if is_part else line.label
            value = line.text if line.value is None else number_text(line.value)
            yield [label, value, KNOWN_LABEL[line.known]]


def _spell_row(cells: Sequence[Cell]) -> list[str]:
    return [_spell(cell) for cell in cells]


def _spell(value: Cell) -> str:
    match value:
        case None:
            return MISSING
        case Decimal():
            return number_text(value, 2)
        case int():
            return number_text(value)
        case date():
            return day_text(value)
        case _:
            return value
