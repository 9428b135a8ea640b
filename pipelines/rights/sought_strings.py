"""Turns what a person is recognised by into what is looked for after an erasure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from connectors.search.needles import Needle, born_needle, name_needle, whole_needle, word_needle
from pipelines.rights.person_strings import PersonStrings

NUMBER, KEY, CONTACT, NAME, NAMED_AND_BORN, REMARK = (
    "amtliche Nummer",
    "Schlüssel des Datensatzes",
    "Telefon, E-Mail oder Kundennummer",
    "voller Name",
    "voller Name mit Geburtsdatum",
    "Freitext einer gelöschten Zeile",
)


def list_needles(strings: PersonStrings, remarks: Sequence[str]) -> list[Needle]:
    """A needle for each; a name that others bear, too, counts only beside the birth date."""
    return list(_make_needles(strings, remarks))


def _make_needles(strings: PersonStrings, remarks: Sequence[str]) -> Iterator[Needle]:
    for number in strings.numbers:
        yield word_needle(NUMBER, number)
    for key in strings.keys:
        yield word_needle(KEY, key)
    for text in strings.contacts:
        yield word_needle(CONTACT, text)
    for last, first in strings.names:
        if (last, first) not in strings.shared_names:
            yield name_needle(NAME, last, first)
        if strings.births:
            yield born_needle(NAMED_AND_BORN, last, first, strings.births)
    for remark in remarks:
        yield whole_needle(REMARK, remark)


def describe_sought(strings: PersonStrings, remarks: Sequence[str]) -> list[str]:
    """What was looked for and what could not be, in German, without any of it."""
    needles = list_needles(strings, remarks)
    counts = Counter(needle.kind for needle in needles)
    said = [f"{count} × {kind}" for kind, count in counts.items()]
    return [*said, *_tell_unsought(strings)]


def _tell_unsought(strings: PersonStrings) -> Iterator[str]:
    short = [key for _, key in strings.records if key not in strings.keys]
    if short:
        yield (
            f"nicht gesucht: {len(short)} Schlüssel, die kürzer als 6 Zeichen sind oder auch anderes "
            "bezeichnen"
        )
    if strings.shared_names:
        yield (
            f"nicht für sich allein gesucht: {len(strings.shared_names)} Namen, die auch ein anderer "
            "Datensatz trägt"
        )
