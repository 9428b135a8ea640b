"""The page of the crash matrix: the last results of the whole crash tests, per engine and step."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipelines.docs.markdown import format_item, format_page, format_table, wrap_paragraph

RESULTS = Path(__file__).resolve().parents[2] / "tests" / "crash" / "results.json"
ENGINES = {"duckdb": "DuckDB", "postgresql": "PostgreSQL"}
STEPS = {
    "schema": "Schema anlegen und prüfen",
    "registers": "Register aus der Konfiguration",
    "landing": "Bytes in den Eingang legen",
    "manifest": "Begleitzettel der Lieferung (Manifest)",
    "mapping": "Zuordnen",
    "staging": "Vorläufige Tabellen füllen und bereinigen",
    "comparing": "Mit dem Bekannten vergleichen",
    "history": "In die Historie übernehmen",
    "balance": "Bilanz schreiben",
    "ledger": "Lieferung und Ladung verzeichnen",
    "findings": "Befunde und Quarantäne schreiben",
    "identity": "Personen verknüpfen",
    "commit": "Transaktion abschließen",
    "report": "Bericht schreiben",
    "workbook": "Arbeitsmappe schreiben",
    "forms": "Formulare setzen",
    "parcel": "Sendung zusammenstellen und ablegen",
    "transmissions": "Übermittlungen verzeichnen",
    "any (run)": "beliebiger Augenblick im Lauf",
    "any (report)": "beliebiger Augenblick im Bericht",
    "any (transfer)": "beliebiger Augenblick in der Übermittlung",
}
DISTURBANCES = {
    "SIGTERM": "Beenden (SIGTERM)",
    "Ctrl-C": "Abbruch mit Strg-C",
    "server killed": "Datenbankserver getötet (`kill -9` des Hauptprozesses)",
    "backend killed": "Serverprozess der Verbindung getötet (`kill -9`)",
    "connection ended": "Verbindung vom Server beendet",
    "full disk": "Datenträger voll",
    "read-only folder": "Ordner nur lesbar",
    "clock jumps": "Uhr springt (Zeitumstellung, rückwärts, Zukunft)",
}
HEAD = (
    "Punkte",
    "verloren",
    "doppelt",
    "hängen geblieben",
    "weder alt noch neu",
    "Widerrufenes ginge hinaus",
    "Wiederholung gleich",
)
LEGEND = (
    "**verloren, doppelt**: Zeilen aller Tabellen, die nach der Wiederholung fehlen oder zu viel "
    "sind.",
    "**hängen geblieben**: Sperren, Arbeitsdateien oder Läufe, die ein Mensch wegräumen müsste.",
    "**weder alt noch neu**: gleich nach der Störung war der Bestand weder der alte noch der neue "
    "oder der Eingang unheil.",
    "**Widerrufenes ginge hinaus**: zwischen der Störung und der Wiederholung würde etwas "
    "übermittelt, das nach den gelieferten Dateien nicht hinausgehen darf.",
    "**Wiederholung gleich**: Kennzahlen mit allen Einheiten und Stichtagen, Bilanz, Befunde, "
    "Verknüpfungen, Bericht, Arbeitsmappe und Sendung sind Byte für Byte gleich (Mappe und Bericht "
    "bis auf den Zeitpunkt der letzten Ladung).",
)
COUNTS = ("points", "lost", "doubled", "stuck", "torn", "leaked", "equal")
Rows = Sequence[dict[str, Any]]


def page_text() -> str:
    """The page crash-matrix.md."""
    rows: Rows = json.loads(RESULTS.read_text(encoding="utf-8"))
    kills = [r for r in rows if r["disturbance"] == "kill"]
    others = [r for r in rows if r["disturbance"] != "kill"]
    return format_page(
        "Absturzmatrix",
        wrap_paragraph(
            "Ein simulierter Landkreis wird über zwei Lieferungen geladen, berichtet und "
            "übermittelt. An jedem der Punkte unten wird der Vorgang gestört, danach ungestört "
            "wiederholt und mit einem nie gestörten Weg verglichen."
        ),
        "\n".join(map(format_item, LEGEND)),
        f"## Getötet (`kill -9`)\n\n{_totals_line(kills)}",
        format_table(("Datenbank", "Schritt", *HEAD), _table_lines(kills, "step", STEPS)),
        "## Andere Störungen",
        wrap_paragraph(
            "Nach jeder endet der Befehl mit einem klaren Satz und einem Status ungleich 0; "
            "Uhren, die springen, stören ihn nicht."
        ),
        format_table(
            ("Datenbank", "Störung", *HEAD), _table_lines(others, "disturbance", DISTURBANCES)
        ),
        wrap_paragraph(
            "Neu gemessen wird mit `drehscheibe.py test -m crash`; eine Auswahl der Punkte läuft "
            "mit allen übrigen Tests."
        ),
    )


def _totals_line(rows: Rows) -> str:
    parts = [
        f"{name} {sum(r['points'] for r in rows if r['engine'] == engine)}"
        for engine, name in ENGINES.items()
    ]
    return wrap_paragraph(f"Punkte: {', '.join(parts)}.")


def _table_lines(rows: Rows, by: str, names: dict[str, str]) -> Iterator[tuple[str, ...]]:
    for engine, title in ENGINES.items():
        for key, name in names.items():
            found = [r for r in rows if r["engine"] == engine and r[by] == key]
            if found:
                yield title, name, *_sum_counts(found)


def _sum_count(rows: Rows, name: str) -> str:
    """The sum; a dash where it was not measured."""
    return str(sum(row[name] for row in rows)) if all(name in row for row in rows) else "–"


def _sum_counts(rows: Rows) -> list[str]:
    *counts, equal = [_sum_count(rows, name) for name in COUNTS]
    return [*counts, f"{equal} von {counts[0]}"]
