"""The page of the phenomena: how well persons are linked where one difference is frequent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.docs.markdown import format_item, format_page, format_table, wrap_paragraph

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "phenomena.json"
NAMES = {
    "all": "alle, so häufig wie im schweren Landkreis",
    "twice_in_one_system": "ein Mensch zweimal in einem System",
    "other_municipality": "andere Wohngemeinde",
    "look_alikes": "andere Menschen, die sich gleichen",
    "respelled_given": "Vorname anders geschrieben",
    "respelled_family": "Nachname anders geschrieben",
    "middle_dropped": "zweiter Vorname fehlt",
    "middle_moved": "zweiter Vorname steht beim Nachnamen",
    "fathers_name": "Name des Vaters als Nachname",
    "tribal_name": "Name des Stammes als Nachname",
    "one_name": "nur ein Name",
    "doubled_name": "ein Name doppelt",
    "spacing": "anders getrennt oder verbunden",
    "prefix_dropped": "Artikel fehlt",
    "title": "Titel vor dem Namen",
    "swapped": "Vor- und Nachname vertauscht",
    "upper_case": "Großbuchstaben",
    "cut_short": "abgeschnitten",
    "typing_error": "Tippfehler im Namen",
    "married": "anderer Nachname durch Heirat",
    "stand_in_birth": "1. Januar statt des Geburtstags",
    "other_stand_in": "anderer Ersatztag",
    "birth_part_wrong": "Tag, Monat oder Jahr der Geburt falsch",
    "birth_exchanged": "Tag und Monat der Geburt vertauscht",
    "solar_calendar": "Geburtstag nach dem Sonnenkalender",
    "birth_missing": "Geburtsdatum fehlt",
    "entry_missing": "Einreisedatum fehlt",
    "entry_of_district": "Ankunft im Landkreis statt Einreise",
    "entry_month_only": "Einreise nur als Monat",
    "sex_missing": "Geschlecht fehlt",
    "sex_wrong": "Geschlecht falsch",
    "nationality_missing": "Staatsangehörigkeit fehlt",
    "nationality_confused": "Staatsangehörigkeit verwechselt",
    "number_delivered": "amtliche Nummer wird geliefert",
    "number_mistyped": "amtliche Nummer mit Tippfehler",
    "number_of_father": "amtliche Nummer des Vaters bei den Kindern",
    "number_second": "zwei amtliche Nummern",
}
HEAD = (
    "Unterschied",
    "Anteil",
    "wahre Paare",
    "Genauigkeit",
    "gefunden",
    "nach der Prüfung",
    "geprüft je 1.000",
    "sich Gleichende verknüpft",
)
LEGEND = (
    "**Anteil**: der Datensätze, Menschen oder Haushalte, bei denen der Unterschied vorkommt; in "
    "allem anderen stimmen die Systeme überein.",
    "**Genauigkeit**: welcher Anteil der Paare, die ohne Nachfrage ein Mensch wurden, es ist; "
    "**gefunden**: welcher Anteil der wahren Paare ohne Nachfrage einer wurde.",
    "**nach der Prüfung**: gefunden, wenn alle vorgelegten Paare richtig entschieden sind; "
    "**geprüft**: wie viele das je 1.000 Menschen sind.",
)


def page_text() -> str:
    """The page phenomena.md."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    measured = found["measured"]
    return format_page(
        "Verknüpfung je Unterschied",
        wrap_paragraph(
            "Vier Systeme kennen zum Teil dieselben Menschen. Gemessen ist an erfundenen "
            f"Landkreisen mit {measured['persons']:,} Menschen".replace(",", ".")
            + f" (Zufallszahl {measured['seed']}), wie gut ihre Datensätze mit dem ausgelieferten "
            "Modell verknüpft werden, wenn ein Unterschied allein und immer häufiger vorkommt."
        ),
        "\n".join(map(format_item, LEGEND)),
        format_table(HEAD, map(_list_cells, found["rows"])),
        wrap_paragraph(
            "Neu gemessen wird mit `python -m benchmarks.phenomena`; die Zahlen stehen in "
            "`benchmarks/phenomena.json`."
        ),
    )


def _list_cells(row: Mapping[str, Any]) -> list[str]:
    joined = f"{row['joined']} von {row['look_alikes']}" if row["look_alikes"] else "–"
    return [NAMES[row["phenomenon"]], _format_share(row["share"]), *_list_rates(row), joined]


def _list_rates(row: Mapping[str, Any]) -> Iterator[str]:
    yield str(row["pairs"])
    yield from (f"{row[name]:.3f}".replace(".", ",") for name in ("precision", "recall"))
    yield f"{row['after_review']:.3f}".replace(".", ",")
    yield f"{row['asked']:.1f}".replace(".", ",")


def _format_share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}".replace("%", " %")
