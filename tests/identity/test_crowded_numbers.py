"""A number of too many persons belongs to none of them, by the names that all rules compare."""

from __future__ import annotations

import pytest

from tests.identity.districts import read_lines

NUMBER = "160203012345"
SPELLED = ["Sami", "SAMI", "sami", "sAmi", "saMi", "samI", "SAmi", "saMI", "sAMi", "SaMi", "SAMi"]
OTHERS = ["Sami", "Hala", "Amal", "Rana", "Fadi", "Omar", "Nour", "Yara", "Adel", "Lina", "Basel"]


@pytest.mark.parametrize(
    ("names", "known"),
    [(SPELLED, 11), (OTHERS, 0), (OTHERS[:10], 10)],
    ids=["one name in many spellings", "eleven names", "ten names"],
)
def test_who_keeps_the_number(names: list[str], known: int) -> None:
    lines = [
        f"a {at}, {name}, Haddad, 1990-05-17, m, SYR, , {NUMBER}" for at, name in enumerate(names)
    ]
    assert (read_lines(lines).number >= 0).sum() == known
