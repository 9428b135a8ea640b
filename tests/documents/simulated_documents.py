"""Invented forms and reports for the tests of the writers. No person, district or carrier here exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from connectors.documents.jobcenter.form import (
    TITLES,
    ConsentReference,
    Contact,
    FormField,
    FormList,
    FormRow,
    FormSection,
    JobcenterForm,
)
from connectors.documents.jobcenter.value_text import Value
from connectors.documents.report.report_data import (
    CoordinatorReport,
    Coverage,
    Earlier,
    FindingCount,
    Milestone,
    SourceQuality,
)
from tests.documents.simulated import (
    AS_OF,
    CATALOGUE,
    CREATED,
    MUNICIPALITIES,
    PERIOD,
    all_figures,
    figures,
)

CONSENT = ConsentReference(
    reference="E-2041",
    purpose="Vermittlung in Arbeit und Ausbildung sowie in Sprachförderung",
    groups=list(TITLES),
    given_on=date(2025, 3, 14),
    valid_until=date(2026, 3, 13),
    form="schriftlich, in deutscher und arabischer Sprache, im Gespräch erläutert",
    confidentiality_released=True,
)


def _columns(*pairs: tuple[str, str]) -> list[FormField]:
    return [FormField(name, label, None) for name, label in pairs]


LANGUAGES = _columns(
    ("language", "Sprache"), ("level", "Niveau (GER)"), ("certificate", "Zertifikat")
)
GOALS = _columns(("title", "Ziel"), ("due_on", "Frist"))


def _row(columns: Sequence[FormField], *values: Value, source: str = "") -> FormRow:
    return FormRow(
        [replace(column, value=value) for column, value in zip(columns, values, strict=True)],
        source,
    )


SECTIONS = [
    FormSection(
        "aufenthalt",
        [
            FormField("status", "Aufenthaltsstatus", "Aufenthaltserlaubnis § 25 Abs. 2 AufenthG"),
            FormField("valid_until", "gültig bis", date(2027, 1, 31)),
            FormField("work_permission", "Erwerbstätigkeit", "erlaubt"),
            FormField("work_conditions", "Nebenbestimmung", "Erwerbstätigkeit gestattet"),
        ],
    ),
    FormSection(
        "sprache",
        [FormField("integration_course", "Integrationskurs", True)],
        [
            FormList(
                "language_level",
                "Sprachkenntnis",
                LANGUAGES,
                [
                    _row(LANGUAGES, "Deutsch", "B1", "telc"),
                    _row(LANGUAGES, "Arabisch", "Erstsprache", None),
                ],
            )
        ],
    ),
    FormSection(
        "schule_ausbildung",
        [
            FormField("years", "Schulbesuch in Jahren", Decimal("9.5")),
            FormField("recognition", "Anerkennung", None, kept=False),
        ],
    ),
    FormSection(
        "beruf",
        [
            FormField("jobs", "Ausgeübte Tätigkeiten", ["Elektroinstallateurin", "Verkäuferin"]),
            FormField("driving_licence", "Führerschein", ""),
        ],
    ),
    FormSection(
        "ziele_arbeit",
        [],
        [
            FormList(
                "goal",
                "Ziel",
                GOALS,
                [_row(GOALS, "Berufssprachkurs bis B2 abschließen", date(2025, 12, 31))],
            )
        ],
    ),
]


def person(name: str) -> FormSection:
    """The section on the person, named "last, first"."""
    last, _, first = name.partition(",")
    fields = [
        FormField("last_name", "Familienname", last),
        FormField("first_name", "Vorname", first.strip()),
        FormField("birth_date", "Geburtsdatum", date(1991, 5, 17)),
        FormField("nationality", "Staatsangehörigkeit", "Syrien"),
        FormField("children", "Kinder im Haushalt", 2),
        FormField("phone", "Telefon", None),
        FormField("marital_status", "Familienstand", None, kept=False),
    ]
    return FormSection("stammdaten", fields)


def form(
    number: str = "f-000001", name: str = "Şahin, Łucja", groups: Sequence[str] = ()
) -> JobcenterForm:
    """A form with the given data groups (all six if none is named), all resting on one consent."""
    sections = [part for part in [*SECTIONS, person(name)] if not groups or part.group in groups]
    return JobcenterForm(
        number=number,
        district="Landkreis Musterkreis",
        sender="Landratsamt Musterkreis, Integrationsmanagement",
        recipient="Jobcenter Musterkreis",
        sent_on=date(2025, 8, 1),
        consents=[replace(CONSENT, groups=[part.group for part in sections])],
        sections=sections,
        contacts=[
            Contact(
                "Rösler, Anna",
                "Landratsamt Musterkreis",
                "Schlossplatz 1, 79999 Musterstadt",
                "07999 123-0",
                "im@musterkreis.example",
            )
        ],
    )


def form_of_two_consents() -> JobcenterForm:
    """Stammdaten and Sprache to be placed in work, Sprache and Aufenthalt for a language course, each on a consent of its own."""
    work = replace(
        CONSENT, reference="E-A", purpose="Arbeitsvermittlung", groups=["stammdaten", "sprache"]
    )
    course = ConsentReference(
        "E-B", "Sprachkurs", ["sprache", "aufenthalt"], date(2025, 5, 2), None, "mündlich", None
    )
    return replace(form(groups=["stammdaten", "sprache", "aufenthalt"]), consents=[work, course])


def report() -> CoordinatorReport:
    """A report with every section filled, one source late, one without any delivery."""
    earlier = Earlier(date(2023, 1, 1), date(2023, 12, 31), figures({}, 2))
    findings = [
        FindingCount(
            "Schlüssel fehlt",
            "Abgelehnt",
            2,
            "Ohne Kennung.",
            "Im Quellsystem die Kennung ergänzen.",
            "Träger",
        ),
        FindingCount(
            "Datei beschädigt",
            "Abgelehnt",
            1,
            "Abgebrochen.",
            "Neu liefern.",
            "Träger",
            message="In Zeile 7.",
        ),
        FindingCount(
            "Sonderfall",
            "Hinweis",
            3,
            "Ein <b>Sonderfall</b> ist aufgefallen.",
            "Bitte prüfen.",
            "Kreis-IT",
        ),
    ]
    return CoordinatorReport(
        district="Landkreis Musterkreis",
        period_from=PERIOD[0],
        period_to=PERIOD[1],
        counted_on=PERIOD[1],
        as_of=AS_OF,
        load=7,
        created=CREATED,
        catalogue_version="im-kennzahlen/2017-annahme",
        catalogue=CATALOGUE,
        figures=all_figures(),
        months={date(2024, month, 1): 3000 + 137 * (month * 7 % 11) for month in range(1, 12)},
        municipalities=MUNICIPALITIES,
        coverage_by_municipality=[
            Coverage("Feldlingen", 80, 90),
            Coverage("Musterstadt", 120, 300),
        ],
        coverage_by_team=[
            Coverage("Regionalteam Nord", 200, 390),
            Coverage("Regionalteam Süd", 0, 0),
        ],
        milestones=[
            Milestone("Regionalteam Nord", "Clearinggespräche", 501, 1045),
            Milestone("Regionalteam Süd", "Clearinggespräche", 130, 100),
            Milestone("Regionalteam Mitte", "Clearinggespräche", 20, None),
            Milestone("Regionalteam Nord", "Integrationspläne", 61, 80),
        ],
        sources=[
            SourceQuality(
                "tau", "TAU Office", "Caritas", date(2025, 1, 31), 1812, 1805, 2, 1, 4, findings, 92
            ),
            SourceQuality(
                "enaio", "enaio", "Landratsamt Musterkreis", date(2025, 7, 31), 2400, 2400, 0, 0, 0
            ),
            SourceQuality("workbook", "Arbeitsmappen", "GVV Tannau-Winkel", None, 0, 0, 0, 0, 0),
        ],
        before=earlier,
        notes=["Ein Familiengespräch zählt einmal."],
    )
