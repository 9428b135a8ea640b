"""Invented figures, catalogue and balances for the tests of the writers. No person, district or carrier here exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from connectors.documents.figure_data import Category, Figure, Group, Indicator, Known
from warehouse.ledger.deliveries import DeliveryBalance, RecordCounts, TableBalance
from warehouse.schema.states import DeliveryState

CREATED = datetime(2025, 8, 1, 6, 0, tzinfo=UTC)
MUNICIPALITIES = {"08999001": "Musterstadt", "08999002": "Feldlingen", "08999003": "Mühlenröth"}
STAFF = [
    ("Rösler, Anna", "enaio"),
    ("Wössner-von der Tannenburg, Friederike", "jobkraftwerk"),
    ("=1+1", "tau"),
]


def indicator(
    code: str, label: str, known: Known, categories: Mapping[str, str] | None = None
) -> Indicator:
    listed: list[Category] = [
        {"code": c, "label": text, "known": known} for c, text in (categories or {}).items()
    ]
    return {
        "indicator": code,
        "label": label,
        "categories": listed,
        "definition": f"{label}: jedes Ereignis im Zeitraum, beide Tage eingeschlossen, zählt einmal.",
        "source": "VwV Integrationsmanagement Nr. 6.2; Alb-Donau-Kreis 2021",
        "known": known,
    }


TOPICS = {
    "sprache": "Sprache",
    "schule": "Schule",
    "ausbildung_studium": "Ausbildung/Studium",
    "arbeit": "Arbeit",
    "wohnen": "Wohnen",
    "gesundheit": "Gesundheit",
    "teilhabe": "Gesellschaftliche Teilhabe",
    "kinder": "Kinder",
    "anderes": "Anderes Thema",
}
REFERRALS = {
    "jobcenter": "Agentur für Arbeit/Jobcenter",
    "auslaenderbehoerde": "Ausländerbehörde",
    "vereine": "Vereine/Organisationen für Flüchtlinge",
    "gesundheit": "Gesundheitsberatungsstellen",
    "andere": "Andere Regeldienste/Beratungsstellen",
}
SETTINGS = {"einzelperson": "Einzelpersonen", "familie": "Familien"}
SEXES = {"m": "männlich", "w": "weiblich", "d": "divers", "ohne_angabe": "ohne Angabe"}
NATIONALITIES = {
    "SYR": "Syrien",
    "AFG": "Afghanistan",
    "IRQ": "Irak",
    "UKR": "Ukraine",
    "ERI": "Eritrea",
    "IRN": "Iran",
    "TUR": "Türkei",
    "SOM": "Somalia",
    "GMB": "Gambia",
    "NGA": "Nigeria",
    "staatenlos": "staatenlos",
    "ohne_angabe": "ohne Angabe",
}
HOUSING = {
    "vorlaeufig": "vorläufige Unterbringung",
    "anschluss": "Anschlussunterbringung",
    "privat": "Privatwohnung",
}
STATUS = {
    "anerkannt": "anerkannt",
    "verfahren": "im Verfahren",
    "duldung": "Duldung",
    "ohne_angabe": "ohne Angabe",
}

CATALOGUE: Sequence[Group] = [
    {
        "label": "Gespräche",
        "indicators": [
            indicator("conversations", "Gespräche gesamt", "F"),
            indicator("conversations_by_setting", "Gespräche nach Teilnehmenden", "F", SETTINGS),
        ],
    },
    {
        "label": "Gesprächsthemen (Mehrfachnennungen)",
        "indicators": [indicator("topics", "Gesprächsthemen", "A", TOPICS)],
    },
    {
        "label": "Weiterleitungen",
        "indicators": [indicator("referrals", "Weiterleitungen", "F", REFERRALS)],
    },
    {
        "label": "Integrationspläne",
        "indicators": [
            indicator("plans_concluded", "Abgeschlossene Integrationspläne", "F"),
            indicator("goals_reached", "Erreichte Ziele", "A"),
        ],
    },
    {
        "label": "Klientinnen und Klienten am letzten Tag des Zeitraums",
        "indicators": [
            indicator("clients", "Klientinnen und Klienten", "F"),
            indicator("persons_reached", "Erreichte Personen", "A"),
            indicator("clients_by_sex", "nach Geschlecht", "F"),
            indicator("clients_by_nationality", "nach Staatsangehörigkeit", "F"),
            indicator("clients_by_housing", "nach Unterbringung", "A"),
            indicator("clients_by_residence_status", "nach Aufenthaltsstatus", "A"),
        ],
    },
]
SPREAD = [
    ("conversations_by_setting", SETTINGS, (35354, 7886)),
    ("topics", TOPICS, (4102, 3120, 2210, 5980, 6120, 7310, 1830, 9987, 26451)),
    ("referrals", REFERRALS, (4057, 1859, 1613, 1204, 10661)),
    ("clients_by_sex", SEXES, (903, 612, 2, 31)),
    ("clients_by_nationality", NATIONALITIES, (734, 236, 191, 120, 77, 60, 41, 30, 22, 18, 7, 12)),
    ("clients_by_housing", HOUSING, (436, 820, 292)),
    ("clients_by_residence_status", STATUS, (901, 402, 190, 55)),
]
TOTALS = {
    "conversations": 43240,
    "plans_concluded": 1326,
    "goals_reached": 812,
    "clients": 1548,
    "persons_reached": 1702,
}


def figures(unit: Mapping[str, str], divisor: int = 1) -> list[Figure]:
    """All figures of one unit, a ``divisor``-th of the district's."""
    made: list[Figure] = []
    for code, total in TOTALS.items():
        made.append(Figure(code, None, None, unit, total // divisor))
    for code, labels, values in SPREAD:
        for (category, label), value in zip(labels.items(), values, strict=True):
            made.append(Figure(code, category, label, unit, value // divisor))
    return made


def all_figures() -> list[Figure]:
    """Figures of the district, of three Gemeinden and of three members of staff."""
    made = figures({})
    for place, ags in enumerate(MUNICIPALITIES, start=2):
        made += figures({"municipality": ags}, place)
    for place, (name, source) in enumerate(STAFF, start=3):
        made += figures({"staff": name, "source": source}, place)
    return made


def balance(file: str, left_out: int, *counts: int) -> TableBalance:
    """A table's balance from its counts: read, used, rejected, repeated; new, changed, unchanged records."""
    read, used, rejected, repeated, new, changed, unchanged = counts
    reasons = {"Testdatensatz": left_out} if left_out else {}
    records = {"conversation": RecordCounts(new, changed, unchanged, 0)}
    return TableBalance(
        file, file.split(".")[0], read, used, rejected, repeated, left_out, reasons, records
    )


def deliveries() -> list[DeliveryBalance]:
    """Two deliveries whose balances close."""
    tau = balance("Kontakte.csv", 4, 1812, 1805, 2, 1, 640, 12, 157)
    enaio = balance("Beratung.xml", 0, 2400, 2400, 0, 0, 2400, 0, 0)
    old, new = "9f2c41aa7d3e", "11be02cc9a01"
    return [
        DeliveryBalance("tau", date(2025, 1, 31), 3, DeliveryState.LOADED, "", old, "1", [tau], {}),
        DeliveryBalance(
            "enaio", date(2025, 7, 31), 7, DeliveryState.LOADED, "", new, "2", [enaio], {}
        ),
    ]


PERIOD = (date(2024, 1, 1), date(2024, 12, 31))
AS_OF = date(2025, 7, 31)
