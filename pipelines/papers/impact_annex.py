"""The annex to the impact assessment (Art. 35 DSGVO): fields by protection, dangers and answers."""

from __future__ import annotations

from collections import defaultdict

from connectors.documents.person.person_letter import LetterSection, LetterTable
from pipelines.docs.dictionary import PROTECTION
from pipelines.papers.paper import Paper
from warehouse.schema import metadata

# Danger → what the program does about it, and the command with which that is looked at.
DANGERS = (
    (
        "Weitergabe ohne oder gegen die Einwilligung",
        "Grundsatz: nichts geht hinaus, was nicht erlaubt ist; Widerruf gilt über alle Systeme",
        "transfer --dry-run",
    ),
    (
        "Weitergabe veralteter Angaben",
        "Eine Quelle, die nicht auf dem Stand ist, lässt nichts hinaus",
        "status",
    ),
    (
        "Verwechslung zweier Menschen",
        "Verknüpft wird nur mit mehreren Belegen; Zweifel entscheidet ein Mensch",
        "identity review",
    ),
    (
        "Rückschluss aus kleinen Zahlen",
        "Unterdrückung mit Gegenprobe über alles, was veröffentlicht ist",
        "publish check",
    ),
    (
        "Verlust oder Verfälschung",
        "Bilanz je Lieferung, unveränderte Bytes, Sicherung mit Prüfung",
        "db check",
    ),
    (
        "Löschung bleibt unvollständig",
        "Suche über jedes Byte vor der Bescheinigung; Wiederholung nach dem Zurückspielen",
        "person erase",
    ),
    (
        "Namen in Protokollen",
        "Werte stehen nur in der Quarantäne; Meldungen nennen Ort und Regel",
        "findings",
    ),
)


def make_annex() -> Paper:
    """The annex, the same for every district."""
    found: dict[str, list[str]] = defaultdict(list)
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.info.get("protection", "none") != "none":
                label = f"{table.info['label']}: {column.info['label']}"
                found[column.info["protection"]].append(label)
    rows = [
        [PROTECTION[kind], str(len(labels)), "; ".join(labels)] for kind, labels in found.items()
    ]
    heads = ["Schutzklasse", "Felder", "welche"]
    return Paper(
        "folgenabschaetzung-anlage",
        "Anlage zur Datenschutz-Folgenabschätzung (Art. 35 DSGVO)",
        [
            LetterSection("Felder nach Schutzbedarf", [], [LetterTable(heads, rows)]),
            _list_dangers(),
        ],
    )


def _list_dangers() -> LetterSection:
    dangers = [[danger, answer, f"drehscheibe {command}"] for danger, answer, command in DANGERS]
    table = LetterTable(["Gefahr", "Antwort", "zu sehen mit"], dangers)
    return LetterSection("Gefahren und Antworten", [], [table])
