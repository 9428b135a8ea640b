"""Times a transfer of many forms: query, gate, PDF, JSON, encryption. Run: python -m benchmarks.forms."""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.hand_over import hand_over

TODAY = date(2025, 8, 1)
MAPPING = """\
system: Messung
tables:
  Klienten:
    files: "Klienten*"
    table: Klienten
    key: Nr
    feeds:
      person:
        fields: {last_name: Nachname, first_name: Vorname, birth_date: Geburtsdatum, sex: Geschlecht}
      case: {fields: {begun_on: Von, staff: Fachkraft}}
      residence_status: {when: Status, fields: {status: Status, valid_until: Bis}}
      language_level:
        each: {column: Sprachen, split: ",", pattern: '(?P<language>[^(]+)\\((?P<level>[^)]+)\\)'}
      education_work:
        when: Beruf
        fields: {school_degree: Schule, occupations: Beruf, career_goal: Wunsch}
  Einwilligungen:
    files: "Einwilligungen*"
    table: Einwilligungen
    key: ENr
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
PERSON = "Nr Nachname Vorname Geburtsdatum Geschlecht Von Fachkraft Status Bis Sprachen Schule Beruf Wunsch"
CONSENT = "ENr Nr Empfaenger Zweck Erteilt Gueltig_bis Widerrufen Schweigepflicht Gruppen"
GROUPS = "Stammdaten,Aufenthalt,Sprache,Schule_Ausbildung,Beruf"


def write_district(folder: Path, persons: int) -> None:
    """Writes the configuration, with a new key of age, and one delivery."""
    from pyrage import x25519

    key = x25519.Identity.generate().to_public()
    (folder / "messung.yaml").write_text(MAPPING, "utf-8")
    (folder / "drehscheibe.yaml").write_text(
        'district: {ags: "08999", name: Musterkreis}\n'
        'municipalities: {"08999001": {name: Musterstadt}}\n'
        "sources: {s: {mapping: messung.yaml, folder: s}}\n"
        "recipients:\n"
        "  jobcenter: {name: Jobcenter Musterkreis, kind: jobcenter,"
        f" hand_over: {{encrypt: {{age: [{key}]}}}}}}\n",
        "utf-8",
    )
    delivery = folder / "s" / "2025-07-31"
    delivery.mkdir(parents=True)
    write_rows(delivery / "Klienten.csv", PERSON, [_person(n) for n in range(persons)])
    write_rows(delivery / "Einwilligungen.csv", CONSENT, [_consent(n) for n in range(persons)])


def write_rows(file: Path, columns: str, rows: list[list[str]]) -> None:
    """Writes a CSV file; ``columns`` apart by blanks."""
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, delimiter=";").writerows([columns.split(), *rows])


def _person(number: int) -> list[str]:
    born = date(1970, 1, 2) + timedelta(number)
    name = f"Muster{chr(97 + number % 26)}{number}"
    work = "Schneiderin, Köchin, Verkäuferin"
    known = ["01.01.2024", "Rösler, Anna", "Aufenthaltserlaubnis", "31.01.2027"]
    told = ["Deutsch (B1),Arabisch (Muttersprache)", "Mittlere Reife", work, "Altenpflegerin"]
    return [f"K{number}", name, f"Amal{number}", f"{born:%d.%m.%Y}", "w", *known, *told]


def _consent(number: int) -> list[str]:
    about = ["Jobcenter Musterkreis", "Vermittlung", "15.01.2025", "", "", "ja"]
    return [f"E{number}", f"K{number}", *about, GROUPS]


def measure_transfer(persons: int) -> tuple[int, float]:
    """How many forms were made and encrypted, and the seconds from the question to the parcel."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_district(folder, persons)
        with Hub(load_config(folder / "drehscheibe.yaml"), day=TODAY) as hub:
            run_intake(hub)
            begun = time.perf_counter()
            decision = decide_transfer(hub, "jobcenter", TODAY, settle_seconds=0)
            made = hand_over(hub, decision, folder / "out")
            return len(made.released), time.perf_counter() - begun


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000, help="how many persons")
    wanted = parser.parse_args().rows
    made, seconds = measure_transfer(wanted)
    used = time.process_time()
    print(f"{made} forms in {seconds:.1f} s, {1000 * seconds / max(made, 1):.1f} ms each")
    told = {"benchmark": "forms", "rows": wanted, "agree": made == wanted}
    times = {"seconds": round(seconds, 2), "cpu_seconds": round(used, 2)}
    print(json.dumps({**told, **times}))
    sys.exit(made != wanted)
