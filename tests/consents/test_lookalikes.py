"""Who may be a human being that withdrew elsewhere is held back until somebody decides that they are two."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.intake.identity_decisions import decide_pair
from tests.consents.office import LAST, TODAY, Office, Row, form, person
from warehouse.identity.decisions import Verdict

WITHDRAWN, NO_PURPOSE = {"Widerrufen": "20.06.2025"}, {"Zweck": ""}
PERSON = ("Nachname", "Vorname", "Geburtsdatum")
# Two records of one person in two systems, what the second one's form says, and whether that counts.
PAIRS: dict[str, tuple[str, str, Row | None, bool]] = {
    "first name shortened": (
        "Rahmani,Gholamreza,09.02.1994",
        "Rahmani,Gholam,09.02.1994",
        WITHDRAWN,
        True,
    ),
    "a day off": ("Tesfaye,Helina,17.09.1985", "Tesfaye,Helina,18.09.1985", WITHDRAWN, True),
    "no birth date": ("Brahimi,Yasmina,30.06.1990", "Brahimi,Yasmina,", WITHDRAWN, True),
    "another family name": (
        "Haile,Selam,21.10.1988",
        "Lindqvist,Selam,21.10.1988",
        WITHDRAWN,
        True,
    ),
    "names exchanged, no birth date": (
        "Ferhati,Dorjan,30.03.1991",
        "Dorjan,Ferhati,",
        WITHDRAWN,
        True,
    ),
    "no birth date, no withdrawal": ("Aziz,Bahar,02.02.1987", "Aziz,Bahar,", NO_PURPOSE, False),
    "no withdrawal": ("Popescu,Ioana,05.07.1983", "Popescu,Ioana,06.07.1983", NO_PURPOSE, False),
    "no form": ("Nowak,Zofia,12.12.1979", "Nowak,Zofia,13.12.1979", None, False),
}
EVERYBODY = {f"alpha:{n}" for n in range(len(PAIRS))}
HELD = {f"alpha:{n}" for n, pair in enumerate(PAIRS.values()) if pair[3]}


def describe(key: str, text: str) -> Row:
    return person(key, **dict(zip(PERSON, text.split(","), strict=True)))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office, pairs = Office(tmp_path), list(enumerate(PAIRS.values()))
    ours = [describe(str(n), first) for n, (first, *_) in pairs]
    theirs = [describe(f"{n}b", second) for n, (_, second, *_) in pairs]
    said = [form(f"w{n}", f"{n}b", **cells) for n, (_, _, cells, _) in pairs if cells]
    office.deliver("alpha", LAST, ours, [form(f"g{n}", str(n)) for n, _ in pairs])
    office.deliver("beta", LAST, theirs, said)
    office.run()
    return office


def test_a_pair_that_waits_holds_back_where_one_withdrew(office: Office) -> None:
    decision = office.decide()
    assert EVERYBODY - {":".join(record) for record in decision.released} == HELD
    refused = {one.records[0]: one for one in decision.as_answer().refused}
    assert refused["alpha:0"].reason == "other_record"
    assert "identity decide alpha:0 beta:0b" in refused["alpha:0"].because[0]
    with office.open() as hub:
        decide_pair(hub, "alpha:0", "beta:0b", Verdict.DIFFERENT, "zwei Menschen")
    assert EVERYBODY - office.released().keys() == HELD - {"alpha:0"}
    # Of a source that is not current nobody knows who withdrew.
    office.deliver("beta", TODAY, [], [])
    assert office.released().keys() == {"alpha:0"}
    assert office.reasons()["alpha:7"] == ("source_not_current",)


@pytest.mark.parametrize(
    "second", ["Brahimi,Yasmina,", "Yasmina,Brahimi,30.06.1990", "Yasmina,Brahimi,"]
)
def test_a_second_record_of_one_source_holds_back(tmp_path: Path, second: str) -> None:
    office = Office(tmp_path)
    people = [describe("1", "Brahimi,Yasmina,30.06.1990"), describe("2", second)]
    others = [
        describe("3", "Brahimi,Karim,30.06.1990"),
        describe("4", "Brahimi,Yasmina,01.07.1991"),
    ]
    forms = [form("g1", "1"), form("w2", "2", **WITHDRAWN), form("g3", "3"), form("g4", "4")]
    office.deliver("alpha", LAST, [*people, *others], forms)
    office.run()
    # Of one name without a birth date, it may be any of those who bear it.
    held = {"alpha:1", *(["alpha:4"] if second.endswith(",") else [])}
    assert {"alpha:1", "alpha:3", "alpha:4"} - office.released().keys() == held
