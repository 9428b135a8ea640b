"""Feeds a delivered XML file to lxml safely: decoded by our rule, no DOCTYPE, no entities.

Control characters that XML does not allow are removed; those that separate words become blanks.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from lxml import etree

from connectors.readers.text.encoding import TextFile
from connectors.tables.text_table import CannotRead, Notice

Event = tuple[str, etree._Element]

_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*?\?>")
_PROLOG = re.compile(r"\A(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_PROLOG_CHARS = 65_536
# Not allowed in XML 1.0, neither literally nor as a reference; exporters copy them from notes. Some
# separate words, as the vertical tab by which FileMaker writes a line break.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    "|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));"
)
_SEPARATOR = re.compile(
    "[\x0b\x0c\x1c-\x1f]|&#(?:0*(?:1[12]|2[89]|3[01])|[xX]0*(?:[bBcC]|1[cCdDeEfF]));"
)
_REFERENCE_CHARS = 16


def _safe_parser() -> etree.XMLPullParser:
    return etree.XMLPullParser(
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


@dataclass
class XmlText:
    """The events of one XML file, parsed block by block; counts the removed characters."""

    text: TextFile
    removed: int = 0

    def read_events(self) -> Iterator[Event]:
        """Start and end of every element.

        Raises CannotRead ``doctype`` or ``broken_file`` (with the line).
        """
        parser = _safe_parser()
        try:
            for part in self._clean_parts():
                parser.feed(part.encode("utf-8"))
                yield from cast("Iterator[Event]", parser.read_events())
            parser.close()
            yield from cast("Iterator[Event]", parser.read_events())
            return
        except etree.XMLSyntaxError as error:
            line = error.lineno
        # Raised outside of the handler: lxml's message may quote the file.
        raise CannotRead(
            "broken_file",
            f"Die XML-Datei ist in Zeile {line} nicht lesbar: "
            "Sie ist unvollständig oder beschädigt. "
            "Bitte neu exportieren und vollständig übertragen.",
        )

    def notices(self) -> list[Notice]:
        """Notices about the characters of this file, once it was read."""
        if not self.removed:
            return []
        return [
            Notice(
                "control_removed",
                f"{self.removed} Steuerzeichen, die XML nicht kennt, wurden entfernt "
                "oder durch Leerzeichen ersetzt.",
            )
        ]

    def _clean_parts(self) -> Iterator[str]:
        held, is_first = "", True
        for block in self._decode_blocks():
            part = held + block
            if is_first:
                if len(part) < _PROLOG_CHARS and _prolog_is_open(part):
                    held = part
                    continue
                part, is_first = _without_prolog(part), False
            # A reference may go on in the next block.
            cut = part.rfind("&", -_REFERENCE_CHARS)
            part, held = (part[:cut], part[cut:]) if cut >= 0 else (part, "")
            yield self._clean_part(part)
        yield self._clean_part(_without_prolog(held) if is_first else held)

    def _decode_blocks(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        for block in self.text.read_blocks():
            yield decoder.decode(block)

    def _clean_part(self, part: str) -> str:
        part, count = _CONTROL.subn(_stand_in, part)
        self.removed += count
        return part


def _stand_in(control: re.Match[str]) -> str:
    return " " if _SEPARATOR.fullmatch(control[0]) else ""


def _prolog_is_open(part: str) -> bool:
    """Whether more text is needed to see what comes before the root element."""
    rest = _PROLOG.sub("", part)
    return len(rest) < len("<!DOCTYPE") or rest.startswith(("<!--", "<?"))


def _without_prolog(part: str) -> str:
    """The text without its XML declaration; refuses a DOCTYPE before the root.

    A DOCTYPE after the root is no XML anyway. Raises CannotRead ``xml_unknown``, ``doctype``.
    """
    rest = _PROLOG.sub("", part)
    if rest.startswith(("<!--", "<?")):
        raise CannotRead(
            "xml_unknown",
            "Die XML-Datei beginnt mit einem übermäßig langen Vorspann. Bitte neu exportieren.",
        )
    if rest[:9].upper() == "<!DOCTYPE":
        raise CannotRead(
            "doctype",
            "Die XML-Datei enthält eine DOCTYPE-Angabe und wurde aus Sicherheitsgründen "
            "nicht gelesen. Bitte ohne DOCTYPE exportieren.",
        )
    return _DECLARATION.sub("", part)
