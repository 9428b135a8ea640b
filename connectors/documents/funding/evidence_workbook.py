"""Writes the workbooks about grants: per Integrationsmanager/in, per grant, and of the district."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING

from connectors.documents.figure_data import Unit
from connectors.documents.figure_table import FigureTable, complete_catalogue
from connectors.documents.funding.evidence_data import (
    GrantEvidence,
    HeldTime,
    MemberEvidence,
    RatedTime,
)
from connectors.documents.german_format import MISSING, number_text, period_text
from connectors.documents.kennzahlen import evidence_sheets, figure_sheets
from connectors.documents.kennzahlen.book import KennzahlenBook
from connectors.documents.kennzahlen.figure_sheets import Frame
from connectors.documents.kennzahlen.sheet_format import (
    GERMAN_DATE,
    ROW,
    make_formats,
    set_up_page,
    set_widths,
    write_texts,
)
from connectors.documents.kennzahlen.workbook import OPTIONS

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

Cell = str | int | date | Decimal | None
EVIDENCE, FIGURES = "Verwendungsnachweis", "Auswertung Zeitraum"
NOT_A_FORM = (
    "Zahlenmäßiger Nachweis aus dem Verzeichnis des Kreises; kein amtlicher Vordruck. Beträge nach"
    " Satz sind taggenau gerechnet, ohne Unterbrechungen (Annahme)."
)
COMPLETE = "Nichts fehlt."
KNOWN = {"F": "belegt", "D": "abgeleitet", "A": "Annahme"}
TIME_HEADS = ("Stelle", "von", "bis", "VZÄ", "Tage ohne Arbeit")
RATE_HEADS = ("Jahr", "Satz je VZÄ", "belegt/Annahme", "VZÄ-Tage", "EUR")
MEMBER_HEADS = ("Fachkraft", "von", "bis", "Klasse", "VZÄ", "Nach Satz", "Kosten", "Fehlt noch")
TOTAL_HEADS = (
    "Zuwendung",
    "Antragsteller",
    "Nachweis am",
    "Personen",
    "Bewilligt",
    "Nach Satz",
    "Kosten",
    "Fehlt noch",
)
_WIDTHS = (30, 18, 18, 12, 14, 16, 16, 16, 16)
_EURO = "[$-407]#,##0.00"


class _Pages:
    """A workbook being written, with its formats."""

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self.look: SimpleNamespace = make_formats(workbook)
        self.euro = workbook.add_format({**ROW, "align": "right", "num_format": _EURO})
        self.day = workbook.add_format({**ROW, "align": "left", "num_format": GERMAN_DATE})

    def add_sheet(self, name: str) -> Worksheet:
        return self.workbook.add_worksheet(name)

    def begin(self, sheet: Worksheet, title: str, subtitle: str) -> int:
        """Title, subtitle and what this is; returns the next free row."""
        set_widths(sheet, _WIDTHS)
        sheet.merge_range(0, 0, 0, 5, title, self.look.long_title)
        sheet.set_row(0, 28 if len(title) <= 60 else 52)
        sheet.write_string(1, 0, subtitle, self.look.subtitle)
        sheet.merge_range(2, 0, 2, 5, NOT_A_FORM, self.look.note)
        sheet.set_row(2, 32)
        return 4

    def write_facts(self, sheet: Worksheet, row: int, facts: Sequence[tuple[str, Cell]]) -> int:
        for label, value in facts:
            sheet.write_string(row, 0, label, self.look.fact)
            self._write(sheet, row, 1, value)
            row += 1
        return row + 1

    def write_table(
        self, sheet: Worksheet, row: int, heads: Sequence[str], rows: Sequence[Sequence[Cell]]
    ) -> int:
        write_texts(sheet, row, heads, self.look.head)
        for cells in rows:
            row += 1
            for column, value in enumerate(cells):
                self._write(sheet, row, column, value)
        return row + 2

    def write_missing(self, sheet: Worksheet, row: int, missing: Sequence[str]) -> int:
        sheet.write_string(row, 0, "Was fehlt", self.look.subtitle)
        for text in missing or [COMPLETE]:
            row += 1
            sheet.merge_range(row, 0, row, 5, text, self.look.text)
            sheet.set_row(row, 15 * (1 + len(text) // 95))
        return row + 2

    def _write(self, sheet: Worksheet, row: int, column: int, value: Cell) -> None:
        match value:
            case None:
                sheet.write_string(row, column, MISSING, self.look.absent)
            case Decimal():
                sheet.write_number(row, column, value, self.euro)
            case int():
                sheet.write_number(row, column, value, self.look.integer)
            case date():
                sheet.write_datetime(row, column, value, self.day)
            case _:
                sheet.write_string(row, column, value, self.look.text)


def make_member_workbook(
    grant: GrantEvidence, member: MemberEvidence, book: KennzahlenBook
) -> bytes:
    """The proof of one member with "Auswertung Zeitraum" for that person and time.

    ``book`` holds the member's figures; the same input gives the same bytes.
    """
    buffer = io.BytesIO()
    with _write_into(buffer, f"{EVIDENCE} {grant.grant} {member.member}", book) as pages:
        sheets = {name: pages.add_sheet(name) for name in (EVIDENCE, *_figure_sheets())}
        _fill_member(pages, sheets[EVIDENCE], grant, member, book)
        title = ", ".join(member.names) or member.member
        _fill_figures(pages, sheets, book, Unit("staff", title, {}))
    return buffer.getvalue()


def make_grant_workbook(grant: GrantEvidence, book: KennzahlenBook) -> bytes:
    """The overview of a grant: its members, amounts, deadlines, and what is missing."""
    buffer = io.BytesIO()
    with _write_into(buffer, f"Zuwendung {grant.grant}", book) as pages:
        sheet = pages.add_sheet("Übersicht")
        _fill_grant(pages, sheet, grant, book)
    return buffer.getvalue()


def make_total_workbook(
    year: int, grants: Sequence[GrantEvidence], missing: Sequence[str], book: KennzahlenBook
) -> bytes:
    """The Gesamtverwendungsnachweis of a year, with the district's "Auswertung Zeitraum"."""
    buffer = io.BytesIO()
    title, front = f"Gesamtverwendungsnachweis {year}", "Gesamtnachweis"
    with _write_into(buffer, title, book) as pages:
        sheets = {name: pages.add_sheet(name) for name in (front, *_figure_sheets())}
        sheet = sheets[front]
        row = pages.begin(sheet, title, book.district)
        row = pages.write_table(sheet, row, TOTAL_HEADS, [_total_row(g) for g in grants])
        row = pages.write_facts(sheet, row, _sum_grants(grants))
        pages.write_missing(sheet, row, missing)
        set_up_page(sheet, footer=f"{book.district} · {title}", repeat=4, landscape=True)
        _fill_figures(pages, sheets, book, Unit("district", book.district, {}))
    return buffer.getvalue()


def _total_row(grant: GrantEvidence) -> tuple[Cell, ...]:
    return (
        grant.grant,
        grant.applicant,
        grant.evidence_sent,
        len(grant.members),
        grant.amount,
        grant.by_rate,
        grant.recorded_costs,
        len(grant.all_missing),
    )


def _sum_grants(grants: Sequence[GrantEvidence]) -> list[tuple[str, Cell]]:
    return [
        ("Bewilligt zusammen", _add(g.amount for g in grants)),
        ("Kosten zusammen", _add(g.spent for g in grants)),
    ]


def _add(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


@contextmanager
def _write_into(buffer: io.BytesIO, title: str, book: KennzahlenBook) -> Iterator[_Pages]:
    import xlsxwriter

    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        workbook.set_properties(_describe_file(title, book))
        yield _Pages(workbook)


def _describe_file(title: str, book: KennzahlenBook) -> dict[str, object]:
    created = book.created.replace(tzinfo=None, microsecond=0)
    about = {"title": title, "author": "Drehscheibe", "company": book.district}
    return {**about, "created": created}


def _figure_sheets() -> tuple[str, ...]:
    return FIGURES, "Definitionen", "Datengrundlage"


def _fill_figures(
    pages: _Pages, sheets: dict[str, Worksheet], book: KennzahlenBook, unit: Unit
) -> None:
    table = FigureTable(book.figures, book.gaps, book.catalogue)
    catalogue = complete_catalogue(book.catalogue, table)
    front = next(iter(sheets))
    frame = Frame(book, pages.look, table, catalogue, front, {})
    fill, definitions, evidence = (sheets[name] for name in _figure_sheets())
    if unit.kind == "staff":
        figure_sheets.fill_unit(fill, frame, unit)
    else:
        figure_sheets.fill_front(fill, frame)
    evidence_sheets.fill_definitions(definitions, frame)
    evidence_sheets.fill_balance(evidence, frame)


def _fill_member(
    pages: _Pages,
    sheet: Worksheet,
    grant: GrantEvidence,
    member: MemberEvidence,
    book: KennzahlenBook,
) -> None:
    row = pages.begin(sheet, EVIDENCE, f"{book.district}, Zuwendung {grant.grant}")
    row = pages.write_facts(sheet, row, list_member_facts(grant, member))
    row = pages.write_table(sheet, row, TIME_HEADS, [time_row(t) for t in member.times])
    row = pages.write_table(sheet, row, RATE_HEADS, [rate_row(r) for r in member.rated])
    row = pages.write_missing(sheet, row, member.missing)
    sheet.write_string(row + 1, 0, "Ort, Datum", pages.look.fact)
    sheet.write_string(row + 1, 2, "Unterschrift", pages.look.fact)
    footer = f"{book.district} · {EVIDENCE} {grant.grant} · Ladung {book.load}"
    set_up_page(sheet, footer=footer, repeat=0)


def list_member_facts(grant: GrantEvidence, member: MemberEvidence) -> list[tuple[str, Cell]]:
    """What the proof says of the grant and the member, label by label."""
    return [
        ("Förderlinie", grant.line),
        ("Antragsteller", grant.applicant),
        ("Integrationsmanager/in", ", ".join(member.names) or None),
        ("Kürzel im Verzeichnis", member.member),
        ("Qualifikationsklasse", member.qualification),
        ("Zeitraum", period_text(member.first, member.last)),
        ("Personalkosten (EUR)", member.staff_cost),
        ("Fortbildungskosten (EUR)", member.training_cost),
        ("Kosten zusammen (EUR)", member.spent),
        ("Betrag nach Satz (EUR)", member.by_rate),
        ("Vorzulegen bis", grant.due_on),
    ]


def time_row(time: HeldTime) -> tuple[Cell, ...]:
    """A time on a post, in the order of TIME_HEADS."""
    return time.post, time.first, time.last, time.vzae, time.off_days


def rate_row(part: RatedTime) -> tuple[Cell, ...]:
    """The amount of a year or a part of it, in the order of RATE_HEADS."""
    known = KNOWN.get(part.known or "", MISSING)
    when = f"{part.span[0]:%d.%m.}–{part.span[1]:%d.%m.%Y}" if part.span else str(part.year)
    return when, part.rate, known, part.vzae_days, part.amount


def _fill_grant(
    pages: _Pages, sheet: Worksheet, grant: GrantEvidence, book: KennzahlenBook
) -> None:
    title = f"Zuwendung {grant.grant}"
    row = pages.begin(sheet, title, book.district)
    row = pages.write_facts(sheet, row, _list_grant_facts(grant))
    row = pages.write_table(sheet, row, MEMBER_HEADS, [_member_row(m) for m in grant.members])
    pages.write_missing(sheet, row, grant.all_missing)
    set_up_page(sheet, footer=f"{book.district} · {title}", repeat=0, landscape=True)


def _list_grant_facts(grant: GrantEvidence) -> list[tuple[str, Cell]]:
    return [
        ("Förderlinie", grant.line),
        ("Antragsteller", grant.applicant),
        ("von", grant.first),
        ("bis", grant.last),
        ("Bewilligt (EUR)", grant.amount),
        ("Kosten (EUR)", grant.spent),
        ("Betrag nach Satz (EUR)", grant.by_rate),
        ("Nachweis und Sachbericht bis", grant.due_on),
        ("Nachweis vorgelegt am", grant.evidence_sent),
        ("Sachbericht vorgelegt am", grant.report_sent),
    ]


def _member_row(member: MemberEvidence) -> tuple[Cell, ...]:
    return (
        member.member,
        member.first,
        member.last,
        member.qualification,
        _show_vzae(member),
        member.by_rate,
        member.spent,
        len(member.missing),
    )


def _show_vzae(member: MemberEvidence) -> str:
    sizes = dict.fromkeys(number_text(t.vzae, 2) for t in member.times)
    return " / ".join(sizes)
