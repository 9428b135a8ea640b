"""The record of processing (Art. 30 DSGVO): purposes, grounds, persons, data, recipients, terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.documents.person.person_letter import LetterSection, LetterTable
from mappings.retention import load_terms
from pipelines.papers.district_facts import DistrictFacts
from pipelines.papers.paper import Paper
from warehouse.schema import ENTITIES
from warehouse.schema.columns import HISTORY_NAMES


@dataclass(frozen=True)
class _Activity:
    """One processing; ``has_names``: its result names persons."""

    title: str
    purpose: str
    ground: str
    recipients: str
    has_names: bool


def make_record(district: DistrictFacts) -> Paper:
    """The record for a district."""
    sections = [
        _describe_controller(district),
        *(_describe_activity(activity) for activity in _list_activities(district)),
        _list_categories(),
        LetterSection(
            "Fristen", [], [LetterTable(["Angaben", "Frist"], list(_list_terms(district)))]
        ),
        LetterSection(
            "Drittländer",
            ["Keine Übermittlung. Das Programm ruft von sich aus nichts im Internet auf."],
        ),
    ]
    title = "Verzeichnis von Verarbeitungstätigkeiten (Art. 30 DSGVO)"
    return Paper("verarbeitungsverzeichnis", title, sections)


def _describe_controller(district: DistrictFacts) -> LetterSection:
    rows = [
        ["Verantwortlich", district.name],
        ["Träger, deren Systeme liefern", ", ".join(district.carriers)],
        ["Fachverfahren (Quellen)", ", ".join(district.sources)],
        ["Datenbestand", district.warehouse],
        ["Betroffene", "Personen, die das Integrationsmanagement betreut; dessen Fachkräfte"],
    ]
    return LetterSection("Verantwortlicher", [], [LetterTable(["Angabe", "Inhalt"], rows)])


def _list_activities(district: DistrictFacts) -> Sequence[_Activity]:
    names = ", ".join(district.recipients)
    return [
        _Activity(
            "Kennzahlen und Verwendungsnachweise",
            "Anzahlen für Land und Bewilligungsstelle",
            "Art. 6 Abs. 1 Buchst. e DSGVO mit der VwV Integrationsmanagement (Annahme)",
            "Land, Bewilligungsstelle; nur Zahlen",
            False,
        ),
        _Activity(
            "Bericht und Steuerung",
            "Bericht der Koordinierung, Qualität der Lieferungen",
            "Art. 6 Abs. 1 Buchst. e DSGVO (Annahme)",
            "Koordinierungsstelle; nur Zahlen und Orte von Zeilen",
            False,
        ),
        _Activity(
            "Weitergabe mit Einwilligung",
            "Formulare mit arbeitsmarktrelevanten Angaben",
            "Art. 6 Abs. 1 Buchst. a DSGVO, § 67b Abs. 2 SGB X; Schweigepflichtentbindung",
            names,
            True,
        ),
        _Activity(
            "Veröffentlichung",
            "Tabellen für Kreistag und Öffentlichkeit",
            "kein Personenbezug nach der Unterdrückung kleiner Zahlen",
            "Öffentlichkeit",
            False,
        ),
        _Activity(
            "Rechte der Betroffenen",
            "Auskunft, Einschränkung, Löschung und ihr Nachweis",
            "Art. 6 Abs. 1 Buchst. c mit Art. 15 bis 19 DSGVO",
            "die Person selbst",
            True,
        ),
    ]


def _describe_activity(activity: _Activity) -> LetterSection:
    rows = [
        ["Zweck", activity.purpose],
        ["Rechtsgrundlage", activity.ground],
        ["Empfänger", activity.recipients],
        ["Ergebnis nennt Personen", "ja" if activity.has_names else "nein"],
    ]
    return LetterSection(activity.title, [], [LetterTable(["Angabe", "Inhalt"], rows)])


def _list_categories() -> LetterSection:
    rows = [
        [entity.table.info["label"], ", ".join(_list_labels(name))]
        for name, entity in ENTITIES.items()
    ]
    text = "Alle Arten von Angaben über betreute Personen, wie das Datenverzeichnis sie führt."
    return LetterSection("Kategorien von Daten", [text], [LetterTable(["Art", "Angaben"], rows)])


def _list_labels(entity: str) -> Iterator[str]:
    for column in ENTITIES[entity].table.columns:
        if column.name not in HISTORY_NAMES:
            yield column.info["label"]


def _list_terms(district: DistrictFacts) -> Iterator[list[str]]:
    for term in load_terms():
        years = district.person_years if term.name == "persons" else term.years
        yield [term.label, f"{years} Jahre nach: {term.begins}"]
