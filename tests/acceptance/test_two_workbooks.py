"""Two municipalities that both number their clients 1, 2, 3 are not merged in silence: what cannot be told apart is rejected by place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from openpyxl import Workbook

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from warehouse.loading.findings import list_findings

CLIENTS = (
    "Lfd.",
    "Klienten-Nr.",
    "Nachname",
    "Vorname",
    "Geburtsdatum",
    "Geschlecht",
    "Staatsangehörigkeit",
    "Familienstand",
)
CLIENTS += (
    "Aufenthaltsstatus",
    "Einreise",
    "Zuweisung AU",
    "Unterbringung",
    "Betreuung von",
    "Betreuung bis",
    "Integrationsmanager/in",
)
TALKS = (
    "Lfd.",
    "Gesprächs-Nr.",
    "Klienten-Nr.",
    "Datum",
    "Dauer (Min.)",
    "Familie",
    "Sprache",
    "Schule",
    "Ausbildung/Studium",
    "Arbeit",
)
TALKS += (
    "Wohnen",
    "Gesundheit",
    "Teilhabe",
    "Kinder",
    "Sonstiges",
    "Weiterleitung an",
    "Integrationsmanager/in",
    "Bemerkung",
)
CONFIG = """\
district: {ags: "08999", name: Musterkreis}
municipalities: {"08999001": {name: Oberalm}, "08999002": {name: Unteralm}}
sources:
  workbook: {mapping: workbook, folder: exports}
"""


def municipality(folder: Path, name: str, clients: int) -> None:
    book = Workbook()
    for title, header in (("Klienten", CLIENTS), ("Gespräche", TALKS)):
        sheet = book.create_sheet(title)
        for row in (
            ["Gemeinde:", name],
            ["Stand:", "31.07.2025"],
            ["Bearbeitung:", "Muster"],
            [],
            header,
        ):
            sheet.append(list(row))
        for n in range(1, clients + 1):
            if title == "Klienten":
                sheet.append(
                    [
                        n,
                        str(n),
                        f"{name}er",
                        f"Kind {n}",
                        f"0{n}.03.1990",
                        "m",
                        *[""] * 6,
                        "01.01.2024",
                        "",
                        "Muster",
                    ]
                )
            else:
                sheet.append(
                    [n, str(n), str(n), f"0{n}.06.2025", 30, "Nein", "x", *[""] * 9, "Muster", ""]
                )
    del book["Sheet"]
    book.save(folder / f"{name}.xlsx")


def test_numbers_used_by_two_municipalities_are_rejected_with_their_place(tmp_path: Path) -> None:
    delivery = tmp_path / "exports" / "2025-07-31"
    delivery.mkdir(parents=True)
    municipality(delivery, "Oberalm", 3)
    municipality(delivery, "Unteralm", 2)
    (tmp_path / "drehscheibe.yaml").write_text(CONFIG, "utf-8")
    with Hub(load_config(tmp_path / "drehscheibe.yaml")) as hub:
        (taken,) = run_intake(hub, until=date(2025, 7, 31))
        with hub.store.read() as connection:
            found = [f for f in list_findings(connection) if f.severity == "rejected"]
    # Nothing of the second workbook is usable, which is no loaded delivery.
    assert taken.state == "incomplete" and taken.loaded is not None
    assert [(c.file, c.table, c.read, c.used, c.rejected) for c in taken.loaded.counts] == [
        ("Oberalm.xlsx", "Klienten", 3, 3, 0),
        ("Oberalm.xlsx", "Gespräche", 3, 3, 0),
        ("Unteralm.xlsx", "Klienten", 2, 0, 2),
        ("Unteralm.xlsx", "Gespräche", 2, 0, 2),
    ]
    assert {(f.file, f.sheet, f.row, f.rule) for f in found} == {
        ("Unteralm.xlsx", sheet, row, "key_repeated")
        for sheet in ("Klienten", "Gespräche")
        for row in (6, 7)
    } | {("Unteralm.xlsx", sheet, None, "rows_rejected") for sheet in ("Klienten", "Gespräche")}
