"""Error values and stand-ins for "none" are nobody's keys."""

from __future__ import annotations

import pyarrow as pa
import pytest

from mappings.engine.stand_in_keys import find_stand_ins
from tests.conformance.fault_kinds import holds
from tests.mappings import small


def cut(texts: str) -> list[str]:
    """The texts between upright strokes."""
    return texts.split("|")


ERRORS = cut(
    "#NV|#N/A|#REF!|#BEZUG!|#WERT!|#VALUE!|#NAME?|#DIV/0!|#ZAHL!|#NULL!|#ÜBERLAUF!|#überlauf!|"
    "##|########|Err:502"
)
STAND_INS = cut(
    "-|--|—|?|???|.|…|/|*|(leer)|<null>|[leer]|NULL|None|NaN|N/A|n/a|k.A.|o.A.|unbekannt|k. A.|"
    "n. v.|keine Angabe|ohne Nr.|nicht bekannt|(unbekannt)|Unbek.|unknown|fehlt|folgt|neu"
)
KEYS = cut(
    "7|0007|0|#12|A-1|K12|neu1|Neumann|NV|na|x|КЛ1|١|ohne7|null7|ka|Leerer|AB/-|12-|unna|کد|"
    "2024-01-01|Ärr:5"
)


@holds(10)
def test_which_keys_name_nothing() -> None:
    texts = pa.array([*ERRORS, *STAND_INS, *KEYS])
    found = texts.filter(pa.array(find_stand_ins(texts, is_part=False))).to_pylist()
    assert found == [*ERRORS, *STAND_INS]


def test_a_part_of_a_key_may_be_a_sign_or_a_word() -> None:
    texts = pa.array([*ERRORS, *STAND_INS, *KEYS])
    found = texts.filter(pa.array(find_stand_ins(texts, is_part=True))).to_pylist()
    assert found == ERRORS


PERSONS = "{person: {fields: {last_name: Name}}, case: {}}"
HEADER = ["Ort", "Nr", "Name"]


@pytest.mark.parametrize("written", ["#NV", "########", "(leer)", "-", "k.A.", "unbekannt"])
def test_a_row_with_a_stand_in_is_rejected_and_told(written: str) -> None:
    rows = [["", "7", "Tarhan"], ["", written, "Bashir"], ["", written, "Haddad"]]
    mapped = small.run(small.plan(f"key: Nr\nignore: [Ort]\nfeeds: {PERSONS}"), HEADER, rows)
    assert [row["key"] for row in small.rows_of(mapped, "person")] == ["7"]
    told = [(f["rule"], f["row"], f["column"]) for f in mapped.findings.to_pylist()]
    assert told == [("key_stand_in", 3, "Nr"), ("key_stand_in", 4, "Nr")]
    assert mapped.rejected == 2


def test_of_a_key_of_several_columns_only_error_values_name_nothing() -> None:
    rows = [["Ulm", "-", "Tarhan"], ["Neu", "7", "Bashir"], ["Ulm", "#NV", "Haddad"]]
    mapped = small.run(small.plan(f"key: [Ort, Nr]\nfeeds: {PERSONS}"), HEADER, rows)
    assert [row["key"] for row in small.rows_of(mapped, "person")] == ["Ulm/-", "Neu/7"]
