"""The register of staff, posts and grants: from YAML or a workbook into the warehouse, with its history and its mistakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from mappings.grant_register import SHEETS, GrantRegister
from mappings.problems import YamlProblems
from pipelines.config.models import Config
from pipelines.funding.grant_book import read_grant_book
from pipelines.funding.register_file import read_register
from pipelines.hub import Hub
from pipelines.intake.registers import write_registers
from warehouse.as_of import KnownAt
from warehouse.ledger.grant_registers import read_entries, read_extensions
from warehouse.schema import GRANT_REGISTERS, funding, staff

District = Callable[..., Config]
REGISTER = """\
grants:
  - {key: im-2024, applicant: landkreis, from: 2024-01-01, to: 2024-12-31, amount: 60000}
  - {key: uk-2024, line: Ukraine-Soforthilfe, applicant: landkreis, from: 2024-01-01, to: 2024-12-31}
posts:
  - {key: nord, carrier: Landkreis Probe, grant: im-2024, vzae: 1.5, from: 2024-01-01, municipalities: ["08999001", Ort 2]}
  - {key: soforthilfe, carrier: caritas, grant: uk-2024, vzae: 0.5, from: 2024-01-01, municipalities: [Ort 3]}
staff:
  - {key: im-1, carrier: landkreis, qualification: a, hired: 2024-01-01}
  - {key: im-2, carrier: caritas, qualification: c, hired: 2024-02-01, training_begun: 2024-03-01}
names:
  - {staff: im-1, source: enaio, name: "Probe, Petra"}
  - {staff: im-1, source: tau, name: P. Probe}
  - {staff: im-2, source: tau, name: Q. Muster}
holdings:
  - {staff: im-1, post: nord, from: 2024-01-01, vzae: 0.75, staff_cost: 45000.50, training_cost: 300}
  - {staff: im-2, post: soforthilfe, from: 2024-02-01, to: 2024-10-31, vzae: 0.5}
interruptions:
  - {staff: im-1, from: 2024-05-01, to: 2024-06-30, reason: Elternzeit}
extensions:
  - {source: enaio, key: P-1, until: 2025-06-30, reason: Ausbildung begonnen}
"""
SHEET_ROWS: dict[str, list[list[Any]]] = {
    "Zuwendungen": [
        ["Zuwendung", "Förderlinie", "Antragsteller", "von", "bis", "Bewilligt", "Bemerkung"],
        ["im-2024", "", "landkreis", date(2024, 1, 1), date(2024, 12, 31), 60000, "geprüft"],
        ["uk-2024", "Ukraine-Soforthilfe", "landkreis", date(2024, 1, 1), "31.12.2024", None],
    ],
    "Stellen": [
        ["Stelle", "Träger", "Zuwendung", "VZÄ", "von", "Gemeinden"],
        ["nord", "Landkreis Probe", "im-2024", "1,5", date(2024, 1, 1), "08999001; Ort 2"],
        ["soforthilfe", "caritas", "uk-2024", 0.5, date(2024, 1, 1), "Ort 3"],
        ["Summe", None, None, 2, None, None],
    ],
    "Personal": [
        ["Fachkraft", "Träger", "Qualifikation", "Beschäftigt ab", "Nachqualifizierung begonnen"],
        ["im-1", "landkreis", "a", date(2024, 1, 1), None],
        ["im-2", "caritas", "c", date(2024, 2, 1), date(2024, 3, 1)],
    ],
    "Namen": [
        ["Fachkraft", "Quelle", "Name"],
        ["im-1", "enaio", "Probe, Petra"],
        ["im-1", "tau", "P. Probe"],
        ["im-2", "tau", "Q. Muster"],
    ],
    "Besetzung": [
        ["Fachkraft", "Stelle", "von", "bis", "VZÄ", "Personalkosten", "Fortbildungskosten"],
        ["im-1", "nord", date(2024, 1, 1), None, 0.75, "45.000,50", 300],
        ["im-2", "soforthilfe", date(2024, 2, 1), date(2024, 10, 31), "0,5", None, None],
    ],
    "Unterbrechungen": [
        ["Fachkraft", "von", "bis", "Grund"],
        ["im-1", date(2024, 5, 1), date(2024, 6, 30), "Elternzeit"],
    ],
    "Verlängerungen": [
        ["Quelle", "Schlüssel", "bis", "Begründung"],
        ["enaio", "P-1", date(2025, 6, 30), "Ausbildung begonnen"],
    ],
}


def write_sheets(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """A workbook as an office would write it: a title line, then the table, cells as they come."""
    with xlsxwriter.Workbook(str(path)) as book:
        day_format = book.add_format({"num_format": "dd.mm.yyyy"})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            sheet.write_string(0, 0, f"{title} des Probekreises")
            for row, cells in enumerate(rows, start=2):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date):
                        moment = datetime.combine(cell, datetime.min.time())
                        sheet.write_datetime(row, column, moment, day_format)
                    elif cell is not None:
                        sheet.write(row, column, cell)
    return path


def test_workbook_and_yaml_say_the_same(district: District, tmp_path: Path) -> None:
    by_yaml = read_register(district(REGISTER))
    book = write_sheets(tmp_path / "verzeichnis.xlsx", SHEET_ROWS)
    assert read_register(district(book)) == by_yaml
    assert by_yaml.posts[0].municipalities == ("08999001", "08999002")
    assert by_yaml.grants[1].line == "ukraine_soforthilfe"
    assert by_yaml.holdings[0].staff_cost == Decimal("45000.50")
    assert all(getattr(by_yaml, part) for part in SHEETS)


def test_the_register_has_history(district: District) -> None:
    with Hub(district(REGISTER)) as hub:
        write_registers(hub)
        with hub.store.read() as connection:
            before = read_grant_book(connection, KnownAt(0, current=True))
            extensions = read_extensions(connection, KnownAt(0, current=True))
            assert all(read_entries(connection, t, KnownAt(1)) for t in GRANT_REGISTERS)
            names = read_entries(connection, staff, KnownAt(1))
            funded = read_entries(connection, funding, KnownAt(1))
    assert extensions == {"enaio:P-1": [date(2025, 6, 30)]}
    assert {(n["name"], n["qualification"]) for n in names} == {
        ("Probe, Petra", "a"),
        ("P. Probe", "a"),
        ("Q. Muster", "c"),
    }
    assert {(f["source"], f["grant_name"]) for f in funded} == {
        ("enaio", "im-2024"),
        ("tau", "im-2024"),
        ("tau", "uk-2024"),
    }
    assert [(p.key, p.vzae, p.line) for p in before.posts] == [
        ("nord", Decimal("1.50"), "integrationsmanagement"),
        ("soforthilfe", Decimal("0.50"), "ukraine_soforthilfe"),
    ]
    # Until a load has used an entry, a change replaces it; nothing of the old one is kept.
    with Hub(district(REGISTER.replace("vzae: 1.5", "vzae: 2"))) as hub:
        write_registers(hub)
        with hub.store.read() as connection:
            after = read_grant_book(connection, KnownAt(0, current=True))
    assert [p.vzae for p in after.posts] == [Decimal("2.00"), Decimal("0.50")]


STAFF = """\
staff:
  - {name: "Neu, Nora", source: enaio, vzae: 0.5, from: 2024-01-01, grant: Integrationsmanagement 2024, qualification: b}
  - {name: "Neu, Nora", source: enaio, vzae: 0.75, from: 2025-01-01, grant: Ukraine-Soforthilfe}
"""


def test_the_staff_list_of_the_configuration_keeps_working(district: District) -> None:
    with Hub(district(more=STAFF)) as hub:
        write_registers(hub)
        with hub.store.read() as connection:
            book = read_grant_book(connection, KnownAt(0, current=True))
            (named,) = read_entries(connection, staff, KnownAt(1))
            funded = read_entries(connection, funding, KnownAt(1))
    (key,) = book.members
    assert key.startswith("s-") and "Nora" not in key
    assert [(h.member, h.vzae, h.line) for h in book.holdings] == [
        (key, Decimal("0.50"), "integrationsmanagement"),
        (key, Decimal("0.75"), "ukraine_soforthilfe"),
    ]
    # The qualification of the last entry counts, as before.
    assert named == {"source": "enaio", "name": "Neu, Nora", "qualification": None}
    assert [(f["funded_from"], f["vzae"], f["grant_name"]) for f in funded] == [
        (date(2024, 1, 1), Decimal("0.50"), "Integrationsmanagement 2024"),
        (date(2025, 1, 1), Decimal("0.75"), "Ukraine-Soforthilfe"),
    ]


def test_list_and_register_are_joined_and_a_name_in_both_is_refused(district: District) -> None:
    joined = read_register(district(REGISTER, STAFF))
    assert len(joined.staff) == 3 and len(joined.names) == 4
    with pytest.raises(YamlProblems, match="is in the register, too; take the entry out"):
        read_register(district(REGISTER, STAFF.replace("Neu, Nora", "Probe, Petra")))


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("vzae: 1.5", "vzae: 0", 5, "posts.0.vzae"),
        ("vzae: 1.5", "vzae: 1.555", 5, "posts.0.vzae"),
        ("vzae: 0.75", "vzae: 1.25", 15, "holdings.0.vzae"),
        ("grant: im-2024", "grant: im-2023", 5, "unknown grant; did you mean 'im-2024'?"),
        ("carrier: caritas, grant", "carrier: carits, grant", 6, "did you mean 'caritas'?"),
        ("post: nord", "post: nrod", 15, "unknown post; did you mean 'nord'?"),
        ("source: tau, name: Q.", "source: tao, name: Q.", 13, "unknown source"),
        ("Ort 3", "Ort 9", 6, "unknown municipality 'Ort 9'"),
        ("{key: im-2,", "{key: im-1,", 9, "is there twice"),
        ("line: Ukraine-Soforthilfe", "line: Ukraine", 3, "grants.1.line"),
        ("to: 2024-10-31", "to: 2023-10-31", 16, "ends before it begins"),
        ("training_begun", "training_began", 9, "unknown key; did you mean 'training_begun'?"),
        ("interruptions:", "interruption:", 17, "unknown key; did you mean 'interruptions'?"),
    ],
)
def test_mistakes_are_told_with_their_line(
    old: str, new: str, line: int, says: str, district: District
) -> None:
    assert REGISTER.count(old) >= 1
    with pytest.raises(YamlProblems) as told:
        read_register(district(REGISTER.replace(old, new, 1)))
    assert any(says in str(p) and p.line == line for p in told.value.problems), str(told.value)
    assert "Petra" not in str(told.value) and "Muster" not in str(told.value)


@pytest.mark.parametrize(
    ("sheet", "row", "column", "cell", "says"),
    [
        ("Stellen", 1, 3, "eineinhalb", "verzeichnis.xlsx:4: Stellen VZÄ: is no number"),
        ("Besetzung", 2, 3, "31.06.2024", "verzeichnis.xlsx:5: Besetzung bis: is no day"),
        ("Besetzung", 1, 1, "süd", "verzeichnis.xlsx:4: Besetzung Stelle: unknown post"),
        ("Namen", 0, 2, "Nachname", "Namen"),
        ("Personal", 0, 1, "Arbeitgeber", "unknown column 'Arbeitgeber'; known: Fachkraft, Träger"),
    ],
)
def test_mistakes_of_a_workbook_name_sheet_and_row(
    sheet: str, row: int, column: int, cell: str, says: str, district: District, tmp_path: Path
) -> None:
    rows = {title: [list(line) for line in lines] for title, lines in SHEET_ROWS.items()}
    rows[sheet][row][column] = cell
    book = write_sheets(tmp_path / "verzeichnis.xlsx", rows)
    with pytest.raises(YamlProblems) as told:
        read_register(district(book))
    assert says in str(told.value)


def test_a_workbook_without_any_of_the_sheets_is_no_register(
    district: District, tmp_path: Path
) -> None:
    book = write_sheets(tmp_path / "leer.xlsx", {"Tabelle1": [["Name"], ["x"]]})
    with pytest.raises(YamlProblems, match="Zuwendungen"):
        read_register(district(book))
    assert GrantRegister() == read_register(district())
