"""Says in German what speaks for and against two records being one person, without any value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from warehouse.identity.levels import (
    BirthLevel,
    CodeLevel,
    EntryLevel,
    NameLevel,
    NumberLevel,
    Relatives,
)
from warehouse.identity.pair_judgement import JudgedPairs
from warehouse.identity.pair_weights import list_level_weights
from warehouse.identity.scored_pairs import TWO_HUMANS
from warehouse.identity.weights import Model

_NAMES = {
    NameLevel.EQUAL: "{} gleich",
    NameLevel.SPELLED_ALIKE: "{} anders geschrieben",
    NameLevel.RELATED: "{} verwandt geschrieben",
    NameLevel.SIMILAR: "{} ähnlich",
    NameLevel.SHORTENED: "{} gekürzt",
    NameLevel.FAINT: "{} kaum ähnlich",
    NameLevel.OTHER_PLACE: "{} steht dort an anderer Stelle",
    NameLevel.DIFFERENT: "{} verschieden",
    NameLevel.PARTIAL: "{} nur zum Teil gleich, weitere Namen verschieden",
}
_TEXTS: Mapping[str, Mapping[int, str]] = {
    "given": {level: text.format("Vorname") for level, text in _NAMES.items()},
    "family": {level: text.format("Nachname") for level, text in _NAMES.items()},
    "birth": {
        BirthLevel.MISSING: "Geburtsdatum nicht auf beiden Seiten bekannt",
        BirthLevel.EQUAL: "Geburtsdatum gleich",
        BirthLevel.EQUAL_STAND_IN: "Geburtsdatum gleich, aber ein Ersatztag "
        "(1. Januar, 1. Juli oder 31. Dezember)",
        BirthLevel.EXCHANGED: "Tag und Monat der Geburt vertauscht",
        BirthLevel.STAND_IN_SAME_YEAR: "Geburtsjahr gleich, einmal mit einem Ersatztag",
        BirthLevel.PART_WRONG: "Geburtsdatum bis auf Tag, Monat oder Jahr gleich",
        BirthLevel.STAND_IN_NEXT_YEAR: "Geburtsjahr um eins verschieden, einmal mit Ersatztag",
        BirthLevel.NEAR: "Geburtsdatum um höchstens 100 Tage verschieden",
        BirthLevel.TWO_YEARS: "Geburtsdatum um bis zu zwei Jahre verschieden",
        BirthLevel.DIFFERENT: "Geburtsdatum verschieden",
    },
    "sex": {
        CodeLevel.EQUAL: "Geschlecht gleich",
        CodeLevel.DIFFERENT: "Geschlecht verschieden",
    },
    "nationality": {
        CodeLevel.EQUAL: "Staatsangehörigkeit gleich",
        CodeLevel.CONFUSED: "Staatsangehörigkeiten, die oft verwechselt werden",
        CodeLevel.DIFFERENT: "Staatsangehörigkeit verschieden",
    },
    "entry": {
        EntryLevel.MISSING: "Einreisedatum nicht auf beiden Seiten bekannt",
        EntryLevel.EQUAL: "Einreisedatum gleich",
        EntryLevel.SAME_MONTH: "Einreise im selben Monat",
        EntryLevel.TWO_MONTHS: "Einreise um höchstens zwei Monate verschieden",
        EntryLevel.SEVEN_MONTHS: "Einreise um mehr als zwei Monate verschieden",
        EntryLevel.DIFFERENT: "Einreise um mehr als ein halbes Jahr verschieden",
    },
    "municipality": {
        CodeLevel.EQUAL: "Wohngemeinde gemeinsam",
        CodeLevel.DIFFERENT: "keine gemeinsame Wohngemeinde bekannt",
    },
    "number": {
        NumberLevel.EQUAL: "amtliche Nummer gleich",
        NumberLevel.TYPING_ERROR: "amtliche Nummer bis auf einen Tippfehler gleich",
        NumberLevel.DIFFERENT: "amtliche Nummern verschieden",
        NumberLevel.OF_FAMILY: "amtliche Nummer gleich, aber auch bei jemandem mit anderem "
        "Vornamen eingetragen",
    },
}
_SWAPPED = "Vor- und Nachname vertauscht"
_RELATIVES = {
    Relatives.OF_BOTH: "Angehörige (ein Haushalt, oder ein Nachname und Einreisetag) gehören "
    "schon zusammen",
    Relatives.OF_NAMESAKE: "Angehörige des einen gehören schon mit jemandem zusammen, der den "
    "Nachnamen und eine Wohngemeinde des anderen hat",
    Relatives.OF_ONE: "Angehörige (ein Haushalt, oder ein Nachname und Einreisetag) des einen sind "
    "auch im System des anderen bekannt",
}
_CONTESTED = "ein weiterer Datensatz desselben Systems passt etwa gleich gut"
# Levels whose place among the texts is fixed, whatever a district's weights are.
_AGAINST = {
    "given": (NameLevel.FAINT, NameLevel.DIFFERENT, NameLevel.PARTIAL),
    "family": (NameLevel.FAINT, NameLevel.DIFFERENT, NameLevel.PARTIAL),
    "birth": (BirthLevel.MISSING, BirthLevel.TWO_YEARS, BirthLevel.DIFFERENT),
    "sex": (CodeLevel.DIFFERENT,),
    "nationality": (CodeLevel.DIFFERENT,),
    "entry": (EntryLevel.MISSING, EntryLevel.SEVEN_MONTHS, EntryLevel.DIFFERENT),
    "number": (NumberLevel.DIFFERENT,),
    "municipality": (CodeLevel.DIFFERENT,),
}


@dataclass(frozen=True)
class Evidence:
    """What speaks for and what against a pair, the weightiest first."""

    because: tuple[str, ...]
    against: tuple[str, ...]


def describe_pairs(model: Model, judged: JudgedPairs) -> list[Evidence]:
    """The evidence of each pair."""
    weights = list_level_weights(model)
    names = [field.name for field in fields(judged.levels) if field.name in _TEXTS]
    rows = zip(*(getattr(judged.levels, name).tolist() for name in names), strict=True)
    return [
        _describe(weights, dict(zip(names, row, strict=True)), *more)
        for row, *more in zip(rows, *_list_more(judged), strict=True)
    ]


def _list_more(judged: JudgedPairs) -> Iterator[list[Any]]:
    """What is told of pairs beside their levels: relatives, and what else speaks for and against."""
    yield judged.relatives.tolist()
    yield judged.levels.swapped.tolist()
    yield judged.contested.tolist()
    yield judged.two_humans.tolist()


def _describe(
    weights: Mapping[str, np.ndarray],
    levels: Mapping[str, int],
    relatives: int,
    *more: bool,
) -> Evidence:
    swapped, contested, two_humans = more
    ordered = sorted(levels, key=lambda name: -abs(float(weights[name][levels[name]])))
    because = [_TEXTS[n][levels[n]] for n in ordered if _speaks(n, levels[n], against=False)]
    against = [_TEXTS[n][levels[n]] for n in ordered if _speaks(n, levels[n], against=True)]
    because += [_SWAPPED] if swapped else []
    because += [_RELATIVES[Relatives(relatives)]] if relatives else []
    against += [_CONTESTED] if contested else []
    return Evidence(tuple(because), (*against, *([TWO_HUMANS] if two_humans else [])))


def _speaks(name: str, level: int, *, against: bool) -> bool:
    return level in _TEXTS[name] and (level in _AGAINST[name]) is against
