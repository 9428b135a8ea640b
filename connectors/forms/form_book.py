"""A form as it is read: its sheets, the texts of its cells, and what a style allows and shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from connectors.documents.cell_place import Place
from connectors.forms.package import Package, parse_part, read_package
from connectors.forms.sheet_index import Cell, SheetIndex, index_sheet

_TRUE = ("1", "true", "on")
_DATE_FORMATS = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
# How workbooks write characters that XML does not know; soft hyphen, signs without width.
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


@dataclass(frozen=True)
class Style:
    """What a style says of a cell: whether it is locked, and whether numbers in it are days."""

    is_locked: bool = True
    is_date: bool = False


@dataclass
class FormBook:
    """The parts of a form with all its sheets indexed."""

    package: Package
    sheets: dict[str, SheetIndex]
    texts: list[str] = field(default_factory=list)
    styles: list[Style] = field(default_factory=list)
    counts_from_1904: bool = False

    def text_of(self, cell: Cell) -> str:
        """The text that a cell shows, as stored; numbers as they are written."""
        if cell.kind == "s":
            number = int(cell.value) if cell.value.strip().isdecimal() else -1
            return self.texts[number] if 0 <= number < len(self.texts) else ""
        return cell.text if cell.kind == "inlineStr" else cell.value

    def labels(self, sheet: str) -> Iterator[tuple[Place, str]]:
        """Every cell of a sheet that shows something, with its text made comparable."""
        for cell in self.sheets[sheet].cells():
            if label := plain_label(self.text_of(cell)):
                yield cell.place, label

    def style_at(self, sheet: str, place: Place) -> Style:
        """The style of a cell, also of one that the part does not have."""
        number = self.sheets[sheet].style_of(place)
        return self.styles[number] if number < len(self.styles) else Style()


def read_form(content: bytes) -> FormBook:
    """Reads a form; CannotRead or TemplateChanged where it cannot be filled at all."""
    package = read_package(content)
    return FormBook(
        package,
        {name: index_sheet(package.parts[part]) for name, part in package.sheets.items()},
        _read_texts(package),
        _read_styles(package),
        _counts_from_1904(package),
    )


def _counts_from_1904(package: Package) -> bool:
    properties = parse_part(package.parts[package.book]).find("{*}workbookPr")
    return properties is not None and properties.get("date1904") in _TRUE


def plain_label(text: str) -> str:
    """A label as it is compared.

    White space is squeezed; what nobody sees and a last colon are left out; accents are composed.
    """
    shown = _CODED.sub(lambda code: chr(int(code[1], 16)), text)
    shown = unicodedata.normalize("NFC", shown.translate(_UNSEEN))
    return " ".join(shown.split()).removesuffix(":").rstrip()


def _read_texts(package: Package) -> list[str]:
    part = package.find_part("/sharedStrings")
    if part is None or part not in package.parts:
        return []
    return [_whole_text(entry) for entry in parse_part(package.parts[part]).iterfind("{*}si")]


def _whole_text(entry: etree._Element) -> str:
    """The text of an entry in all its formats, without the reading of Japanese words."""
    parts = [*entry.iterfind("{*}t"), *entry.iterfind("{*}r/{*}t")]
    return "".join(part.text or "" for part in parts)


def _read_styles(package: Package) -> list[Style]:
    part = package.find_part("/styles")
    if part is None or part not in package.parts:
        return []
    root = parse_part(package.parts[part])
    codes = {
        str(code.get("numFmtId")): str(code.get("formatCode", ""))
        for code in root.iterfind("{*}numFmts/{*}numFmt")
    }
    return [_read_style(style, codes) for style in root.iterfind("{*}cellXfs/{*}xf")]


def _read_style(style: etree._Element, codes: dict[str, str]) -> Style:
    return Style(_is_locked(style), _is_date(str(style.get("numFmtId", "0")), codes))


def _is_locked(style: etree._Element) -> bool:
    protection = style.find("{*}protection")
    return protection is None or protection.get("locked", "1") in _TRUE


def _is_date(number: str, codes: dict[str, str]) -> bool:
    if number in codes:
        return re.search("[dy]", _QUOTED.sub("", codes[number]).lower()) is not None
    return number.isdecimal() and int(number) in _DATE_FORMATS
