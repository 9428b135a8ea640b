"""What each rule of the findings means to those who can correct the source, and what to do. No findings made here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RuleText:
    """A rule in plain German: its name, what was found, what to do about it."""

    title: str
    found: str
    advice: str


_TO_IT = "Bitte mit der IT des Landratsamts klären."
_CORRECT = "Im Quellsystem berichtigen."
UNKNOWN = RuleText(
    "Sonstige Auffälligkeit",
    "Die Daten weichen von dem ab, was vereinbart ist.",
    "Die Einzelheiten stehen in der Liste der Auffälligkeiten; bitte mit der IT des Landratsamts klären.",
)
SEVERITIES: Mapping[str, str] = {
    "rejected": "Zeile abgelehnt",
    "set_aside": "Wert nicht übernommen",
    "notice": "Hinweis",
}
RULES: Mapping[str, RuleText] = {
    "key_missing": RuleText(
        "Schlüssel fehlt",
        "In der Zeile fehlt die Kennung, an der ein Datensatz wiedererkannt wird. Die Zeile zählt nicht mit.",
        "Im Quellsystem die Kennung ergänzen.",
    ),
    "nothing_named": RuleText(
        "Löschung ohne Kennung",
        "Die Zeile soll einen gelöschten Datensatz nennen, nennt aber keinen. Sie ändert nichts.",
        "Im Quellsystem prüfen, warum dem gelöschten Objekt die Kennung fehlt.",
    ),
    "required_date_unreadable": RuleText(
        "Pflichtdatum fehlt oder ist unlesbar",
        "Ohne lesbares Datum gehört ein Gespräch zu keinem Zeitraum. Die Zeile zählt nicht mit.",
        "Im Quellsystem das Datum des Gesprächs berichtigen.",
    ),
    "ragged_row": RuleText(
        "Spaltenzahl passt nicht",
        "Die Zeile hat mehr oder weniger Felder als die Kopfzeile, meist wegen eines Trennzeichens im Text.",
        "Das Trennzeichen aus dem Text nehmen oder den Export mit Anführungszeichen einstellen.",
    ),
    "impossible_date": RuleText(
        "Unmögliches Datum",
        "Den Tag gibt es im Kalender nicht, zum Beispiel den 31. Juni. Das Feld bleibt leer, die Zeile zählt mit.",
        "Im Quellsystem das Datum berichtigen.",
    ),
    "placeholder_date": RuleText(
        "Platzhalter statt Datum",
        "Ein Platzhalter wie 01.01.1900 steht anstelle eines Datums. Das Feld gilt als leer.",
        "Im Quellsystem das richtige Datum eintragen oder das Feld leeren.",
    ),
    "unknown_code": RuleText(
        "Unbekannter Auswahlwert",
        "Der Wert steht in keiner vereinbarten Auswahlliste und zählt in keiner Kategorie mit.",
        "Im Quellsystem einen vereinbarten Wert wählen; ist der Wert richtig, bitte der IT des Landratsamts melden.",
    ),
    "unknown_column": RuleText(
        "Unbekannte Spalte",
        "Die Lieferung enthält eine Spalte, die nicht zugeordnet ist. Ihr Inhalt wird nicht verwendet.",
        "Wird die Spalte gebraucht, bitte der IT des Landratsamts melden.",
    ),
    "key_repeated": RuleText(
        "Schlüssel mehrfach vergeben",
        "Dieselbe Kennung steht in einer früheren Zeile mit anderem Inhalt. Nur die frühere Zeile zählt.",
        "Im Quellsystem klären, welcher der Datensätze gilt, und die Kennung des anderen ändern.",
    ),
    "required_unreadable": RuleText(
        "Notwendige Angabe unlesbar", "Ohne diese Angabe ist die Zeile nicht brauchbar. Sie zählt nicht mit.", _CORRECT
    ),
    "required_missing": RuleText(
        "Notwendige Angabe fehlt",
        "Ohne diese Angabe ist die Zeile nicht brauchbar. Sie zählt nicht mit.",
        "Im Quellsystem ergänzen.",
    ),
    "imprecise_date": RuleText(
        "Unvollständiges Datum",
        "Tag oder Monat fehlen. Das Feld bleibt leer, die Zeile zählt mit.",
        "Im Quellsystem das ganze Datum eintragen.",
    ),
    "unreadable_date": RuleText(
        "Kein Datum",
        "Im Feld steht etwas anderes als ein Datum. Das Feld bleibt leer, die Zeile zählt mit.",
        "Im Quellsystem das Datum eintragen.",
    ),
    "future_date": RuleText(
        "Datum in der Zukunft",
        "Das Datum liegt nach dem Tag der Lieferung. Das Feld bleibt leer, die Zeile zählt mit.",
        "Im Quellsystem das Datum berichtigen.",
    ),
    "unreadable_number": RuleText(
        "Keine Zahl",
        "Im Feld steht keine brauchbare Zahl. Das Feld bleibt leer, die Zeile zählt mit.",
        "Im Quellsystem die Zahl eintragen.",
    ),
    "rows_disagree": RuleText(
        "Widersprüchliche Zeilen",
        "Mehrere Zeilen desselben Vorgangs widersprechen sich. Es gilt die erste.",
        "Im Quellsystem prüfen und berichtigen.",
    ),
    "column_missing": RuleText(
        "Spalte fehlt",
        "Eine vereinbarte Spalte ist nicht in der Lieferung; die Tabelle wurde nicht übernommen.",
        "Den Export wieder mit allen vereinbarten Spalten erstellen.",
    ),
    "sheet_missing": RuleText(
        "Tabelle fehlt",
        "Ein vereinbartes Blatt oder eine vereinbarte Tabelle fehlt. Was bisher bekannt war, gilt weiter.",
        "Die Lieferung vollständig wiederholen.",
    ),
    "table_missing": RuleText(
        "Datei fehlt",
        "Eine vereinbarte Datei ist nicht in der Lieferung. Was bisher bekannt war, gilt weiter.",
        "Die Lieferung vollständig wiederholen.",
    ),
    "unknown_file": RuleText("Unbekannte Datei", "Die Datei gehört zu keiner vereinbarten Tabelle und wurde nicht gelesen.", _TO_IT),
    "footer": RuleText(
        "Summenzeile ausgelassen", "Unter den Daten steht eine Summen- oder Fußzeile. Sie zählt nicht mit.", "Nichts zu tun."
    ),
    "repeated_header": RuleText(
        "Kopfzeile wiederholt", "Mitten in den Daten steht die Kopfzeile noch einmal. Sie zählt nicht mit.", "Nichts zu tun."
    ),
    "hidden_sheet": RuleText(
        "Ausgeblendetes Blatt",
        "Die Arbeitsmappe enthält ausgeblendete Blätter. Sie wurden nicht gelesen.",
        "Gehören die Blätter zur Lieferung, bitte einblenden; sonst nichts zu tun.",
    ),
    "hidden_rows": RuleText(
        "Ausgeblendete Zeilen",
        "Die Arbeitsmappe enthält ausgeblendete Zeilen. Sie wurden mitgelesen und zählen mit.",
        "Prüfen, ob die Zeilen zur Lieferung gehören.",
    ),
    "nul_removed": RuleText(
        "Unlesbare Zeichen entfernt",
        "In der Datei standen Nullzeichen, die nichts bedeuten. Sie wurden entfernt, die Zeilen zählen mit.",
        "Nichts zu tun; bei großer Zahl den Export prüfen.",
    ),
    "control_removed": RuleText(
        "Unlesbare Zeichen entfernt",
        "In der Datei standen Steuerzeichen, die nichts bedeuten. Sie wurden entfernt, die Zeilen zählen mit.",
        "Nichts zu tun; bei großer Zahl den Export prüfen.",
    ),
    "beside_table": RuleText(
        "Angaben neben der Tabelle",
        "Neben der Tabelle stehen weitere Angaben. Sie wurden nicht gelesen.",
        "Nichts zu tun, wenn es Notizen sind; sonst in eine Spalte mit Überschrift eintragen.",
    ),
    "error_value": RuleText(
        "Excel-Fehlerwert",
        "In der Zelle steht ein Fehlerwert wie #NV. Das Feld bleibt leer.",
        "In der Arbeitsmappe die Formel oder den Wert berichtigen.",
    ),
    "formula_without_value": RuleText(
        "Formel ohne Ergebnis",
        "Zu der Formel ist kein Ergebnis gespeichert. Das Feld bleibt leer.",
        "Die Arbeitsmappe in Excel öffnen, berechnen lassen und speichern.",
    ),
    "repeated": RuleText(
        "Wörtliche Wiederholung",
        "Die Zeile steht mehrfach gleich in der Lieferung und zählt nur einmal.",
        "Nichts zu tun; bei großer Zahl den Export prüfen.",
    ),
}


def text_of(rule: str, message: str = "") -> RuleText:
    """Give the text of a rule; for one not listed here the finding's own ``message``, so that no finding goes unmentioned."""
    if rule not in RULES and message:
        return RuleText(UNKNOWN.title, message, "")
    return RULES.get(rule, UNKNOWN)
