"""One form per human being: records together, who cannot be named has none, and looking back shows what was granted."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from pipelines.transfer.decision import Transfer, decide_transfer
from pipelines.transfer.hand_over import Parcel, hand_over
from pipelines.transfer.named_persons import names_somebody, refuse_unnamed
from pipelines.transfer.parcels import list_handed_over
from tests.consents.office import LAST, TODAY, Office, form, person

GROUPS = "Stammdaten,Sprache"
CONTACT = 'contact: {address: "Am Ring 3, 7 M", phone: 07999 5, email: im@m.example}'
CARRIERS = f"carriers: {{stadt: {{name: Stadt Musterstadt, {CONTACT}}}}}\n"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One human being in both sources, one without a name, one without the data on the person."""
    made = Office(tmp_path_factory.mktemp("office"), more=CARRIERS)
    made.configure(**{"folder: beta,": "folder: beta, carrier: stadt,"})
    same = {"AZR": "260512345678", "name": "Zwei"}
    unnamed = person("3", Nachname="+", Vorname="-")
    persons = [person("1", **same), unnamed, person("4")]
    forms = [form("e1", "1", GROUPS), form("e3", "3", GROUPS), form("e4", "4", "Sprache")]
    made.deliver("alpha", LAST, persons, forms)
    other = person("2", **same, Von="01.05.2025")
    made.deliver("beta", LAST, [other], [form("e2", "2", "Stammdaten,Beruf,Sprache")])
    made.run()
    return made


@pytest.fixture(scope="module")
def parcel(office: Office) -> Parcel:
    with office.open() as hub:
        return hand_over(hub, decide_transfer(hub, "jobcenter", TODAY), office.folder / "out")


@pytest.fixture(scope="module")
def data(parcel: Parcel) -> Any:
    (released,) = parcel.released
    pdf = PdfReader(io.BytesIO((parcel.folder / released.files[0]).read_bytes()))
    (content,) = pdf.attachments["daten.json"]
    return json.loads(content)


def reasons(answer: Transfer) -> dict[str, str]:
    return {refused.records[0]: refused.reason for refused in answer.refused}


def test_two_records_of_one_human_being_are_one_form(parcel: Parcel, data: Any) -> None:
    (released,) = parcel.released
    assert released.records == ["alpha:1", "beta:2"]
    assert released.groups == ("stammdaten", "sprache")
    assert list(parcel.files) == [*released.files, "begleitschreiben.pdf"]
    assert data["person"]["name"] == "MusterZwei, Amal"
    assert [consent["reference"] for consent in data["consents"]] == ["e1", "e2"]
    assert data["sender"] == "Stadt Musterstadt und Musterkreis"


def test_whom_to_ask_is_named_for_each_office(data: Any) -> None:
    first, second = data["contacts"]
    assert first == {
        "counsellor": "",
        "office": "Stadt Musterstadt",
        "address": "Am Ring 3, 7 M",
        "phone": "07999 5",
        "email": "im@m.example",
    }
    assert (second["office"], second["phone"]) == ("Musterkreis", "")


def test_the_letter_indexes_the_form_and_the_ledger_both_records(
    office: Office, parcel: Parcel, data: Any
) -> None:
    pages = PdfReader(parcel.folder / "begleitschreiben.pdf").pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert f"MusterZwei, Amal 02.03.1990 {data['number']}" in text and "Vermittlung" in text
    with office.open() as hub, hub.store.read() as connection:
        records = [handed.record for handed in list_handed_over(connection)]
    assert records == [("alpha", "1"), ("beta", "2")]


def test_who_cannot_be_told_by_it_has_no_form(office: Office, parcel: Parcel) -> None:
    wanted = {"alpha:3": "person_not_named", "alpha:4": "person_not_named"}
    assert reasons(parcel) == wanted
    with office.open() as hub:
        today = refuse_unnamed(hub, decide_transfer(hub, "jobcenter", TODAY)).as_answer()
        assert reasons(today) == wanted and len(today.released) == 1


def test_looking_back_shows_what_was_granted(office: Office) -> None:
    with office.open() as hub:
        decision = decide_transfer(hub, "jobcenter", date(2025, 7, 31))
        answer = refuse_unnamed(hub, decision).as_answer()
    assert [released.records for released in answer.released] == [
        ["alpha:1", "beta:2"],
        ["alpha:3"],
        ["alpha:4"],
    ]
    assert answer.refused == []


def test_numbers_say_nothing_and_are_of_the_person(office: Office, parcel: Parcel) -> None:
    with office.open() as hub:
        decision = decide_transfer(hub, "jobcenter", TODAY)
    one, other = decision.form_number(("alpha", "1")), decision.form_number(("beta", "2"))
    assert one == other != decision.form_number(("alpha", "3"))
    assert Path(parcel.released[0].files[0]).stem == one


@pytest.mark.parametrize(
    ("last", "first", "born", "number", "named"),
    [
        ("Haddad", "Amal", None, None, True),
        ("Haddad", "", date(1990, 3, 2), None, True),
        ("FNU", "Amal", date(1990, 3, 2), None, True),
        ("N. N.", "unbekannt", None, "86902//0012345", True),
        ("", "Amal", None, None, False),
        ("Herr", "", date(1990, 3, 2), None, False),
        ("N.N.", "k. A.", date(1990, 3, 2), "-", False),
        ("+", "?", date(1990, 3, 2), "unbekannt", False),
    ],
)
def test_what_names_somebody(
    last: str, first: str, born: date | None, number: str | None, named: bool
) -> None:
    told = {"last_name": last, "first_name": first, "birth_date": born}
    assert names_somebody({**told, "jobcenter_number": number}) is named
