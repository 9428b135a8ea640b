"""The findings: each rule of the engine and the readers with what it means and what it does to row, value or table."""

from __future__ import annotations

from mappings.engine.messages import SENTENCES
from pipelines.docs.markdown import code, page, paragraph, table

SEVERITY = {
    "rejected": "Die Zeile (oder die ganze Tabelle oder Datei) wurde nicht übernommen.",
    "set_aside": "Der einzelne Wert blieb leer, die Zeile wurde übernommen.",
    "notice": "Hinweis; nichts ging verloren.",
}
# The readers make their sentences from what they see; here stands what each rule is about.
FILE_RULES = {
    "broken_page": "Eine aus enaio geholte Seite ist beschädigt oder umbenannt worden.",
    "broken_file": "Die Datei ist unvollständig oder beschädigt.",
    "column_missing": "Eine Spalte, die die Zuordnung braucht, fehlt, oder es gibt keine Kopfzeile.",
    "description": "Die Beschreibung der Felder fehlt in der Lieferung oder ist nicht lesbar.",
    "doctype": "Die XML-Datei enthält eine DOCTYPE-Angabe und wird aus Sicherheitsgründen nicht gelesen.",
    "duplicate_header": "Eine Spaltenüberschrift steht doppelt.",
    "empty_file": "Die Datei ist leer.",
    "encoding": "Die Bytes passen zu keiner erlaubten Kodierung oder nicht zur angegebenen; der Satz nennt Zeile und Byte.",
    "encrypted": "Die Arbeitsmappe ist mit einem Kennwort geschützt.",
    "header_row_missing": "An der angegebenen Stelle steht keine Kopfzeile.",
    "html": "Die Datei ist eine Webseite, auch wenn ihr Name anders endet.",
    "json_unknown": "Die JSON-Datei enthält keine Zeilen mit benannten Feldern.",
    "password": "Das Kennwort öffnet die Arbeitsmappe nicht.",
    "sheet_missing": "Das Blatt, der Objekttyp oder die Tabelle fehlt in der Datei.",
    "too_large": "Die Datei ist größer als erlaubt, auch ausgepackt.",
    "unknown_format": "Die Datei ist weder Text noch Arbeitsmappe noch XML.",
    "xml_2003": "Die Datei ist eine XML-Kalkulationstabelle 2003; bitte als .xlsx speichern.",
    "xml_unknown": "Die XML-Datei ist kein linearer enaio-Export.",
}
CELL_RULES = {
    "error_value": "Die Zelle der Arbeitsmappe enthält einen Excel-Fehlerwert.",
    "formula_without_value": "Die Zelle enthält eine Formel, deren Ergebnis nicht gespeichert ist; Formeln werden nie gerechnet.",
}
NOTICES = {
    "beside_table": "Neben der Tabelle stehen Zellen ohne Überschrift; sie wurden nicht gelesen.",
    "control_removed": "Steuerzeichen, die XML nicht kennt, wurden entfernt.",
    "delimiter_assumed": "Nur bei `drehscheibe read`: das Trennzeichen ist angenommen.",
    "footer": "Eine Summen- oder Fußzeile wurde erkannt und nicht als Datenzeile gelesen.",
    "header_assumed": "Nur bei `drehscheibe read`: die Kopfzeile ist angenommen oder fehlt.",
    "hidden_rows": "Ausgeblendete Zeilen der Arbeitsmappe wurden mitgelesen.",
    "hidden_sheet": "Ausgeblendete Blätter wurden nicht gelesen.",
    "late_field": "Ein Feld kommt erst nach den ersten Zeilen der JSON-Datei vor und wurde nicht gelesen.",
    "mended": "Falsch gesetzte Anführungszeichen wurden beim Lesen berichtigt; der Satz nennt die Zeile.",
    "nul_removed": "Nullbytes im Text wurden entfernt.",
    "quotes_kept": "Nur bei `drehscheibe read`: Anführungszeichen gelten als Teil des Textes.",
    "repeated_header": "Eine wiederholte Kopfzeile wurde erkannt und nicht als Datenzeile gelesen.",
    "several_tables": "Die Datei enthält mehrere Tabellen untereinander; sie wurden einzeln gelesen.",
}


def page_text() -> str:
    """The page findings.md."""
    return page(
        "Befunde",
        paragraph(
            "Was beim Lesen und Zuordnen nicht verstanden wurde, mit dem Satz, der in der Liste steht. Der Wert selbst steht nie im Satz, "
            "sondern nur in der Quarantäne; `…` steht für den Namen der Spalte."
        ),
        "## Schwere\n\n" + table(("Schwere", "Bedeutung"), [(code(k), v) for k, v in SEVERITY.items()]),
        "## In einzelnen Zeilen, Spalten und Lieferungen\n\n"
        + table(("Regel", "Satz"), [(code(r), text.format(column="…")) for r, text in SENTENCES.items()]),
        "## Dateien und Tabellen, die nicht gelesen werden konnten",
        paragraph(
            "Schwere `rejected`, ohne Zeile oder mit der Zeile, an der das Lesen endete. Betroffen ist nur die Tabelle oder Datei; was "
            "bisher aus ihr bekannt war, bleibt stehen, die übrigen Tabellen und Quellen gehen weiter. Die Bytes bleiben im Eingang."
        ),
        table(("Regel", "Bedeutung"), [(code(r), v) for r, v in sorted(FILE_RULES.items())]),
        "## Einzelne Zellen, von den Lesern bemerkt\n\nSchwere `set_aside`.\n\n"
        + table(("Regel", "Bedeutung"), [(code(r), v) for r, v in sorted(CELL_RULES.items())]),
        "## Hinweise der Leser\n\n" + table(("Regel", "Bedeutung"), [(code(r), v) for r, v in sorted(NOTICES.items())]),
    )
