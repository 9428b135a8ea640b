"""The German sentences for what the engine found: what it is and what to do, never the value itself. One sentence per rule."""

from __future__ import annotations

_SET_ASIDE = "Die übrigen Angaben der Zeile wurden übernommen; bitte in der Quelle berichtigen."
_REJECTED = "Die Zeile wurde nicht übernommen; bitte in der Quelle berichtigen und neu liefern."

SENTENCES: dict[str, str] = {
    "ragged_row": f"Die Zeile hat mehr oder weniger Felder als die Kopfzeile. {_REJECTED}",
    "key_missing": f"In der Spalte „{{column}}“ fehlt der Schlüssel. {_REJECTED}",
    "nothing_named": "In der Spalte „{column}“ fehlt der Schlüssel: die Zeile nennt keinen Datensatz und ändert nichts.",
    "key_repeated": f"Der Schlüssel in der Spalte „{{column}}“ steht schon in einer früheren Zeile oder Datei. {_REJECTED}",
    "repeated": "Die Zeile wiederholt eine frühere Zeile wörtlich und zählt nicht noch einmal.",
    "required_date_unreadable": f"Das Datum in der Spalte „{{column}}“ ist nötig, aber kein gültiger Kalendertag. {_REJECTED}",
    "required_unreadable": f"Die Angabe in der Spalte „{{column}}“ ist nötig, aber nicht lesbar. {_REJECTED}",
    "required_missing": f"Die Angabe in der Spalte „{{column}}“ ist nötig und fehlt. {_REJECTED}",
    "impossible_date": f"Den Kalendertag in der Spalte „{{column}}“ gibt es nicht. {_SET_ASIDE}",
    "placeholder_date": f"Das Datum in der Spalte „{{column}}“ ist ein Platzhalter und gilt als leer. {_SET_ASIDE}",
    "imprecise_date": f"In der Spalte „{{column}}“ steht kein ganzes Datum (Tag, Monat, Jahr). {_SET_ASIDE}",
    "unreadable_date": f"Die Angabe in der Spalte „{{column}}“ ist kein Datum. {_SET_ASIDE}",
    "future_date": f"Das Datum in der Spalte „{{column}}“ liegt nach dem Tag der Lieferung. {_SET_ASIDE}",
    "unknown_code": f"Der Wert in der Spalte „{{column}}“ ist in der Schlüsselliste nicht bekannt und zählt nirgends. {_SET_ASIDE}",
    "unreadable_number": f"Die Angabe in der Spalte „{{column}}“ ist keine brauchbare Zahl. {_SET_ASIDE}",
    "unknown_column": "Die Spalte „{column}“ kennt die Zuordnung nicht; sie bleibt außen vor. Wird sie gebraucht, bitte dort ergänzen.",
    "unknown_file": "Die Datei gehört zu keiner Tabelle der Zuordnung und wurde nicht gelesen; ihre Bytes sind aufbewahrt.",
    "table_missing": "In der Lieferung fehlt eine erwartete Tabelle. Bisher Bekanntes bleibt stehen; bitte vollständig neu liefern.",
    "rows_disagree": "Mehrere Zeilen desselben Vorgangs widersprechen sich; es gilt die erste. Bitte in der Quelle prüfen.",
}


def sentence(rule: str, column: str | None) -> str:
    """The sentence of a rule for a column."""
    return SENTENCES[rule].format(column=column or "")
