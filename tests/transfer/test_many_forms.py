"""Many forms at once: each opens, is tagged and German, and holds nothing that was not granted, in print or in data."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pypdf import PdfReader

from benchmarks.forms import CONSENT, GROUPS, MAPPING, PERSON, TODAY, write_rows
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.hand_over import hand_over

# What is planted of each person, by the data group it belongs to.
PLANTED = {
    "stammdaten": ("Nachname", "Vorname"),
    "sprache": ("Sprachen",),
    "schule_ausbildung": ("Schule",),
    "beruf": ("Beruf", "Wunsch"),
}
CODES = {name.casefold(): name for name in GROUPS.split(",")}


def plant(number: int, column: str) -> str:
    return f"{column}Q{number:05d}Z"


def district(folder: Path, count: int, rng: random.Random) -> dict[str, set[str]]:
    """Persons with planted values and a consent each; the groups granted, by the name's plant."""
    granted, persons, consents = {}, [], []
    for number in range(count):
        groups = {"stammdaten", *rng.sample(sorted(CODES), rng.randrange(len(CODES)))}
        granted[plant(number, "Nachname")] = groups
        told = {"Nr": f"K{number}", "Geburtsdatum": f"0{1 + number % 9}.02.19{60 + number % 40}"}
        told |= {c: plant(number, c) for columns in PLANTED.values() for c in columns}
        told |= {"Sprachen": f"{told['Sprachen']} (B1)", "Von": "01.01.2024", "Geschlecht": "w"}
        persons.append([told.get(column, "") for column in PERSON.split()])
        about = {"ENr": f"E{number}", "Nr": f"K{number}", "Empfaenger": "Jobcenter Musterkreis"}
        about |= {"Zweck": "Vermittlung", "Erteilt": "15.01.2025", "Schweigepflicht": "ja"}
        about |= {"Gruppen": ",".join(CODES[group] for group in groups)}
        consents.append([about.get(column, "") for column in CONSENT.split()])
    delivery = folder / "s" / "2025-07-31"
    delivery.mkdir(parents=True)
    write_rows(delivery / "Klienten.csv", PERSON, persons)
    write_rows(delivery / "Einwilligungen.csv", CONSENT, consents)
    (folder / "messung.yaml").write_text(MAPPING, "utf-8")
    (folder / "drehscheibe.yaml").write_text(
        'district: {ags: "08999", name: Musterkreis}\n'
        'municipalities: {"08999001": {name: Musterstadt}}\n'
        "sources: {s: {mapping: messung.yaml, folder: s}}\n"
        "recipients: {jobcenter: {name: Jobcenter Musterkreis, kind: jobcenter}}\n",
        "utf-8",
    )
    return granted


@pytest.mark.parametrize("count", [20, pytest.param(1000, marks=pytest.mark.slow)])
def test_no_form_holds_what_was_not_granted(tmp_path: Path, count: int) -> None:
    granted = district(tmp_path, count, random.Random(count))
    with Hub(load_config(tmp_path / "drehscheibe.yaml"), day=TODAY) as hub:
        run_intake(hub)
        made = hand_over(hub, decide_transfer(hub, "jobcenter", TODAY), tmp_path / "out")
    assert len(made.released) == count and not made.not_printed
    names = set()
    for released in made.released:
        reader = PdfReader(tmp_path / "out" / released.files[0])
        root: Any = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] and root["/Lang"] in ("de", "de-DE")
        (content,) = reader.attachments["daten.json"]
        data = json.loads(content)
        name = data["person"]["name"].partition(",")[0]
        names.add(name)
        text = " ".join(page.extract_text() for page in reader.pages)
        check(granted[name], int(name[9:14]), text, content.decode())
        assert {section["group"] for section in data["sections"]} == granted[name]
    assert names == granted.keys()


def check(granted: set[str], number: int, text: str, content: str) -> None:
    """What was planted is there exactly where it was granted, and of nobody else."""
    for group, columns in PLANTED.items():
        for column in columns:
            value = plant(number, column)
            assert (value in content) == (value in text.replace("\n", "")) == (group in granted)
    assert set(re.findall(r"Q[0-9]{5}Z", text + content)) == {f"Q{number:05d}Z"}


def test_an_encrypted_parcel_of_the_same_opens_for_its_recipient_only(tmp_path: Path) -> None:
    district(tmp_path, 3, random.Random(3))
    key = pyrage.x25519.Identity.generate()
    config = tmp_path / "drehscheibe.yaml"
    seal = f"kind: jobcenter, hand_over: {{encrypt: {{age: [{key.to_public()}]}}}}"
    config.write_text(config.read_text("utf-8").replace("kind: jobcenter", seal), "utf-8")
    with Hub(load_config(config), day=TODAY) as hub:
        run_intake(hub)
        made = hand_over(hub, decide_transfer(hub, "jobcenter", TODAY), tmp_path / "out")
    sealed = (tmp_path / "out" / made.files[0]).read_bytes()
    assert b"%PDF" in pyrage.decrypt(sealed, [key]) and b"%PDF" not in sealed
