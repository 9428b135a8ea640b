"""Which catalogue of the Kennzahlen a period is answered by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from mappings import catalogue

OURS = Path(catalogue.__file__).parent / "destinations" / "kennzahlen.yaml"


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Our catalogue, and one that follows it in 2027."""
    text = OURS.read_text(encoding="utf-8")
    (tmp_path / "kennzahlen.yaml").write_text(text, encoding="utf-8")
    later = text.replace("im-kennzahlen/2017-annahme", "im-kennzahlen/2027").replace("2017-01-01", "2027-01-01")
    (tmp_path / "kennzahlen-2027.yaml").write_text(later, encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    for kept in (catalogue.load_catalogues, catalogue.read_texts):
        kept.cache_clear()
    yield
    for kept in (catalogue.load_catalogues, catalogue.read_texts):
        kept.cache_clear()


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("last", "name"),
    [
        (date(2026, 12, 31), "im-kennzahlen/2017-annahme"),
        (date(2027, 1, 1), "im-kennzahlen/2027"),
        (date(2016, 12, 31), "im-kennzahlen/2017-annahme"),
        (None, "im-kennzahlen/2027"),
    ],
)
def test_the_end_of_the_period_chooses_the_catalogue(last: date | None, name: str) -> None:
    assert catalogue.choose_catalogue(last).name == name
    assert set(catalogue.read_texts()) == {"kennzahlen", "kennzahlen-2027"}


def test_no_two_catalogues_begin_on_one_day() -> None:
    days = [c.valid_from for c in catalogue.load_catalogues()]
    assert len(set(days)) == len(days) > 0
