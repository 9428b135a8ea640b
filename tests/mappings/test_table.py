"""Small tables through the engine: given rows, the entity rows and findings that come of them."""

from __future__ import annotations

from datetime import date

from mappings.compile import find_companions
from mappings.source_yaml import TablePart
from tests.mappings.small import counts, findings, hashes, load, plan, rows_of, run

PEOPLE = plan(
    """
    key: Nr
    ignore: [Notiz]
    feeds:
      person: {fields: {last_name: Name, birth_date: {column: Geboren, past: true}, sex: Geschlecht}}
    """
)
HEADER = ["Nr", "Name", "Geboren", "Geschlecht"]
TALKS = plan(
    """
    key: Nr
    feeds:
      conversation: {fields: {held_on: {column: Datum, required: true}, minutes: Dauer}}
      conversation_participant: {each: {column: Personen, split: ","}}
      conversation_topic: {each: {columns: {Sprache: sprache, Arbeit: arbeit, Sonstiges: anderes}}}
    """
)
TALK_HEADER = ["Nr", "Datum", "Dauer", "Personen", "Sprache", "Arbeit", "Sonstiges"]


def test_each_row_becomes_a_record() -> None:
    mapped = run(
        PEOPLE, HEADER, [["1", "Beispiel", "01.02.1980", "w"], ["2", "Muster", "", "k. A."]]
    )
    assert rows_of(mapped, "person") == [
        {"key": "1", "row": 2, "last_name": "Beispiel", "birth_date": date(1980, 2, 1), "sex": "w"},
        {"key": "2", "row": 3, "last_name": "Muster", "sex": "ohne_angabe"},
    ]
    assert findings(mapped) == []
    assert counts(mapped) == (2, 2, 0, 0)


def test_a_row_that_repeats_another_word_for_word_counts_once() -> None:
    row = ["1", "Beispiel", "", ""]
    mapped = run(PEOPLE, HEADER, [row, ["2", "Muster", "", ""], row, row])
    assert [r["row"] for r in rows_of(mapped, "person")] == [2, 3]
    assert findings(mapped) == [(4, None, "repeated", "notice"), (5, None, "repeated", "notice")]
    assert counts(mapped) == (4, 2, 0, 2)


def test_a_row_without_key_is_rejected() -> None:
    mapped = run(
        PEOPLE,
        HEADER,
        [["", "Beispiel", "31.06.1980", ""], ["\u00a0", "Muster", "", ""], ["3", "Probe", "", ""]],
    )
    assert [r["key"] for r in rows_of(mapped, "person")] == ["3"]
    assert findings(mapped) == [
        (2, "Nr", "key_missing", "rejected"),
        (3, "Nr", "key_missing", "rejected"),
    ]
    assert counts(mapped) == (3, 1, 2, 0)


def test_a_key_that_comes_again_with_other_content_is_rejected() -> None:
    mapped = run(PEOPLE, HEADER, [["1", "Beispiel", "", ""], ["1 ", "Muster", "", ""]])
    assert [r["last_name"] for r in rows_of(mapped, "person")] == ["Beispiel"]
    assert findings(mapped) == [(3, "Nr", "key_repeated", "rejected")]
    assert counts(mapped) == (2, 1, 1, 0)


def test_rows_the_reader_could_not_place_are_rejected_and_counted() -> None:
    mapped = run(PEOPLE, HEADER, [["1", "Beispiel", "", ""]], ragged=[7, 9])
    assert findings(mapped) == [
        (7, None, "ragged_row", "rejected"),
        (9, None, "ragged_row", "rejected"),
    ]
    assert counts(mapped) == (3, 1, 2, 0)


def test_a_required_date() -> None:
    rows = [
        ["1", "30.02.2024"],
        ["2", ""],
        ["3", "01.01.1900"],
        ["4", "morgen"],
        ["5", "29.02.2024"],
    ]
    mapped = run(TALKS, TALK_HEADER, [[*r, "", "", "", "", ""] for r in rows])
    assert rows_of(mapped, "conversation") == [{"key": "5", "row": 6, "held_on": date(2024, 2, 29)}]
    assert findings(mapped) == [
        (2, "Datum", "required_date_unreadable", "rejected"),
        (3, "Datum", "required_missing", "rejected"),
        (4, "Datum", "required_date_unreadable", "rejected"),
        (5, "Datum", "required_date_unreadable", "rejected"),
    ]
    assert counts(mapped) == (5, 1, 4, 0)


def test_a_value_set_aside_leaves_the_row() -> None:
    mapped = run(
        PEOPLE, HEADER, [["1", "Beispiel", "31.06.2018", "mw"], ["2", "Muster", "01.01.2031", "m"]]
    )
    assert rows_of(mapped, "person") == [
        {"key": "1", "row": 2, "last_name": "Beispiel"},
        {"key": "2", "row": 3, "last_name": "Muster", "sex": "m"},
    ]
    assert findings(mapped) == [
        (2, "Geboren", "impossible_date", "set_aside"),
        (2, "Geschlecht", "unknown_code", "set_aside"),
        (3, "Geboren", "future_date", "set_aside"),
    ]


def test_several_persons_and_ticked_columns() -> None:
    mapped = run(
        TALKS, TALK_HEADER, [["G1", "1.2.2024", "1h30", "P2, P1,", "x", "Nein", "vielleicht"]]
    )
    assert rows_of(mapped, "conversation")[0]["minutes"] == 90
    assert [r["person_key"] for r in rows_of(mapped, "conversation_participant")] == ["P2", "P1"]
    assert rows_of(mapped, "conversation_topic") == [
        {"key": "G1 · sprache", "row": 2, "conversation_key": "G1", "topic": "sprache"}
    ]
    assert findings(mapped) == [(2, "Sonstiges", "unknown_code", "set_aside")]


def test_a_record_over_several_rows() -> None:
    contacts = plan(
        """
        key: Nr
        feeds:
          conversation: {several_rows: true, fields: {held_on: {column: Datum, required: true}}}
          conversation_topic: {each: Thema}
        """
    )
    rows = [["7", "1.2.2024", "Wohnen"], ["7", "1.2.2024", "Arbeit"], ["7", "1.2.2024", "Arbeit"]]
    mapped = run(contacts, ["Nr", "Datum", "Thema"], rows)
    assert not contacts.unique
    assert [r["topic"] for r in rows_of(mapped, "conversation_topic")] == ["wohnen", "arbeit"]
    assert len(set(hashes(mapped, "conversation").values())) == 1
    assert counts(mapped) == (3, 2, 0, 1)


def test_parts_of_a_value_by_pattern() -> None:
    languages = plan(
        r"""
        key: Nr
        feeds:
          person: {fields: {last_name: Name}}
          language_level: {each: {column: Sprachen, split: ",", pattern: '(?P<language>[^()]+?) *(?:\((?P<level>[^()]*)\))?'}}
        """
    )
    rows = [
        ["1", "Beispiel", "Arabisch (Muttersprache), Deutsch (B1) ,Englisch"],
        ["2", "Muster", "Dari (fließend), Farsi"],
    ]
    mapped = run(languages, ["Nr", "Name", "Sprachen"], rows)
    assert [(r["language"], r.get("level")) for r in rows_of(mapped, "language_level")] == [
        ("Arabisch", "muttersprache"),
        ("Deutsch", "B1"),
        ("Englisch", None),
        ("Dari", None),
        ("Farsi", None),
    ]
    assert findings(mapped) == [(3, "Sprachen", "unknown_code", "set_aside")]


def test_only_if_and_when() -> None:
    goals = plan(
        """
        key: Nr
        feeds:
          goal: {fields: {status: Status, reached_on: {column: Ende, only_if: {Status: [erreicht]}}}}
          housing: {when: [Art, Seit], fields: {kind: Art, assigned_on: Seit}}
        """
    )
    header = ["Nr", "Status", "Ende", "Art", "Seit"]
    rows = [
        ["1", "Erreicht", "1.2.2024", "", ""],
        ["2", "offen", "1.2.2024", "", "5.6.2023"],
        ["3", "", "1.2.2024", " ", "\u00ad"],
    ]
    mapped = run(goals, header, rows)
    assert [r.get("reached_on") for r in rows_of(mapped, "goal")] == [date(2024, 2, 1), None, None]
    assert rows_of(mapped, "housing") == [
        {"key": "2", "row": 3, "person_key": "2", "assigned_on": date(2023, 6, 5)}
    ]


def test_constants_and_the_preamble() -> None:
    table = """
    key: Nr
    feeds:
      case: {fields: {municipality: {preamble: Gemeinde}}}
      consent: {fields: {person_key: Nr, basis: {constant: release}}}
    """
    known = run(plan(table, preamble={"Gemeinde": "Mühlenröth "}), ["Nr"], [["1"]])
    unknown = run(plan(table, preamble={"Gemeinde": "Anderswo"}), ["Nr"], [["1"]])
    assert rows_of(known, "case") == [
        {"key": "1", "row": 2, "person_key": "1", "municipality": "08999003"}
    ]
    assert rows_of(known, "consent") == [
        {"key": "1", "row": 2, "person_key": "1", "basis": "release"}
    ]
    assert rows_of(unknown, "case") == [{"key": "1", "row": 2, "person_key": "1"}]
    assert findings(unknown) == [(None, "Gemeinde", "unknown_code", "set_aside")]


def test_a_day_above_the_table_that_no_row_can_do_without() -> None:
    table = "key: Nr\nfeeds: {conversation: {fields: {held_on: {preamble: Tag}}}}"
    mapped = run(plan(table, preamble={"Tag": "31.02.2024"}), ["Nr"], [["1"], ["2"]])
    assert counts(mapped) == (2, 0, 2, 0)
    assert findings(mapped) == [(row, "Tag", "required_unreadable", "rejected") for row in (2, 3)]


def test_an_empty_cell_where_the_store_needs_a_value() -> None:
    """Only rows that make a row of the entity need it."""
    talks = plan("key: Nr\nfeeds: {conversation: {when: Form, fields: {held_on: Tag}}}")
    mapped = run(talks, ["Nr", "Form", "Tag"], [["1", "x", ""], ["2", "", ""]])
    assert counts(mapped) == (2, 1, 1, 0)
    assert findings(mapped) == [(2, "Tag", "required_missing", "rejected")]


def test_a_part_that_makes_the_key_of_its_row_too_long() -> None:
    key = "k" * 390
    mapped = run(TALKS, TALK_HEADER, [[key, "01.02.2024", "", "P1,P" + "2" * 20, "x", "", ""]])
    assert [r["person_key"] for r in rows_of(mapped, "conversation_participant")] == ["P1"]
    assert findings(mapped) == [(2, "Personen", "text_too_long", "set_aside")]
    assert counts(mapped) == (1, 1, 0, 0)


def test_a_key_of_its_own_with_a_sign_that_cannot_be_read() -> None:
    goals = plan("key: Plan\nfeeds: {goal: {key: [Plan, Feld], fields: {title: Ziel}}}")
    rows = [
        ["P1", "a\0", "x"],
        ["P1", "a\ufffd", "y"],
        ["P1", "a", "z"],
        ["P" * 300, "f" * 200, "w"],
    ]
    mapped = run(goals, ["Plan", "Feld", "Ziel"], rows)
    assert [r["title"] for r in rows_of(mapped, "goal")] == ["z"]
    assert [f[2] for f in findings(mapped)] == ["key_unreadable", "key_unreadable", "key_too_long"]


def test_a_key_of_several_columns_never_shows_a_value_that_is_no_code() -> None:
    goals = plan(
        """
        key: Plan
        feeds:
          plan: {several_rows: true, fields: {concluded_on: Am}}
          goal: {key: [Plan, Feld], when: Feld, fields: {plan_key: Plan, area: Feld}}
        """
    )
    rows = [
        ["P1", "", "Wohnung"],
        ["P1", "", "Geheimnis"],
        ["P1", "", "Anderes Geheimnis"],
        ["P1", "", ""],
    ]
    mapped = run(goals, ["Plan", "Am", "Feld"], rows)
    keys = [r["key"] for r in rows_of(mapped, "goal")]
    assert keys[0] == "P1/wohnen" and len(set(keys)) == 3
    assert not [k for k in keys if "geheimnis" in k.casefold()]
    again = run(goals, ["Plan", "Am", "Feld"], [["P1", "", " GEHEIM\u00adNIS\u00a0"]])
    assert [r["key"] for r in rows_of(again, "goal")] == keys[1:2]


def test_what_stands_on_a_records_row_is_its_companion() -> None:
    ours = load("extends: jobkraftwerk\n")
    assert ours.file.tables.keys() == {"Profile", "Beratungsgespräche", "Integrationspläne"}
    table = {"files": "*.csv", "key": "Nr"}
    consent = {"fields": {"person_key": "Nr", "basis": {"constant": "release"}}}
    goal = {"key": ["Nr", "Feld"], "fields": {"plan_key": "Nr"}}
    together = TablePart.model_validate({**table, "feeds": {"case": {}, "consent": consent}})
    apart = TablePart.model_validate(
        {**table, "feeds": {"plan": {"several_rows": True}, "goal": goal}}
    )
    assert find_companions(together) == {"case": ("consent",)}
    assert find_companions(apart) == {}


def test_an_optional_column_may_be_missing() -> None:
    table = "key: Nr\noptional_columns: [Geboren]\nfeeds: {person: {fields: {last_name: Name, birth_date: Geboren}}}\n"
    assert rows_of(run(plan(table), ["Nr", "Name"], [["1", "Beispiel"]]), "person") == [
        {"key": "1", "row": 2, "last_name": "Beispiel"}
    ]
