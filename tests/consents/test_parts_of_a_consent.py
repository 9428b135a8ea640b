"""Releases beside other records, rows that contradict each other, and groups in places of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.consents.office import EARLIER, LAST, RELEASE, Office, form, person, write_table

CASE = "      case: {fields: {begun_on: Von, ended_on: Bis}}\n"
OWN_KEY = RELEASE.replace("consent: {when", "consent: {key: Nr, when").replace(
    "consent_data_group: {each", "consent_data_group: {key: Nr, each"
)
LONGER_KEY = OWN_KEY.replace("{key: Nr", "{key: [Nr, Vorname]")
GRANTED = [person("1", Freigabe="Sprache"), person("2", Freigabe="Sprache")]


def edit_mapping(office: Office, *changes: tuple[str, str]) -> None:
    mapping = office.folder / "both.yaml"
    text = mapping.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    mapping.write_text(text, "utf-8")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param((), id="as usual"),
        pytest.param(((RELEASE, OWN_KEY),), id="with its own key"),
        pytest.param(((RELEASE, LONGER_KEY),), id="with a longer key"),
        pytest.param(((CASE, ""), (RELEASE, RELEASE + CASE)), id="before the case"),
        pytest.param(((CASE, ""),), id="without a case"),
    ],
)
def test_an_emptied_release_ends_in_a_partial_delivery(
    tmp_path: Path, changes: tuple[tuple[str, str], ...]
) -> None:
    office = Office(tmp_path, delivers="partial")
    edit_mapping(office, *changes)
    office.deliver("beta", EARLIER, GRANTED)
    office.deliver("beta", LAST, [person("1")])
    office.run()
    assert office.released() == {"beta:2": ("sprache",)}
    assert office.reasons() == {"beta:1": ("release_withdrawn",)}


def test_who_is_not_in_a_partial_delivery_keeps_a_release(tmp_path: Path) -> None:
    office = Office(tmp_path, delivers="partial")
    edit_mapping(office, (CASE, ""))
    office.deliver("beta", EARLIER, GRANTED)
    office.deliver("beta", LAST, [person("3")])
    office.run()
    assert office.released().keys() == {"beta:1", "beta:2"}


@pytest.mark.parametrize("delivers", ["full", "partial"])
@pytest.mark.parametrize("first", ["", "Sprache"])
def test_rows_of_a_person_that_disagree_release_nothing(
    tmp_path: Path, delivers: str, first: str
) -> None:
    office = Office(tmp_path, delivers=delivers)
    several = ("      person:\n", "      person:\n        several_rows: true\n")
    edit_mapping(office, several)
    second = "" if first else "Sprache"
    rows = [person("1", Freigabe=first), person("1", Freigabe=second, Bis="1.1.2026"), GRANTED[1]]
    office.deliver("beta", LAST, rows)
    office.run()
    assert office.released() == {"beta:2": ("sprache",)}
    # A release has no column in which a revocation could be unreadable.
    assert office.reasons()["beta:1"][0] == "consent_unreadable"


def test_forms_that_disagree_have_an_unreadable_revocation(tmp_path: Path) -> None:
    office = Office(tmp_path)
    fields = "        fields:\n          person_key"
    several = (fields, f"        several_rows: true\n{fields}")
    edit_mapping(office, several)
    forms = [form("a", "1"), form("a", "1", Schweigepflicht="nein")]
    office.deliver("beta", LAST, [person("1")], forms)
    office.run()
    assert office.reasons()["beta:1"][0] == "revocation_unreadable"


GROUPS = '      consent_data_group: {each: {column: Gruppen, split: ","}}\n'
OWN_TABLE = """  Gruppen:
    files: "Gruppen*"
    table: Gruppen
    key: [ENr, Gruppe]
    feeds:
      consent_data_group: {key: ENr, several_rows: true, each: {column: Gruppe}}
"""
PERSONS = [person(key) for key in ("1", "2", "3")]
FORMS = [form("a", "1"), form("b", "2"), form("c", "3")]
GRANTS = [("a", "Sprache"), ("a", "Beruf"), ("b", "Sprache"), ("c", "Beruf")]


def with_groups(folder: Path, delivers: str = "full") -> Office:
    """A district whose data groups are in a table of their own."""
    office = Office(folder, delivers=delivers)
    mapping = folder / "forms.yaml"
    text = mapping.read_text("utf-8")
    assert GROUPS in text
    mapping.write_text(text.replace(GROUPS, "") + OWN_TABLE, "utf-8")
    return office


def write_groups(folder: Path, *rows: tuple[str, ...]) -> None:
    lines = [";".join(row) for row in (("ENr", "Gruppe"), *rows)]
    (folder / "Gruppen.csv").write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize(
    ("row", "doubtful"),
    [
        (("a", "alle außer Beruf"), {"alpha:1"}),
        (("b", "keine"), {"alpha:2"}),
        (("b", "Gesundheit"), set()),
        (("", "Beruf"), set()),
        (("", "keine"), {"alpha:1", "alpha:2", "alpha:3"}),
        (("a", "keine", "x"), {"alpha:1", "alpha:2", "alpha:3"}),
        (("unbekannt", "keine"), set()),
    ],
)
def test_a_group_in_doubt_in_a_table_of_its_own(
    tmp_path: Path, row: tuple[str, ...], doubtful: set[str]
) -> None:
    office = with_groups(tmp_path)
    write_groups(office.deliver("alpha", LAST, PERSONS, FORMS), *GRANTS, row)
    office.run()
    assert {"alpha:1", "alpha:2", "alpha:3"} - office.released().keys() == doubtful


def test_a_group_in_doubt_of_a_consent_that_is_not_delivered_again(tmp_path: Path) -> None:
    office = with_groups(tmp_path, delivers="partial")
    write_groups(office.deliver("alpha", EARLIER, PERSONS, FORMS), *GRANTS)
    office.run()
    write_groups(office.deliver("alpha", LAST, PERSONS, []), ("a", "keine"))
    office.run()
    assert office.released().keys() == {"alpha:2", "alpha:3"}


@pytest.mark.parametrize(
    ("ticks", "released"),
    [(("ja", "ja"), True), (("ja", ""), True), (("ja", "nein"), False), (("nein", "ja"), False)],
)
def test_two_ticks_of_one_group(tmp_path: Path, ticks: tuple[str, str], released: bool) -> None:
    office = Office(tmp_path)
    mapping = tmp_path / "forms.yaml"
    columns = "{Gruppen: sprache, Sprache: sprache}"
    text = mapping.read_text("utf-8").replace(
        '{column: Gruppen, split: ","}', f"{{columns: {columns}}}"
    )
    mapping.write_text(text, "utf-8")
    folder = office.deliver("alpha", LAST, PERSONS)
    row = {**form("a", "1", ticks[0]), "Sprache": ticks[1]}
    write_table(folder / "Einwilligungen.csv", list(row), [row])
    office.run()
    assert ("alpha:1" in office.released()) is released
