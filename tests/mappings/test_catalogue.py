"""The catalogue of the Kennzahlen: which one answers a period, and what is refused in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from mappings import catalogue
from mappings.problems import YamlProblems

OURS = Path(catalogue.__file__).parent / "destinations" / "kennzahlen" / "vwv-im-2017.yaml"


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Our catalogue, and one that follows it in 2027."""
    text = OURS.read_text(encoding="utf-8")
    (tmp_path / "kennzahlen.yaml").write_text(text, encoding="utf-8")
    later = text.replace("vwv-im-2017", "im-kennzahlen/2027").replace("2017-01-01", "2027-01-01")
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
        (date(2026, 12, 31), "vwv-im-2017"),
        (date(2027, 1, 1), "im-kennzahlen/2027"),
        (date(2016, 12, 31), "vwv-im-2017"),
        (None, "im-kennzahlen/2027"),
    ],
)
def test_the_end_of_the_period_chooses_the_catalogue(last: date | None, name: str) -> None:
    assert catalogue.choose_catalogue(last).name == name
    assert set(catalogue.read_texts()) == {"kennzahlen", "kennzahlen-2027"}


def test_no_two_catalogues_begin_on_one_day() -> None:
    days = [c.valid_from for c in catalogue.load_catalogues() if c.purpose == "state"]
    assert len(set(days)) == len(days) > 0


Check = Callable[[str, dict[str, bool]], list[str]]
FITTING = """\
name: probe
title: Probe
basis: Probe
valid_from: 2020-01-01
gate: exact
legal_ground: Probe
groups:
  - title: Gespräche
    indicators:
      - {indicator: conversations, label: Gespräche, known: F}
      - {indicator: topics, label: Themen, known: F, codes: topic}
"""
DECLARED = {"conversations": False, "topics": True}


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Checks a text as catalogue against the declared indicators; gives what is said of it."""
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)

    def checked(text: str, declared: dict[str, bool]) -> list[str]:
        (tmp_path / "kennzahlen-probe.yaml").write_text(text, encoding="utf-8")
        try:
            catalogue.check_indicators(declared)
        except YamlProblems as problems:
            return str(problems).splitlines()
        return []

    return checked


GROUPS, SECOND = (
    "kennzahlen-probe.yaml:7: groups",
    "kennzahlen-probe.yaml:11: groups.0.indicators.1",
)
FIRST_LINE = "      - {indicator: conversations, label: Gespräche, known: F}\n"
MISTAKES = [
    (
        ("indicator: topics", "indicator: topic"),
        DECLARED,
        [
            f"{GROUPS}: no group lists the declared indicator 'topics'; "
            "add '- {indicator: topics, label: …, known: A, codes: …}', "
            "or declare it with in_catalogue=False",
            f"{SECOND}.indicator: no function declares the indicator 'topic'; did you mean 'topics'?",
        ],
    ),
    (
        (", codes: topic", ""),
        DECLARED,
        [f"{SECOND}: 'topics' has categories; name their code list with 'codes'"],
    ),
    (
        ("", ""),
        {"conversations": False, "topics": False},
        [f"{SECOND}.codes: 'topics' has no categories; leave 'codes' out"],
    ),
    (
        (FIRST_LINE, FIRST_LINE + FIRST_LINE),
        DECLARED,
        [f"{SECOND}: 'conversations' is listed twice; leave one of the lines out"],
    ),
]


@pytest.mark.parametrize(("change", "declared", "told"), MISTAKES)
def test_what_does_not_fit_is_refused(
    check: Check,
    change: tuple[str, str],
    declared: dict[str, bool],
    told: list[str],
) -> None:
    assert check(FITTING.replace(*change), declared) == told


def test_what_fits_is_not(check: Check) -> None:
    assert check(FITTING, DECLARED) == []
