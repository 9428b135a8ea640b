"""What a family that both systems know, or a municipality in common, explains, and what it does not."""

from __future__ import annotations

import pytest

from benchmarks.hard_columns import read_known_names
from tests.identity.districts import link_district, read_lines
from warehouse.identity.pair_judgement import Band, judge_pairs
from warehouse.identity.record import Key

# The mother, whom both systems know.
MOTHER = "Maryam, Rajabi, 1984-06-25, w, AFG, 2016-02-03, "
HOME: dict[Key, str] = {(s, n): "h" for s in "ab" for n in "012"}
PLACE: dict[Key, list[str]] = {(s, "1"): ["03451007"] for s in "ab"}


def judge(
    *lines: str, homes: dict[Key, str] | None = None, places: dict[Key, list[str]] | None = None
) -> Band:
    """The band of the records a 1 and b 1, judged as if they stood in a district of hundreds."""
    persons = read_lines(lines, homes, places)
    judged = judge_pairs(persons, read_known_names(), link_district(3, 600).model)
    pairs = zip(judged.a, judged.b, judged.band, strict=True)
    bands = {(persons.keys[a], persons.keys[b]): Band(band) for a, b, band in pairs}
    return bands.get((("a", "1"), ("b", "1")), Band.NONE)


BORN, NEW_YEAR = "2009-05-17, m, AFG", "2009-01-01, m, AFG"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"Farhad, Rajabi, {BORN}, 2016-02-03, ", f"Farshad, Rajabi, {BORN}, 2016-02-03, "),
        (f"Hossein Ali, Rajabi, {BORN}, 2016-02-03, ", f"Ali, Rajabi, {BORN}, 2016-02-03, "),
        (
            f"Gholamreza, Rajabi, {NEW_YEAR}, 2016-02-03, ",
            f"Gholam, Rajabi, {NEW_YEAR}, 2016-02-03, ",
        ),
        (f"Karim, Rajabi, {NEW_YEAR}, , ", "Kareem, Rajabi, 2010-01-01, m, AFG, , "),
        (f"Karim, Rajabi, {NEW_YEAR}, , ", f"Karim, Sultani, {NEW_YEAR}, , "),
        (
            f"Karim, Rajabi, {BORN}, 2016-02-03, 160203012345",
            f"Karim, Rajabi, {BORN}, 2017-03-04, 170304098765",
        ),
    ],
    ids=["similar", "other place", "shortened", "next year", "family name", "two numbers"],
)
def test_a_family_that_both_systems_know(one: str, other: str) -> None:
    parents = (f"a 0, {MOTHER}", f"b 0, {MOTHER}")
    pair = (f"a 1, {one}", f"b 1, {other}")
    assert judge(*pair) != Band.AUTOMATIC
    assert judge(*parents, *pair, homes=HOME) == Band.AUTOMATIC
    # A brother whom one of the systems knows may be meant.
    assert judge(*parents, *pair, f"a 2, {other}", homes=HOME) != Band.AUTOMATIC


@pytest.mark.parametrize(
    ("one", "other", "band"),
    [
        ("Karim, Rajabi, 2009-05-17, m, AFG, ", "Karim, Rajabi, 2009-08-17, m, AFG, ", True),
        (
            "Karim, Rajabi, 2009-05-17, m, AFG, 2016-02-03",
            "Karim, Rajabi, 2009-08-17, m, AFG, 2018-02-03",
            False,
        ),
        ("Karim, Rajabi, 2009-05-17, m, AFG, ", "Karim, Sultani, 2009-05-17, m, AFG, ", True),
        (
            "Karim, Rajabi, 2009-05-17, m, AFG, 2016-02-03",
            "Karim, Sultani, 2009-05-17, m, AFG, 2016-06-01",
            True,
        ),
        (
            "Karim, Rajabi, 2009-05-17, m, AFG, 2016-02-03",
            "Karim, Sultani, 2009-05-17, m, UKR, 2016-02-25",
            False,
        ),
        (
            "Karim, Rajabi, 2009-01-01, m, AFG, 2016-02-03",
            "Karim, Rajabi, 2009-05-17, m, AFG, 2016-06-01",
            True,
        ),
        ("Karim, Rajabi, 2009-01-01, m, AFG, ", "Karim, Rajabi, 2009-05-17, m, AFG, ", False),
        ("Karim, Rajabi, 2009-01-01, m, AFG, ", "Karim, Rajabi, 2009-01-01, m, AFG, ", False),
    ],
    ids=["slip", "slip, came apart", "family name", "later", "nation", "year", "undated", "names"],
)
def test_a_municipality_in_common(one: str, other: str, band: bool) -> None:
    pair = (f"a 1, {one}, ", f"b 1, {other}, ")
    assert judge(*pair) != Band.AUTOMATIC
    assert (judge(*pair, places=PLACE) == Band.AUTOMATIC) is band
