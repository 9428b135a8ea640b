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
    "missing_column": RuleText(
        "Spalte fehlt",
        "Eine vereinbarte Spalte ist nicht in der Lieferung; die Tabelle wurde nicht übernommen.",
        "Den Export wieder mit allen vereinbarten Spalten erstellen.",
    ),
    "repeated": RuleText(
        "Wörtliche Wiederholung",
        "Die Zeile steht mehrfach gleich in der Lieferung und zählt nur einmal.",
        "Nichts zu tun; bei großer Zahl den Export prüfen.",
    ),
}


def text_of(rule: str) -> RuleText:
    """Give the text of a rule; for one not listed here a general one, so that no finding goes unmentioned."""
    return RULES.get(rule, UNKNOWN)
