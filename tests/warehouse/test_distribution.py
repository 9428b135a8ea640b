"""The money per municipality: what the state published comes out to the euro, shares of a budget to the cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.distribution import load_years
from pipelines.config.models import Municipality
from pipelines.funding.distribution import NotShared, Share, read_counts, set_terms, share_counts
from warehouse.marts.funding import apply_rate

# Persons on 15.09.2017 and the amount of 2018 (Schwäbische Zeitung Tettnang, 17.01.2018; Rhein-Neckar-Zeitung, January 2018).
PUBLISHED_2018 = {
    "Tettnang": (166, 132_149),
    "Neukirch": (13, 10_349),
    "Meckenbeuren": (76, 60_502),
    "Kressbronn": (91, 72_443),
    "Schriesheim": (85, 67_667),
    "Hirschberg": (30, 23_882),
    "Weinheim": (352, 280_220),
}
# Amounts of July 2017 (Schwäbische Zeitung Sigmaringen, 25.07.2017); the persons were not published.
SIGMARINGEN_2017 = (
    *(11_147, 9_661, 5_202, 3_716, 5_202, 5_945, 4_459, 11_890, 6_688, 8_175, 17_835, 4_459),
    *(14_120, 16_349, 49_048, 6_688, 5_202, 55_736, 6_688, 20_065, 11_147, 2_973, 6_688, 9_661),
)
# The same distribution in the Enzkreis and Pforzheim (a member of parliament, 24.07.2017).
ENZKREIS_2017 = (
    *(40_873, 14_120, 15_606, 26_753, 27_496, 2_229, 28_983, 28_240, 11_890, 6_688, 12_633),
    *(34_928, 43_102, 14_120, 55_736, 17_092, 12_633, 16_349, 9_661, 9_661, 26_753, 40_130),
    *(46_075, 30_469, 569_249),
)


def test_the_published_figures_of_2018_come_out() -> None:
    persons = {name: count for name, (count, _) in PUBLISHED_2018.items()}
    found = share_counts(set_terms(None, "2018"), persons)
    assert {s.municipality: s.amount for s in found.shares} == {
        name: f"{amount}.00" for name, (_, amount) in PUBLISHED_2018.items()
    }


def test_only_one_rate_in_whole_cents_gives_the_figures_of_2018() -> None:
    half = Fraction(1, 2)
    lowest = max((amount - half) / count for count, amount in PUBLISHED_2018.values())
    highest = min((amount + half) / count for count, amount in PUBLISHED_2018.values())
    assert [n for n in range(79_000, 80_000) if lowest <= Fraction(n, 100) < highest] == [79_608]


@pytest.mark.parametrize("amounts", [SIGMARINGEN_2017, ENZKREIS_2017], ids=["24", "25"])
def test_the_preliminary_amounts_of_2017_are_those_of_whole_persons(
    amounts: tuple[int, ...],
) -> None:
    terms = set_terms(None, "2017")
    rate = terms.year.rate
    assert rate is not None
    persons = {str(n): round(amount / rate) for n, amount in enumerate(amounts)}
    found = share_counts(terms, persons)
    assert [int(Decimal(share_of(found.shares, str(n)))) for n in range(len(amounts))] == list(
        amounts
    )


def share_of(shares: object, place: str) -> str:
    return {s.municipality: s.amount for s in shares}[place]  # type: ignore[attr-defined]


def test_a_tranche_of_nordheim_as_a_share_of_a_budget() -> None:
    """31,234 EUR were published, its inputs were not: these are invented, so that they give it."""
    terms = set_terms(None, "2025", budget=Decimal("1000000.00"))
    found = share_counts(terms, {"08125074": 15_617, "others": 484_383})
    assert found.shares[0] == Share("08125074", 15_617, "31234.00")
    assert (found.total, found.difference) == ("1000000.00", "0.00")


persons = st.dictionaries(
    st.sampled_from([f"0899900{n}" for n in range(1, 10)]), st.integers(0, 5000), min_size=1
).filter(lambda counted: sum(counted.values()) > 0)


@given(persons, st.decimals(0, 10**8, places=2))
def test_a_share_is_never_a_cent_away_and_the_budget_is_met(
    counted: dict[str, int], budget: Decimal
) -> None:
    found = share_counts(set_terms(None, "2025", budget=budget), counted)
    assert found.difference == "0.00" and Decimal(found.total) == budget
    for share in found.shares:
        exact = Fraction(budget) * share.persons / sum(counted.values())
        assert abs(Fraction(share.amount) - exact) < Fraction(1, 100)


@given(persons, st.decimals(1, 2000, places=4), st.sampled_from(["1", "0.01"]))
def test_a_rate_is_rounded_half_up_and_the_difference_is_told(
    counted: dict[str, int], rate: Decimal, unit: str
) -> None:
    amounts, step = apply_rate(rate, Decimal(unit), counted), Fraction(unit)
    for ags, amount in amounts.items():
        # Half up in plain integers: the floor of the exact multiple and a half.
        exact = Fraction(rate) * counted[ags] / step
        assert Fraction(amount) == int(exact + Fraction(1, 2)) * step


def test_the_difference_to_the_budget_is_shown_where_rates_miss_it() -> None:
    found = share_counts(set_terms(None, "2018", budget=Decimal("1000.00")), {"1": 1})
    assert (found.total, found.budget, found.difference) == ("796.00", "1000.00", "-204.00")


@pytest.mark.parametrize(
    ("year", "given_terms", "says"),
    [
        ("1999", {}, "nothing is known of the year 1999; known: 2017, 2018"),
        ("2021", {}, "the rate of 2021 is not known"),
        ("2025", {}, "give --budget"),
        ("2025", {"rate": Decimal(1)}, "no --rate"),
        ("2025", {"budget": Decimal("0.001")}, "whole cents"),
    ],
)
def test_what_is_not_known_is_asked_for(
    year: str, given_terms: dict[str, Decimal], says: str
) -> None:
    with pytest.raises(NotShared, match=says):
        share_counts(set_terms(None, year, **given_terms), {"1": 1})  # type: ignore[arg-type]


def test_every_year_says_where_it_is_from() -> None:
    years = load_years()
    assert [y.year for y in years] == [str(n) for n in range(2017, 2027)]
    assert all(y.source and y.known in "FDA" for y in years)
    assert all(y.rate is None for y in years if y.known == "A")


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("AGS;Personen\n08999001;41\n08999002;0\n", {"08999001": 41, "08999002": 0}),
        ("\ufeffTettnang,166\r\nNeukirch,13\r\n", {"Tettnang": 166, "Neukirch": 13}),
        ("AGS;Personen\n08999001;4,5\n", "line 2"),
        ("08999001;1\n08999001;2\n", "line 2: this municipality is there twice"),
        ("Tettnang;1\n tettnang ;2\n", "line 2: this municipality is there twice"),
        ("AGS;Personen\n", "has no line"),
        ("08999001;1;2\n", "line 1"),
    ],
)
def test_persons_counted_elsewhere(text: str, counts: dict[str, int] | str, tmp_path: Path) -> None:
    file = tmp_path / "zahlen.csv"
    file.write_text(text, encoding="utf-8", newline="")
    if isinstance(counts, dict):
        assert read_counts(file) == counts
        return
    with pytest.raises(NotShared, match=counts):
        read_counts(file)


PLACES = {"08999001": Municipality(name="Musterstadt", also=("Stadt Musterstadt",))}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Musterstadt;3\n08999001;4\n", "line 2: this municipality is there twice"),
        ("Stadt musterstadt;3\nMusterstadt;4\n", "line 2: this municipality is there twice"),
        ("Musterstadt;3\nNirgendwo;3\n", "line 2: there is no such municipality"),
    ],
)
def test_a_municipality_of_the_district_counts_once(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "zahlen.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(NotShared, match=says):
        read_counts(file, PLACES)
    file.write_text("stadt  Musterstadt;3\n", encoding="utf-8")
    assert read_counts(file, PLACES) == {"08999001": 3}
