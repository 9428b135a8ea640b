"""Names as they are compared: what offices write in another way becomes one word, what is no name none."""

from __future__ import annotations

import pytest

from warehouse.identity.comparable_names import comparable_name

NO_NAMES = frozenset({"fnu", "lnu", "nn", "unbekannt"})


@pytest.mark.parametrize(
    ("first", "last", "given", "family"),
    [
        ("Abd al-Rahman", "Al-Hassan", "abdrahman", "hassan"),
        ("Abdulrahman", "Alhassan", "abdrahman", "hassan"),
        ("Abdel Rahman", "El Hassan", "abdrahman", "hassan"),
        ("Abdur-Rahman", "AL HASSAN", "abdrahman", "hassan"),
        ("Abd Allah", "Abdullah", "abdah", "abdah"),
        ("Abdul-Ilah", "Abdelilah", "abdilah", "abdilah"),
        ("Abu Zaid", "Abuzaid", "abuzaid", "abuzaid"),
        ("Mohammad Reza", "bin Yusuf", "mohammad reza", "yusuf"),
        ("Sayed Ali", "Hosseini", "ali", "hosseini"),
        ("Sayed", "Hosseini", "sayed", "hosseini"),
        ("Alireza", "Al-Ireza", "alireza", "alireza"),
        ("Al-I mehdi", "Al I-reza", "ali mehdi", "ali reza"),
        ("Elisabeth", "Aleksandr", "elisabeth", "aleksandr"),
        ("Elaheh", "Alahmad", "elaheh", "ahmad"),
        ("FNU", "Faisal", "", "faisal"),
        ("Faisal", "N. N.", "faisal", ""),
        ("unbekannt", "-", "", ""),
        (None, "Öztürk", "", "oeztuerk"),
        ("İbrahim", "Yıldız", "ibrahim", "yildiz"),
        ("Ahmad\u00adi", "O'Brien", "ahmadi", "obrien"),
        ("Abd", "Al", "abd", "al"),
        ("Ольга", "Коваль", "ольга", "коваль"),
    ],
    ids=lambda _: "",
)
def test_words_of_a_name(first: str | None, last: str, given: str, family: str) -> None:
    found = comparable_name(first, last, NO_NAMES)
    assert (" ".join(found.given), " ".join(found.family)) == (given, family)
