"""Cell formats, page set-up and sheet names of the workbook."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

from connectors.documents.cell_place import column_letters

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

INK, ACCENT, PALE, RULE, WARN = "#1B2A3A", "#1F4E79", "#E8EEF4", "#B7C3CF", "#FFF4CE"
AMBER = "#8A6100"
LONGEST_NAME = 31
GREY, DARK_GREY, LINK = "#44546A", "#595959", "#0B5394"
# The German locale is named, so that separators are German on machines of any language.
# A zero is shown by the sign of official statistics and stays the number 0.
GERMAN_INTEGER, GERMAN_DATE = '[$-407]#,##0;-#,##0;"–"', "[$-407]dd.mm.yyyy"
GERMAN_CHANGE, GERMAN_SHARE = "[$-407]+#,##0;-#,##0;±0", "[$-407]0.0%"

BASE = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "top"}
TITLE = {**BASE, "font_size": 18, "bold": True, "font_color": ACCENT}
FACT = {**BASE, "align": "left", "bold": True}
HEAD = {**BASE, "bold": True, "font_color": "#FFFFFF", "bg_color": ACCENT, "valign": "vcenter"}
ROW = {**BASE, "bottom": 4, "bottom_color": RULE}
# With the sign of official statistics for a corrected figure.
GERMAN_REVISED = '[$-407]#,##0" r";-#,##0" r";"– r"'
COUNT = {**ROW, "align": "right", "num_format": GERMAN_INTEGER}
LEFT = {"align": "left", "indent": 1}
WRAPPED = {**LEFT, "text_wrap": True}

# The styles by their purpose.
STYLES: Mapping[str, dict[str, object]] = {
    "title": TITLE,
    "long_title": {**TITLE, "text_wrap": True},
    "subtitle": {**BASE, "font_size": 12},
    "warning": {
        **BASE,
        "bold": True,
        "bg_color": WARN,
        "valign": "vcenter",
        "border": 1,
        "border_color": AMBER,
    },
    "fact": {**BASE, "font_color": GREY},
    "fact_value": FACT,
    "fact_date": {**FACT, "num_format": GERMAN_DATE},
    "fact_number": {**FACT, "num_format": GERMAN_INTEGER},
    "head": {**HEAD, **LEFT},
    "head_number": {**HEAD, "align": "right"},
    "group": {
        **BASE,
        "bold": True,
        "bg_color": PALE,
        "font_color": ACCENT,
        "top": 1,
        "top_color": ACCENT,
        **LEFT,
    },
    "total": {**ROW, **WRAPPED, "bold": True},
    "total_number": {**COUNT, "bold": True},
    "total_revised": {**COUNT, "bold": True, "num_format": GERMAN_REVISED},
    "item": {**ROW, **WRAPPED, "indent": 2},
    "item_number": COUNT,
    "item_revised": {**COUNT, "num_format": GERMAN_REVISED},
    "item_decimal": {**COUNT, "num_format": "#,##0.00"},
    "known": {**ROW, **LEFT, "font_color": GREY, "indent": 2},
    "change": {**COUNT, "num_format": GERMAN_CHANGE, "font_color": GREY},
    "share": {**COUNT, "num_format": GERMAN_SHARE},
    "band": {**HEAD, "align": "center", "text_wrap": True, "border": 1, "border_color": PALE},
    "head_wrapped": {**HEAD, "align": "right", "text_wrap": True, "valign": "bottom"},
    "check_label": {**ROW, **LEFT, "bold": True, "bg_color": PALE},
    "check_number": {**COUNT, "bold": True, "bg_color": PALE},
    "check_text": {**ROW, "align": "right", "italic": True, "bg_color": PALE},
    "text": {**ROW, **WRAPPED},
    "date": {**ROW, **LEFT, "num_format": GERMAN_DATE},
    "integer": COUNT,
    "absent": {**ROW, "align": "right", "italic": True, "font_color": DARK_GREY},
    "note": {**BASE, "font_color": GREY, "font_size": 10, "text_wrap": True},
    "link": {**BASE, "font_color": LINK, "underline": 1},
}


def make_formats(book: Workbook) -> SimpleNamespace:
    """Creates the formats of a workbook, each an attribute by its name in ``STYLES``."""
    return SimpleNamespace(**{name: book.add_format(style) for name, style in STYLES.items()})


def set_widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Sets the widths of the first columns, in characters."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)


def write_texts(sheet: Worksheet, row: int, texts: Sequence[str], style: Format) -> None:
    """Writes texts into the first columns of a row."""
    for column, text in enumerate(texts):
        sheet.write_string(row, column, text, style)


def set_up_page(
    sheet: Worksheet,
    *,
    footer: str,
    repeat: int,
    landscape: bool = False,
    is_large: bool = False,
    whole: bool = False,
) -> None:
    """Sets a sheet up for printing one page wide, with page numbers in the footer.

    The row ``repeat`` (0-based) is printed on every page. On A4, or A3 where it ``is_large``; all
    on one page if it is to be seen as a ``whole``.
    """
    sheet.set_paper(8 if is_large else 9)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.8)
    sheet.fit_to_pages(1, 1 if whole else 0)
    sheet.repeat_rows(repeat)
    # A single ampersand would start a control code.
    sheet.set_footer("&L&8" + footer.replace("&", "&&") + "&R&8Seite &P von &N")
    sheet.hide_gridlines(2)


def write_link(sheet: Worksheet, row: int, target: str, text: str, look: SimpleNamespace) -> None:
    """Writes a link to the top of another sheet into the first column of a row."""
    quoted = target.replace("'", "''")
    sheet.write_url(row, 0, f"internal:'{quoted}'!A1", look.link, text)


@dataclass(frozen=True)
class Formula:
    """A formula and its value, which viewers show that do not calculate.

    ``{7}`` in the text is the cell of column 7 (from 1) in the row of the formula.
    """

    text: str
    value: int | float | str


def write_formula(
    sheet: Worksheet, place: tuple[int, int], formula: Formula, style: Format
) -> None:
    """Writes a formula with its value; ``place`` counts from 0."""
    row, column = place
    text = re.sub(
        r"\{(\d+)\}", lambda found: f"{column_letters(int(found[1]))}{row + 1}", formula.text
    )
    sheet.write_formula(row, column, f"={text}", style, formula.value)


def mark_table(
    sheet: Worksheet,
    area: tuple[int, int, int, int],
    heads: Sequence[str],
    styles: Sequence[Format],
) -> None:
    """Marks an area as a table with filters; its first row holds the heads, which are distinct.

    A table has at least one row below its heads.
    """
    columns = [
        {"header": head, "header_format": style} for head, style in zip(heads, styles, strict=True)
    ]
    sheet.add_table(*area, {"columns": columns, "style": None})


class SheetNames:
    """Makes sheet names that Excel accepts.

    They have at most 31 characters, none of []:*?/\\, and are unique regardless of case.
    """

    def __init__(self) -> None:
        self._taken: set[str] = {"history"}

    def make_legal(self, wanted: str, suffix: str = "") -> str:
        """Makes a legal name, shortened before ``suffix`` and numbered if it exists already."""
        stem = _clean_name(wanted) or "Blatt"
        tail = _clean_name(suffix)[:15].rstrip(" '")
        end = f" {tail}" if tail else ""
        for attempt in range(1, 100_000):
            mark = end if attempt == 1 else f"{end} {attempt}"
            name = _shorten_name(stem, LONGEST_NAME - len(mark)) + mark
            if name.casefold() not in self._taken:
                self._taken.add(name.casefold())
                return name
        raise ValueError("more sheets of one name than a workbook can hold")


def _shorten_name(name: str, length: int) -> str:
    return name if len(name) <= length else name[: length - 1].rstrip() + "…"


def _clean_name(text: str) -> str:
    """Replaces characters that Excel forbids in a sheet's name.

    So are those beyond the basic plane, which Excel counts twice.
    """
    forbidden = r"[\[\]:*?/\\\x00-\x1f\x7f-\x9f\ud800-\udfff\U00010000-\U0010ffff\ufffe\uffff]+"
    return re.sub(forbidden, "-", text).strip(" '")
