"""What only looks different is made equal; what a reader sees stays."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.engine.clean import clean_column, clean_line, clean_text, fold_text

LINES = {
    "Müller": "Müller",
    unicodedata.normalize("NFD", "Müller"): "Müller",
    "  Ali\u00a0 Reza ": "Ali Reza",
    "Ali\u202fReza": "Ali Reza",
    "Muster\u00admann": "Mustermann",
    "Ali\u200b\ufeff": "Ali",
    "\u202bعلی\u202c": "علی",
    "علی\u200e": "علی",
    "می\u200cخواهم": "می\u200cخواهم",
    "क्\u200dष": "क्\u200dष",
    "eine\0Notiz": "eineNotiz",
    "eine\tNotiz": "eine Notiz",
    "Anna\vMaria": "Anna Maria",
    "Anna\x1dMaria": "Anna Maria",
    "eine\r\nNotiz": "eine Notiz",
    "e\u00ad\u0301": "é",
    "=1+1": "=1+1",
    "Ｍüller": "Ｍüller",
    "": "",
}


@pytest.mark.parametrize(("given", "line"), LINES.items())
def test_one_line(given: str, line: str) -> None:
    assert clean_line(given) == line


def test_line_breaks_stay_where_they_may_separate_values() -> None:
    assert clean_text("JK-1\r\nJK-2\rJK-3\n") == "JK-1\nJK-2\nJK-3"


@pytest.mark.parametrize(
    ("a", "b"),
    [("MÄNNLICH", "männlich"), ("Strasse", "Straße"), ("İzmir", "izmir"), (" VH\u00a0", "vh")],
)
def test_labels_that_are_one(a: str, b: str) -> None:
    assert fold_text(a) == fold_text(b)


@pytest.mark.parametrize(
    ("a", "b"), [("ırak", "irak"), ("Kinder/Familie", "Kinder Familie"), ("A1", "A 1")]
)
def test_labels_that_are_two(a: str, b: str) -> None:
    assert fold_text(a) != fold_text(b)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)
    assert unicodedata.is_normalized("NFC", clean_text(text))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_column_is_cleaned_like_its_cells(texts: list[str]) -> None:
    assert clean_column(pa.array(texts, pa.string())).to_pylist() == [clean_line(t) for t in texts]
