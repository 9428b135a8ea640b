"""A district with two small systems, both with forms and one with releases, written as CSV and loaded."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipelines.config import load_config
from pipelines.consents.grant import Consent, grant_consent
from pipelines.hub import Hub
from pipelines.intake.load_delivery import DeliveryResult
from pipelines.intake.run import run_intake
from pipelines.transfer.decision import Decision, decide_transfer

TODAY = date(2025, 8, 1)
LAST = date(2025, 7, 31)
EARLIER = date(2025, 6, 30)
JOBCENTER = "Jobcenter Musterkreis"
PERSON = ("Nr", "Nachname", "Vorname", "Geburtsdatum", "AZR", "Von", "Bis", "Freigabe")
CONSENT = (
    "ENr",
    "Nr",
    "Empfaenger",
    "Zweck",
    "Erteilt",
    "Gueltig_bis",
    "Widerrufen",
    "Schweigepflicht",
    "Gruppen",
)
FORMS_TABLE = """\
  Einwilligungen:
    files: "Einwilligungen*"
    table: Einwilligungen
    key: ENr
    optional: true
    feeds:
      consent:
        fields:
          person_key: Nr
          basis: {constant: form}
          recipient: Empfaenger
          purpose: Zweck
          given_on: Erteilt
          valid_until: Gueltig_bis
          valid_until_unreadable: {column: Gueltig_bis, as: unreadable}
          revoked_on: Widerrufen
          revoked_on_unreadable: {column: Widerrufen, as: unreadable}
          confidentiality_released: Schweigepflicht
      consent_data_group: {each: {column: Gruppen, split: ","}}
"""
# What is told in conversations; the column of notes is one that no mapping reads.
NOTE = ("GNr", "Nr", "Datum", "Notiz")
NOTES_TABLE = """\
  Gespraeche:
    files: "Gespraeche*"
    table: Gespraeche
    key: GNr
    optional: true
    feeds:
      conversation: {fields: {held_on: {column: Datum, required: true}}}
      conversation_participant: {each: {column: Nr, split: ","}}
"""
MAPPING = (
    """\
system: Mini
tables:
  Klienten:
    files: "Klienten*"
    table: Klienten
    key: Nr
    feeds:
      person:
        fields:
          last_name: Nachname
          first_name: Vorname
          birth_date: {column: Geburtsdatum, past: true}
          official_number: AZR
      case: {fields: {begun_on: Von, ended_on: Bis}}
RELEASE
"""
    + FORMS_TABLE
)
RELEASE = """\
      consent: {when: Freigabe, fields: {person_key: Nr, basis: {constant: release}}}
      consent_data_group: {each: {column: Freigabe, split: ","}}
"""
# The system of the forms has the column of the other's releases, too, and means nothing by it.
IGNORED = "    key: Nr\n    ignore: [Freigabe]\n"
CONFIGURATION = """\
district: {{ags: "08999", name: Musterkreis}}
warehouse: {warehouse}
municipalities: {{"08999001": {{name: Musterstadt}}}}
sources:
  alpha: {{mapping: forms.yaml, folder: alpha, delivers: {delivers}}}
  beta: {{mapping: both.yaml, folder: beta, delivers: {delivers}}}
recipients:
  jobcenter: {{name: Jobcenter Musterkreis, kind: jobcenter}}
{more}"""
Row = Mapping[str, str]


def form(key: str, person: str, groups: str = "Sprache,Beruf", **cells: str) -> Row:
    """A row of the consents: in order, given in January 2025 and open, unless a cell says otherwise."""
    usual = {"Empfaenger": JOBCENTER, "Zweck": "Vermittlung", "Erteilt": "15.01.2025"}
    usual |= {"Gueltig_bis": "", "Widerrufen": "", "Schweigepflicht": "ja", "Gruppen": groups}
    return {"ENr": key, "Nr": person, **usual, **cells}


def person(key: str, name: str = "", **cells: str) -> Row:
    """A row of the clients; two rows with one ``AZR`` and name are one human being."""
    usual = {"Nachname": f"Muster{name or key}", "Vorname": "Amal", "Geburtsdatum": "02.03.1990"}
    return {"Nr": key, **usual, "AZR": "", "Von": "01.01.2024", "Bis": "", "Freigabe": "", **cells}


def note(key: str, persons: str, day: str, text: str) -> Row:
    """A row of the conversations, with the numbers of those who took part."""
    return {"GNr": key, "Nr": persons, "Datum": day, "Notiz": text}


def write_table(file: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Writes the rows as a CSV file, below folders that are made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, delimiter=";")
        writer.writerow(columns)
        writer.writerows([row[column] for column in columns] for row in rows)


@dataclass
class Office:
    """The district in a folder; ``more`` is YAML at the end of its configuration."""

    folder: Path
    delivers: str = "full"
    warehouse: str = "duckdb"
    more: str = ""
    today: date = TODAY
    results: list[DeliveryResult] = field(default_factory=list)

    def __post_init__(self) -> None:
        for source in ("alpha", "beta"):
            (self.folder / source).mkdir(parents=True, exist_ok=True)
        forms = MAPPING.replace("RELEASE\n", "").replace("    key: Nr\n", IGNORED)
        (self.folder / "forms.yaml").write_text(forms, "utf-8")
        text = MAPPING.replace("RELEASE\n", RELEASE)
        (self.folder / "both.yaml").write_text(text, "utf-8")
        self.configure()

    def configure(self, **changes: str) -> None:
        """Writes the configuration, after replacing texts in it."""
        text = CONFIGURATION.format(
            warehouse=self.warehouse, delivers=self.delivers, more=self.more
        )
        for old, new in changes.items():
            text = text.replace(old, new)
        (self.folder / "drehscheibe.yaml").write_text(text, "utf-8")

    def read_notes(self) -> None:
        """Lets both systems deliver what is told in conversations, too."""
        for name in ("forms.yaml", "both.yaml"):
            with (self.folder / name).open("a", encoding="utf-8") as mapping:
                mapping.write(NOTES_TABLE)

    def deliver(
        self,
        source: str,
        day: date,
        persons: Iterable[Row],
        forms: Iterable[Row] | None = None,
    ) -> Path:
        """Writes a delivery of a source and returns its folder."""
        folder = self.folder / source / day.isoformat()
        write_table(folder / "Klienten.csv", PERSON, persons)
        if forms is not None:
            write_table(folder / "Einwilligungen.csv", CONSENT, forms)
        return folder

    def open(self) -> Hub:
        """The hub of the district, on its day."""
        return Hub(load_config(self.folder / "drehscheibe.yaml"), day=self.today)

    def run(self) -> list[DeliveryResult]:
        """Loads what waits."""
        with self.open() as hub:
            self.results = run_intake(hub)
        return self.results

    def grant(self, record: str, day: date) -> None:
        """Writes down by hand that a person consented on a day to passing on the languages."""
        given = Consent(
            record=record,
            recipient="jobcenter",
            groups=["sprache"],
            purposes=["vermittlung"],
            given_on=day,
            released_persons=["Anna Beispiel"],
        )
        with self.open() as hub:
            grant_consent(hub, given)

    def decide(self, on: date | None = None) -> Decision:
        """Asks the gate for a day (None: today)."""
        with self.open() as hub:
            return decide_transfer(hub, "jobcenter", on or self.today)

    def released(self, on: date | None = None) -> dict[str, tuple[str, ...]]:
        """The data groups released by record, ``source:key``."""
        return {":".join(record): groups for record, groups in self.decide(on).released.items()}

    def reasons(self, on: date | None = None) -> dict[str, tuple[str, ...]]:
        """The reasons of the records of which nothing is released."""
        return {":".join(record): why for record, why in self.decide(on).refused.items()}


Situation = Callable[[Path], None]


@dataclass(frozen=True)
class Shared:
    """What became of the deliveries of many sources like alpha: by title, state and who went out."""

    states: Mapping[str, str]
    released: Mapping[str, set[str]]


def share_district(
    folder: Path, situations: Mapping[str, Situation], persons: list[Row], forms: list[Row]
) -> Shared:
    """One district with a source of its own for each situation, which befalls its delivery.

    No two sources know the same human being, so none concerns another.
    """
    office = Office(folder)
    names = {title: f"s{number}" for number, title in enumerate(situations)}
    usual = "{{mapping: forms.yaml, folder: {0}, delivers: full}}"
    lines = "".join(f"  {name}: {usual.format(name)}\n" for name in names.values())
    office.configure(**{"sources:\n": f"sources:\n{lines}"})
    for title, happens in situations.items():
        happens(office.deliver(names[title], LAST, persons, forms))
    states = {result.source: str(result.state) for result in office.run()}
    released: dict[str, set[str]] = {name: set() for name in names.values()}
    for source, key in office.decide().released:
        released[source].add(key)
    return Shared(
        {title: states[name] for title, name in names.items()},
        {title: released[name] for title, name in names.items()},
    )
