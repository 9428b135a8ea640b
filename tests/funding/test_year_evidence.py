"""A grant over several years in the Gesamtverwendungsnachweis of each: nothing is claimed twice."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from pipelines.config.models import Config
from pipelines.funding.evidence import collect_evidence
from pipelines.funding.year_evidence import take_year
from tests.funding.test_evidence import ledger_of, open_book

District = Callable[..., Config]
TWO_YEARS = """\
grants:
  - {key: im-lang, applicant: landkreis, from: 2024-01-01, to: 2025-12-31, amount: 128000}
staff:
  - {key: im-1, qualification: a}
  - {key: im-2, qualification: a}
holdings:
  - {staff: im-1, grant: im-lang, from: 2024-01-01, to: 2025-12-31, vzae: 0.5, staff_cost: 70000}
  - {staff: im-2, grant: im-lang, from: 2025-01-01, to: 2025-12-31, vzae: 1, staff_cost: 65000}
"""
PER_YEAR = TWO_YEARS.replace(
    "to: 2025-12-31, vzae: 0.5, staff_cost: 70000}",
    "to: 2024-12-31, vzae: 0.5, staff_cost: 33000}\n"
    "  - {staff: im-1, grant: im-lang, from: 2025-01-01, to: 2025-12-31, vzae: 0.5, staff_cost: 37000}",
)


def test_each_year_has_its_own_part(district: District) -> None:
    ledger = ledger_of(open_book(district, PER_YEAR), "2026-02-01")
    whole = collect_evidence(ledger, "im-lang")
    years = {year: take_year(whole, ledger.book.holdings, year) for year in (2024, 2025)}
    assert {y: (len(e.members), e.by_rate, e.recorded_costs) for y, e in years.items()} == {
        2024: (1, Decimal("30000.00"), Decimal(33_000)),
        2025: (2, Decimal("102000.00"), Decimal(102_000)),
    }
    assert sum(e.spent for e in years.values()) == whole.spent
    for year, evidence in years.items():
        assert evidence.amount is None
        assert (
            f"Zuwendung im-lang: Sie gilt nicht nur für {year}; der bewilligte Betrag "
            "(128.000,00 €) gilt für ihre ganze Zeit und ist in keiner Summe."
        ) in evidence.all_missing


def test_costs_for_two_years_are_in_no_sum_and_told(district: District) -> None:
    ledger = ledger_of(open_book(district, TWO_YEARS), "2026-02-01")
    whole = collect_evidence(ledger, "im-lang")
    first = take_year(whole, ledger.book.holdings, 2024)
    assert (first.by_rate, first.recorded_costs) == (Decimal("30000.00"), None)
    assert any("ihre Kosten (70.000,00 €) sind in keiner Summe" in t for t in first.all_missing)
    second = take_year(whole, ledger.book.holdings, 2025)
    assert second.recorded_costs == Decimal(65_000)


def test_a_grant_of_the_year_stays_as_it_is(district: District) -> None:
    register = TWO_YEARS.replace("from: 2024", "from: 2025")
    ledger = ledger_of(open_book(district, register), "2026-02-01")
    whole = collect_evidence(ledger, "im-lang")
    assert take_year(whole, ledger.book.holdings, 2025) == whole
