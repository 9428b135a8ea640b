"""What times on posts bring: rates that change within a year, more than a full post, posts that stay vacant beside full ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.documents.funding.evidence_workbook import rate_row
from mappings.grant_terms import load_terms
from pipelines.config.models import Config
from pipelines.funding.evidence import collect_evidence
from pipelines.funding.evidence_rules import EvidenceRules
from pipelines.funding.posts import find_start_months, list_months
from tests.funding.test_evidence import REGISTER, ledger_of, open_book

District = Callable[..., Config]
HALVES = """\
rates:
  - {from: 2024-01-01, to: 2024-06-30, amount: "60000", known: F, source: Bescheid 1}
  - {from: 2024-07-01, to: 2024-12-31, amount: "66000", known: A, source: Bescheid 2}
"""
FIRST_HALF = HALVES[: HALVES.index("  - {from: 2024-07")]
EACH_YEAR = (
    HALVES.replace("2024-12-31", "2025-12-31")
    .replace("2024-06-30", "2024-12-31")
    .replace("2024-07-01", "2025-01-01")
)
# One person on a full post for the year, at work on every day.
FULL = REGISTER[: REGISTER.index("interruptions:")].replace(
    "from: 2024-01-01, vzae: 0.75", "from: 2024-01-01, to: 2024-12-31, vzae: 1"
)


def rules_of(tmp_path: Path, rates: str, edition: int = 2) -> EvidenceRules:
    file = tmp_path / "rates.yaml"
    file.write_text(rates, encoding="utf-8")
    return EvidenceRules(load_terms(file), {}, "Probe", date(2025, 2, 1), frozenset(), (), edition)


# Rates, edition → parts by label and rate, the amount (None: not known).
RATES = {
    "a rate for each half": (
        HALVES,
        2,
        [("01.01.–30.06.2024", 60_000), ("01.07.–31.12.2024", 66_000)],
        # 182 and 184 of 366 days.
        Decimal("29836.07") + Decimal("33180.33"),
    ),
    "as packages made before have it": (HALVES, 1, [("2024", 66_000)], Decimal(66_000)),
    "own rate for a half, shipped for the other": (
        FIRST_HALF.replace("60000", "61000"),
        2,
        [("01.01.–30.06.2024", 61_000), ("01.07.–31.12.2024", 60_000)],
        Decimal("30333.33") + Decimal("30163.93"),
    ),
    "one for the year": (
        EACH_YEAR,
        2,
        [("2024", 60_000)],
        Decimal(60_000),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RATES)
def test_each_day_has_the_rate_of_its_day(name: str, district: District, tmp_path: Path) -> None:
    rates, edition, parts, amount = RATES[name]
    ledger = ledger_of(open_book(district, FULL))
    ledger = replace(ledger, rules=rules_of(tmp_path, rates, edition))
    (member,) = collect_evidence(ledger, "im-2024").members
    assert [rate_row(part)[:2] for part in member.rated] == parts
    assert member.by_rate == amount


def test_days_without_a_rate_are_said(district: District, tmp_path: Path) -> None:
    """In 2021 no rate is shipped: the district's own covers the first half."""
    register = FULL.replace("2024-", "2021-")
    rules = rules_of(tmp_path, FIRST_HALF.replace("2024-", "2021-"))
    grant = collect_evidence(
        replace(ledger_of(open_book(district, register)), rules=rules), "im-2024"
    )
    assert grant.by_rate is None
    said = "Fachkraft im-1: Für 01.07.2021 bis 31.12.2021 ist kein Satz je VZÄ bekannt."
    assert said in grant.all_missing
    # Who left before that day has an amount.
    left = register.replace("to: 2021-12-31, vzae: 1,", "to: 2021-06-30, vzae: 1,")
    grant = collect_evidence(replace(ledger_of(open_book(district, left)), rules=rules), "im-2024")
    assert grant.by_rate == Decimal("29753.42") and said not in grant.all_missing


def more_held(begin: str, vzae: str, grant: str, end: str = "2024-12-31") -> str:
    return f"{FULL}  - {{staff: im-1, grant: {grant}, from: {begin}, to: {end}, vzae: {vzae}}}\n"


# Register → amount by rate of im-2024, from when on more than a full post is told.
OVERWORK = {
    "a line that was never ended": (more_held("2024-07-01", "1", "im-2024"), "60000.00", "01.07.2024"),
    "a quarter too much": (more_held("2024-03-01", "0.25", "im-2024"), "60000.00", "01.03.2024"),
    "from another grant": (more_held("2024-03-01", "0.5", "uk-2024"), "60000.00", "01.03.2024"),
    "two halves": (
        more_held("2024-07-01", "0.5", "im-2024").replace("to: 2024-12-31, vzae: 1,", "to: 2024-12-31, vzae: 0.5,"),
        "45081.97",
        None,
    ),
    "after the first one ended": (
        more_held("2024-07-01", "1", "im-2024").replace("to: 2024-12-31, vzae: 1,", "to: 2024-06-30, vzae: 1,"),
        "60000.00",
        None,
    ),
    "back from a leave": (
        more_held("2024-07-15", "0.5", "uk-2024") + "interruptions:\n  - {staff: im-1, from: 2024-07-01, to: 2024-07-31}\n",
        "54918.03",
        "01.08.2024",
    ),
    "interrupted meanwhile": (
        more_held("2024-07-01", "1", "im-2024", "2024-07-31") + "interruptions:\n  - {staff: im-1, from: 2024-07-01, to: 2024-07-31}\n",
        "54918.03",
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OVERWORK)
def test_nobody_has_more_than_a_full_post(name: str, district: District) -> None:
    register, amount, told = OVERWORK[name]
    grant = collect_evidence(ledger_of(open_book(district, register)), "im-2024")
    (member,) = grant.members
    assert member.by_rate == Decimal(amount)
    said = [text for text in grant.all_missing if "mehr als 1 VZÄ" in text]
    assert (said != []) == (told is not None)
    assert told is None or f"im-1: Ab {told} sind zusammen" in said[0]


def test_packages_made_before_keep_their_text(district: District) -> None:
    ledger = ledger_of(open_book(district, more_held("2024-07-01", "1", "im-2024")))
    older = EvidenceRules.from_json(ledger.rules.to_json().replace('"edition": 4,', ""))
    grant = collect_evidence(replace(ledger, rules=older), "im-2024")
    assert older.edition == 1 and grant.by_rate == Decimal("90163.93")
    assert "mehr als 1 VZÄ" not in " ".join(grant.all_missing)
    assert EvidenceRules.from_json(ledger.rules.to_json()).edition == 4


TWO_POSTS = """\
posts:
  - {key: nord, vzae: 1, from: 2024-01-01, to: 2024-12-31, municipalities: ["08999001", "08999002"]}
  - {key: sued, vzae: 1, from: 2024-01-01, to: 2024-12-31, municipalities: ["08999002"]}
staff:
  - {key: im-1}
  - {key: im-2}
holdings:
"""
# Who is on which post in December → VZÄ vacant, first month in which half of Ort 2's are filled.
VACANT = {
    "one is full twice": (["im-1, post: nord, vzae: 1", "im-2, post: nord, vzae: 1"], "1", "2024-12"),
    "one is three quarters too full": (["im-1, post: sued, vzae: 1", "im-2, post: sued, vzae: 0.75"], "1", "2024-12"),
    "both are half full": (["im-1, post: nord, vzae: 0.5", "im-2, post: sued, vzae: 0.5"], "1.0", "2024-12"),
    "both are full": (["im-1, post: nord, vzae: 1", "im-2, post: sued, vzae: 1"], "0", "2024-12"),
    "no post is named": (["im-1, vzae: 1", "im-2, vzae: 0.5"], "0.5", None),
    "nobody is there": ([], "2", None),
    "less than half": (["im-1, post: nord, vzae: 0.75"], "1.25", None),
}  # fmt: skip


@pytest.mark.parametrize("name", VACANT)
def test_a_post_is_vacant_beside_one_that_is_too_full(name: str, district: District) -> None:
    held, vacant, start = VACANT[name]
    lines = [f"  - {{staff: {one}, from: 2024-12-01, to: 2024-12-31}}\n" for one in held]
    register = TWO_POSTS + "".join(lines) if held else TWO_POSTS.replace("holdings:\n", "")
    book = open_book(district, register)
    (month,) = list_months(book, date(2024, 12, 1), date(2024, 12, 31))
    assert month.vacant == Decimal(vacant)
    starts = {
        s.municipality: s.month
        for s in find_start_months(book, date(2024, 1, 1), date(2024, 12, 31))
    }
    assert starts["08999002"] == start
