"""Which days a field can hold: slips of the pen, other calendars, days to come and ends before their begin are set aside and told."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.compile import Compiler
from mappings.day_limits import DayLimits, list_date_fields, load_day_limits
from mappings.engine.table import TableMapper
from mappings.findings.rules import RULES
from mappings.problems import YamlProblems
from tests.mappings.small import DAY, MUNICIPALITIES, findings, load, plan, rows_of, run

# The deliveries of these tests are of 2025-01-31.
PLAN = plan(
    """
    key: Nr
    feeds:
      person: {fields: {birth_date: Geboren, entry_date: Einreise}}
      case: {fields: {begun_on: Von, ended_on: Bis}}
      goal: {fields: {begun_on: Ziel_von, due_on: Frist, reached_on: Erreicht}}
      residence_status: {fields: {valid_from: Titel_von, valid_until: Titel_bis}}
    """,
    head="serial_dates: true",
)
HEADER = [
    *("Nr", "Geboren", "Einreise", "Von", "Bis"),
    *("Ziel_von", "Frist", "Erreicht", "Titel_von", "Titel_bis"),
]
PLAIN = dict.fromkeys(HEADER, "") | {
    "Nr": "1",
    "Von": "01.03.2024",
    "Ziel_von": "01.06.2024",
    "Titel_von": "2024-03-01",
}
# Column, text, the rule it breaks (None: it is taken).
CASES = [
    ("Geboren", "14.02.1363", "other_calendar"),
    ("Geboren", "1363-02-14", "other_calendar"),
    ("Geboren", "12.05.1410", "other_calendar"),
    ("Geboren", "01.01.1420", "other_calendar"),
    ("Geboren", "14.02.0985", "date_too_early"),
    ("Geboren", "14.02.1885", "date_too_early"),
    ("Geboren", "14.02.1925", None),
    ("Geboren", "31.01.2025", None),
    ("Geboren", "01.02.2025", "future_date"),
    ("Geboren", "04.05.38", None),
    ("Einreise", "14.02.2203", "future_date"),
    ("Einreise", "20150214", None),
    ("Einreise", "02150214", "date_too_early"),
    ("Von", "03.01.2042", "future_date"),
    ("Von", "03.01.0204", "date_too_early"),
    ("Von", "45323", None),
    ("Von", "75323", "future_date"),
    ("Von", "12.03.24", None),
    ("Bis", "31.12.2026", None),
    ("Bis", "31.12.2204", "date_too_late"),
    ("Bis", "29.02.2024", "end_before_begin"),
    ("Bis", "01.03.2024", None),
    ("Bis", "12.03.1403", "other_calendar"),
    ("Frist", "30.06.2026", None),
    ("Frist", "30.06.2062", "date_too_late"),
    ("Frist", "31.05.2024", "end_before_begin"),
    ("Erreicht", "01.02.2025", "future_date"),
    ("Erreicht", "31.05.2024", "end_before_begin"),
    ("Titel_bis", "31.12.2099", None),
    ("Titel_bis", "31.12.2999", "date_too_late"),
    ("Titel_bis", "2024-02-01", "end_before_begin"),
]
FIELDS = {
    "Geboren": ("person", "birth_date"),
    "Einreise": ("person", "entry_date"),
    "Von": ("case", "begun_on"),
    "Bis": ("case", "ended_on"),
    "Frist": ("goal", "due_on"),
    "Erreicht": ("goal", "reached_on"),
    "Titel_bis": ("residence_status", "valid_until"),
}


@pytest.mark.parametrize(
    ("column", "text", "rule"), CASES, ids=[f"{c}-{n}" for n, (c, _, _) in enumerate(CASES)]
)
def test_a_day_of_a_field(column: str, text: str, rule: str | None) -> None:
    mapped = run(PLAN, HEADER, [list((PLAIN | {column: text}).values())])
    told = {(row, where, name) for row, where, name, _ in findings(mapped)}
    expected = {(2, column, rule)} if rule else set()
    if rule and column == "Bis":
        expected |= {(2, column, "case_end_unreadable")}
    assert told == expected
    entity, field = FIELDS[column]
    (row,) = rows_of(mapped, entity)
    assert (field in row) == (rule is None)


ENDS = ["31.06.2024", "gestern", "Mai 2024", "31.12.2204", "01.01.2024", "12.03.1403"]
NO_ENDS = ["", "31.12.9999", "01.01.1900", "00.00.0000", "31.12.2024"]


@pytest.mark.parametrize(
    ("text", "is_doubtful"), [*((t, True) for t in ENDS), *((t, False) for t in NO_ENDS)]
)
def test_a_case_notes_that_its_end_is_unreadable(text: str, is_doubtful: bool) -> None:
    mapped = run(PLAN, HEADER, [list((PLAIN | {"Bis": text}).values())])
    (case,) = rows_of(mapped, "case")
    assert ("ended_on" in case, case.get("ended_on_unreadable", False)) == (
        text == "31.12.2024",
        is_doubtful,
    )


def test_an_end_that_becomes_unreadable_is_a_change_and_one_that_never_was_is_none() -> None:
    hashes = {
        text: run(PLAN, HEADER, [list((PLAIN | {"Bis": text}).values())]).entities["case"][
            "row_hash"
        ]
        for text in ("", "31.12.9999", "31.06.2024")
    }
    assert hashes[""] == hashes["31.12.9999"] != hashes["31.06.2024"]


TALKS = """
key: Nr
feeds:
  conversation: {fields: {held_on: {column: Datum, required: true}, minutes: Dauer}}
"""
SLIPS = ["12.03.2204", "12.03.0204", "12.03.1403", "12.03.2042", "0204-03-12", "01.02.2025"]


@pytest.mark.parametrize("text", SLIPS)
def test_a_required_day_rejects_its_row(text: str) -> None:
    rows = [["1", text, "45"], ["2", "12.03.24", "45"]]
    mapped = run(plan(TALKS), ["Nr", "Datum", "Dauer"], rows)
    assert findings(mapped) == [(2, "Datum", "required_date_implausible", "rejected")]
    assert (mapped.read, mapped.used, mapped.rejected) == (2, 1, 1)


CONSENTS = plan(
    """
    key: Nr
    feeds:
      consent:
        without: {recipient: Probe, confidentiality_released: Probe}
        fields:
          person_key: Person
          basis: {constant: form}
          given_on: Erteilt
          valid_until: Bis
          valid_until_unreadable: {column: Bis, as: unreadable}
          revoked_on: Widerrufen
          revoked_on_unreadable: {column: Widerrufen, as: unreadable}
    """
)
# Given, end, revocation; which of the two are unreadable then.
DOUBTS = [
    ("01.03.2024", "", "", ()),
    ("01.03.2024", "31.12.2099", "", ()),
    ("01.03.2024", "31.12.9999", "00.00.0000", ()),
    ("01.03.2024", "31.12.2204", "", ("valid_until",)),
    ("01.03.2024", "01.02.2024", "", ("valid_until",)),
    ("01.03.2024", "12.12.1404", "", ("valid_until",)),
    ("01.03.2024", "", "05.06.2204", ("revoked_on",)),
    ("01.03.2024", "", "05.06.0204", ("revoked_on",)),
    ("01.03.2024", "", "1403-06-05", ("revoked_on",)),
    ("01.03.2024", "", "01.02.2025", ("revoked_on",)),
    ("01.03.2024", "", "29.02.2024", ("revoked_on",)),
    ("01.03.2024", "", "01.03.2024", ()),
    ("", "", "05.06.2204", ("revoked_on",)),
]


@pytest.mark.parametrize(("given", "until", "revoked", "doubtful"), DOUBTS)
def test_a_consent_is_unreadable_where_its_days_cannot_be(
    given: str, until: str, revoked: str, doubtful: tuple[str, ...]
) -> None:
    mapped = run(
        CONSENTS,
        ["Nr", "Person", "Erteilt", "Bis", "Widerrufen"],
        [["1", "7", given, until, revoked]],
    )
    (row,) = rows_of(mapped, "consent")
    for field in ("valid_until", "revoked_on"):
        assert row.get(f"{field}_unreadable", False) == (field in doubtful)
        assert not (field in row and field in doubtful)


def test_limits_of_a_mapping_and_of_a_district_go_before_the_shipped_ones() -> None:
    table = f"system: Probe\ntables:\n  T:\n    files: '*.csv'\n{_indent(TALKS)}"
    own = load(f"days: {{conversation.held_on: {{earliest: '2017-01-01'}}}}\n{table}")
    none = load(table)
    district = {"conversation.held_on": DayLimits(earliest=date(2020, 1, 1), latest="1 year")}
    rows = [["1", "01.02.2016", ""], ["2", "01.02.2018", ""], ["3", "01.06.2025", ""]]
    found = {}
    for name, mapping, days in (
        ("plain", none, {}),
        ("own", own, {}),
        ("both", own, district),
        ("district", none, district),
    ):
        mapper = TableMapper(Compiler(mapping, MUNICIPALITIES, DAY, days).compile_table("T", {}))
        mapped = run(mapper.plan, ["Nr", "Datum", "Dauer"], rows)
        found[name] = [row["key"] for row in rows_of(mapped, "conversation")]
    assert found == {"plain": ["1", "2"], "own": ["2"], "both": ["2", "3"], "district": ["3"]}
    assert own.digest != none.digest
    assert none.for_district(MUNICIPALITIES, district).digest != none.digest
    assert none.for_district(MUNICIPALITIES, {}).digest == none.digest


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ("{case.endet_on: {earliest: 2017-01-01}}", "no field with a day"),
        ("{case.ended_on: {earliest: bald}}", "is no limit of a day"),
        ("{case.ended_on: {not_before: staff}}", "no other day of the row"),
        ("{case.ended_on: {spaetestens: 2017-01-01}}", "unknown key"),
    ],
)
def test_a_wrong_limit_is_told_when_the_mapping_is_read(days: str, message: str) -> None:
    with pytest.raises(YamlProblems, match=message):
        load(f"system: Probe\ndays: {days}\ntables:\n  T:\n    files: '*.csv'\n{_indent(TALKS)}")


def test_every_field_with_a_day_has_limits() -> None:
    assert sorted(load_day_limits()) == sorted(list_date_fields())
    assert all(limits.earliest and limits.latest for limits in load_day_limits().values())


def test_the_29th_of_february_has_limits() -> None:
    span = DayLimits(earliest="1 year", latest="1 year").as_span(date(2024, 2, 29))
    assert (span.first, span.last) == (date(2023, 2, 28), date(2025, 2, 28))


def test_each_rule_is_in_the_catalogue() -> None:
    names = {rule for _, _, rule in CASES if rule} | {"required_date_implausible"}
    assert names <= RULES.keys()


def _indent(table: str) -> str:
    return "".join(f"    {line}\n" for line in table.strip().splitlines())
