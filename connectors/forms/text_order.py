"""Spells texts without letters beyond ASCII, to find the values that depend on the order of these.

The calculator orders letters by their numbers (ä behind z), Excel as the language does (ä beside a).
What comes out otherwise once ä is an a depends on that order.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from lxml import etree

from connectors.forms.german_formulas import QUOTED
from connectors.forms.package import parse_part

# Letters that Unicode does not take apart.
_SPELLED = {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH"}
_SPELLED |= dict(zip("øØđĐðÐłŁħĦıŧŦ", "oOdDdDlLhHitT", strict=True))
# What orders texts, or may by a criterion that a cell holds.
_ORDER = re.compile(
    r"<(?!>)|(?<!<)>|(?<![A-Z0-9_])(?:"
    r"(?:COUNT|SUM|AVERAGE|MIN|MAX)IFS?|[VHX]?LOOKUP|X?MATCH|SORT|SORTBY|"
    r"D(?:SUM|COUNT|COUNTA|GET|MAX|MIN|AVERAGE|PRODUCT|STDEVP?|VARP?))\(",
    re.IGNORECASE,
)


def orders_texts(formula: str) -> bool:
    """Whether a formula may depend on which of two texts comes first."""
    return any(_ORDER.search(piece) for piece in QUOTED.split(formula)[::2])


def spell_plainly(text: str) -> str:
    """The text with each letter beyond ASCII as that beside which German orders it."""
    return text if text.isascii() else "".join(map(_spell_letter, text))


@cache
def _spell_letter(letter: str) -> str:
    if letter in _SPELLED:
        return _SPELLED[letter]
    first = unicodedata.normalize("NFKD", letter)[0]
    if unicodedata.category(first) == "Mn":
        return ""
    return first if first.isascii() and first.isalpha() else letter


def spell_part(content: bytes) -> bytes:
    """A part with sheet or shared texts, its texts spelled plainly; formulas in their quotes only."""
    root = parse_part(content)
    for element in root.iter("{*}t", "{*}v", "{*}f"):
        if element.text and not element.text.isascii():
            is_formula = etree.QName(element).localname == "f"
            element.text = (_spell_formula if is_formula else spell_plainly)(element.text)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _spell_formula(formula: str) -> str:
    pieces = QUOTED.split(formula)
    return "".join(spell_plainly(p) if p.startswith('"') else p for p in pieces)
