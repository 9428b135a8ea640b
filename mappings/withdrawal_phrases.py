"""Compiles the phrases of mappings/consents.yaml and brings texts into the form they are sought in.

"…" stands for some words, "*" before a word for any beginning of it, "*" after it for any ending, a
full stop for the end of the word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby

from mappings.engine.clean import fold_text

_NO_LETTER = re.compile(r"[\W\d_]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
# Letters of other scripts that look like Latin ones, small, as somebody may have typed them.
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u043a\u043c\u0442\u043d"
    "\u0432\u0501\u0455\u0458\u04bb\u051d\u03b1\u03b5\u03bf\u03c1\u03bd\u03b9\u03ba\u03c4\u03c5",
    "aeopcyxikmthbdsjhwaeopviktu",
)
# "wieder" is a usual misspelling of "wider"; "wieder anrufen" is none.
_MISSPELT = re.compile(r"wieder(?=r[uei]|sp|uf|ief)")
_SPACED = re.compile(r"\b(?:[a-z] ){3,}[a-z]\b")
# What denies a phrase that it stands within, and what begins another sentence.
_DENIALS = r"nicht|kein\w*|nie|kann|koennen|darf|jederzeit"
_TURNS = r"nicht|kein\w*|nie|hat|habe|haben|hatte|wurde|ist|und|aber|doch|dann|jetzt"
_LETTERS_OF_HINT = 4
# The signs beyond ASCII that German texts are full of and that stand for no other letter.
_GERMAN_SIGNS = "äöüÄÖÜß–—„“”‚‘’…€§°·•\u00a0"
_SHORT_WORDS = (
    *(
        "gem",
        "bzw",
        "ggf",
        "lt",
        "inkl",
        "Dr",
        "Nr",
        "Einw",
        "Kl",
        "Fr",
        "Hr",
        "Tel",
        "schweigepflichtentb",
    ),
    *("Schweigepflichtentb", "ggü", "bzgl", "[A-Z]"),
)
_SENTENCE_END = re.compile(
    r"[;!?\n]+|(?<!\d)"
    + "".join(rf"(?<!\b{short})" for short in _SHORT_WORDS)
    + r"\.\s+(?=[A-ZÄÖÜ])"
)


def join_letters(text: str) -> str:
    """The words of a text in small letters, with one blank between them."""
    return " ".join(_NO_LETTER.sub(" ", fold_text(text)).split())


def join_plain(text: str) -> str:
    """The words of a text in small letters a to z, look-alikes and misspellings made equal."""
    words = join_letters(unicodedata.normalize("NFKC", text))
    if not words.isascii():
        words = words.translate(_UMLAUTS).translate(_LOOK_ALIKES)
    return _MISSPELT.sub("wider", _SPACED.sub(_close_up, words))


def fold_name(name: str) -> str:
    """The letters of a name, as those of files and columns are compared."""
    return join_plain(name).replace(" ", "")


def find_phrases(phrases: Sequence[str]) -> str:
    """A pattern that finds one of the phrases in texts of ``join_plain``, each word to its end."""
    return "|".join(_pattern_of(phrase, _TURNS, r"\b") for phrase in phrases)


def find_stems(phrases: Sequence[str]) -> str:
    """A pattern as of ``find_phrases`` that leaves the end of the last word open."""
    return "|".join(_pattern_of(phrase, _DENIALS, "") for phrase in phrases)


def split_sentences(text: str) -> list[str]:
    """The sentences of a note; the full stop of a day or a usual abbreviation ends none."""
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence]


def hint_at_words(words: Sequence[str], often_misspelt: Sequence[str] = ()) -> str:
    """A pattern as of ``hint_at`` for long texts: it needs a whole word, and no letter of German.

    Of a word that may be misspelt by a letter, one half is right.
    """
    halves = [half for word in often_misspelt for half in halve_word(fold_name(word))]
    given = [join_plain(word) if word.isalpha() else word for word in words]
    spread = [_spread_word(word) for word in sorted(_add_misspelt({*given, *halves}))]
    return rf"{'|'.join(dict.fromkeys(spread))}|[^\x00-\x7f{_GERMAN_SIGNS}]"


def hint_at_endings(words: Sequence[str]) -> str:
    """A pattern as of ``hint_at_words``, quicker, that takes in every text of parted words."""
    starts = sorted(_add_misspelt({join_plain(word.strip("*.")) for word in words}))
    plain = ("".join(rf"{letter}+" for letter, _ in groupby(start)) for start in starts)
    umlauts = (re.sub(r"([aou])\+e\+", r"(?:\1+e+|[äöü])", word) for word in plain)
    return rf"{'|'.join(umlauts)}|\w[\W_]+\w[\W_]+\w[\W_]+\w\b|[^\x00-\x7f{_GERMAN_SIGNS}]"


def halve_word(word: str) -> tuple[str, str]:
    """The two halves of a word."""
    return word[: len(word) // 2], word[len(word) // 2 :]


def _spread_word(word: str) -> str:
    """A pattern for a word with signs between its letters, each once or twice, and umlauts."""
    letters = fold_name(word.strip("*."))
    if len(letters) < _LETTERS_OF_HINT:
        return rf"\b{letters}" + (r"\b" if word.endswith(".") else "")
    spread = "[^a-z]*".join(rf"{letter}+" for letter, _ in groupby(letters))
    for written, umlaut in (("a", "ä"), ("o", "ö"), ("u", "ü")):
        spread = spread.replace(f"{written}+[^a-z]*e+", f"(?:{umlaut}|{written}+[^a-z]*e+)")
    return spread


def hint_at(phrases: Sequence[str]) -> str:
    """A pattern for the engine of Arrow: every cell with one of the phrases, and some others."""
    starts = _add_misspelt({fold_name(phrase)[:_LETTERS_OF_HINT] for phrase in phrases})
    spread = "|".join("[^a-z]*".join(start) for start in sorted(starts))
    return rf"{spread}|[^\x00-\x7f]"


def is_one_letter_off(word: str, right: str) -> bool:
    """Whether one letter more, less or other, or two changed over, part two words; or none."""
    if word == right:
        return True
    pairs = enumerate(zip(word, right, strict=False))
    same = next((at for at, (a, b) in pairs if a != b), min(len(word), len(right)))
    a, b = word[same:], right[same:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[1::-1] + a[2:]) == b


def _add_misspelt(starts: set[str]) -> set[str]:
    """The beginnings of words with those that may be spelled "wieder"."""
    return starts | {start.replace("wide", "wiede")[: len(start) + 1] for start in starts}


def _close_up(match: re.Match[str]) -> str:
    return match.group().replace(" ", "")


def _pattern_of(phrase: str, stops: str, end: str) -> str:
    gap = rf" (?:(?!(?:{stops})\b)\w+ ){{0,8}}"
    parts = [join_plain(part) for part in phrase.split("…")]
    begin = "" if phrase.startswith("*") else r"\b"
    return begin + gap.join(parts) + {"*": "", ".": r"\b"}.get(phrase[-1], end)
