"""A wrong word in a mapping stops at load time and says file, line and what would have been right; what extends ours keeps the rest."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from mappings import source_mapping
from mappings.problems import YamlProblems
from mappings.source_mapping import list_mappings

HEAD = """\
system: Probe
tables:
  Klienten:
    files: Klienten*.csv
    key: Nr
"""

# (the YAML after HEAD, line, message, suggestion)
MISTAKES = {
    "unknown entity": (
        "    feeds:\n      persn: {fields: {last_name: Name}}\n",
        7,
        "unknown entity 'persn'",
        "did you mean 'person'?",
    ),
    "unknown field": (
        "    feeds:\n      person:\n        fields:\n          last_name: Name\n          birthdate: Geb\n",
        10,
        "unknown field 'birthdate' of person",
        "did you mean 'birth_date'?",
    ),
    "unknown code list": (
        "    feeds:\n      person:\n        fields:\n          sex: {column: G, codes: sexx}\n",
        9,
        "unknown code list 'sexx'",
        "did you mean 'sex'?",
    ),
    "unknown code": (
        "    feeds:\n      person:\n        fields:\n          sex: {column: G, values: {Mann: male}}\n",
        9,
        "'male' is no code of the list sex",
        "did you mean 'm'?",
    ),
    "unknown key": (
        "    ignored: [PLZ]\n    feeds:\n      person: {fields: {last_name: Name}}\n",
        6,
        "unknown key",
        "did you mean 'ignore'?",
    ),
    "unknown key of a field": (
        "    feeds:\n      person:\n        fields:\n          last_name: {colum: Name}\n",
        9,
        "unknown key",
        "did you mean 'column'?",
    ),
    "mapped and ignored": (
        "    ignore: [PLZ, Name]\n    feeds:\n      person: {fields: {last_name: Name}}\n",
        6,
        "column 'Name' is both mapped and ignored",
        None,
    ),
    "required field missing": (
        "    feeds:\n      conversation:\n        fields: {minutes: Dauer}\n",
        7,
        "field 'held_on' of conversation must be fed",
        None,
    ),
    "each missing": (
        "    feeds:\n      conversation_topic: {fields: {topic: Thema}}\n",
        7,
        "conversation_topic holds several rows per record and needs 'each'",
        None,
    ),
    "each of several columns that hold no codes": (
        "    feeds:\n      conversation_participant: {each: [PLZ, Name]}\n",
        7,
        "conversation_participant is read from one column",
        "several are read of codes alone, as topics",
    ),
    "each where there is one row": (
        "    feeds:\n      person: {each: Name}\n",
        7,
        "person holds one row per record and takes no 'each'",
        None,
    ),
    "a field of history": (
        "    feeds:\n      person: {fields: {source_key: Nr}}\n",
        7,
        "unknown field 'source_key' of person",
        None,
    ),
}


def write(folder: Path, text: str) -> Path:
    path = folder / "probe.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> YamlProblems:
    with pytest.raises(YamlProblems) as caught:
        source_mapping.load_mapping(path)
    return caught.value


@pytest.mark.parametrize("name", MISTAKES)
def test_wrong_words(name: str, tmp_path: Path) -> None:
    text, line, message, suggestion = MISTAKES[name]
    (found,) = problems(write(tmp_path, HEAD + text)).problems
    assert (found.file, found.line, found.message) == ("probe.yaml", line, message)
    if suggestion is not None:
        assert found.suggestion == suggestion


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        HEAD + "    feeds:\n      persn: {}\n      case: {fields: {begin: Von, ende: Bis}}\n",
    )
    assert str(problems(path)).splitlines() == [
        "probe.yaml:7: tables.Klienten.feeds.persn: unknown entity 'persn'; did you mean 'person'?",
        "probe.yaml:8: tables.Klienten.feeds.case.fields.begin: unknown field 'begin' of case; did you mean 'begun_on'?",
        "probe.yaml:8: tables.Klienten.feeds.case.fields.ende: unknown field 'ende' of case; did you mean 'ended_on'?",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("system: Probe\nsystem: Noch eine\ntables: {}\n", 2),
        ("system: Probe\ntables: {Klienten: [\n", 3),
        ("system: Probe\n  tables: {}\n", 2),
        ("system: 'Probe\n", 2),
    ],
)
def test_what_is_no_yaml(text: str, line: int, tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, text)).problems
    assert (found.file, found.line) == ("probe.yaml", line)
    assert found.message


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "probe.yaml"
    path.write_bytes("system: Büro\n".encode("cp1252"))
    assert "UTF-8" in problems(path).problems[0].message


def test_a_field_says_where_it_comes_from_just_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        HEAD + "    feeds:\n      person: {fields: {last_name: {column: Name, constant: X}}}\n",
    )
    (found,) = problems(path).problems
    assert found.line == 7 and "exactly one of column, preamble, sheet, constant" in found.message


def test_what_the_store_would_refuse_for_every_row(tmp_path: Path) -> None:
    fields = "{held_on: {column: Datum, only_if: {Art: [x]}}, staff: {constant: " + "x" * 201 + "}}"
    path = write(tmp_path, HEAD + f"    feeds:\n      conversation: {{fields: {fields}}}\n")
    empty, long = problems(path).problems
    assert "must never be empty" in empty.message and "more than 200 characters" in long.message


def test_an_unknown_mapping_is_told_with_the_nearest_name() -> None:
    with pytest.raises(YamlProblems) as caught:
        source_mapping.load_mapping("tau_ofice")
    assert caught.value.problems[0].suggestion == "did you mean 'tau_office'?"


def test_extends_what_is_unknown(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, "about: unsere\nextends: enaio_exports\n")).problems
    assert (found.line, found.message, found.suggestion) == (
        2,
        "unknown mapping 'enaio_exports'",
        "did you mean 'enaio_export'?",
    )


OWN = """\
extends: tau_office
dialect: {delimiter: ","}
tables:
  Klienten:
    ignore: [PLZ, Zusatz1]
    feeds:
      person:
        fields:
          official_number: AZR
          sex: {column: Geschlecht, values: {Herr: m}}
      education_work: null
  Ziele: null
"""


def test_a_district_extends_one_of_ours(tmp_path: Path) -> None:
    own, ours = (
        source_mapping.load_mapping(write(tmp_path, OWN)).file,
        source_mapping.load_mapping("tau_office").file,
    )
    clients, theirs = own.tables["Klienten"], ours.tables["Klienten"]
    assert own.system == ours.system
    assert (own.dialect.encoding, own.dialect.delimiter) == ("cp1252", ",")
    assert clients.ignore == ["PLZ", "Zusatz1"]
    assert set(clients.feeds) == set(theirs.feeds) - {"education_work"}
    assert clients.feeds["person"].fields["official_number"].column == "AZR"
    assert clients.feeds["person"].fields["sex"].values == {"Herr": "m"}
    assert clients.feeds["person"].fields["last_name"] == theirs.feeds["person"].fields["last_name"]
    assert set(own.tables) == {"Klienten", "Kontakte"}


def test_a_mistake_in_an_own_mapping_is_told_with_its_own_line(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, OWN.replace("official_number", "officialnumber"))).problems
    assert (found.line, found.suggestion) == (9, "did you mean 'official_number'?")


@pytest.mark.parametrize("name", list_mappings())
def test_our_own_mappings_are_right(name: str) -> None:
    mapping = source_mapping.load_mapping(name)
    assert mapping.name == name and mapping.file.tables
    assert mapping.digest == source_mapping.load_mapping(name).digest


def test_the_digest_changes_with_a_word_of_the_mapping(tmp_path: Path) -> None:
    first = source_mapping.load_mapping(write(tmp_path, OWN)).digest
    assert source_mapping.load_mapping(write(tmp_path, OWN.replace("Herr", "Hr."))).digest != first
    assert (
        source_mapping.load_mapping(
            write(tmp_path, dedent(OWN) + "\n# nothing but a remark\n")
        ).digest
        == first
    )
