"""The look of our workbooks: cell formats, page set-up, names of sheets. No content of cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

INK, ACCENT, PALE, RULE, WARN = "#1B2A3A", "#1F4E79", "#E8EEF4", "#B7C3CF", "#FFF4CE"
AMBER = "#8A6100"
LONGEST_NAME = 31
TITLE = {"font_size": 18, "bold": True, "font_color": ACCENT}
LEFT = {"align": "left", "indent": 1}
# The German locale is named, so that the separators are German on machines of another language too.
GERMAN_INTEGER, GERMAN_DATE = "[$-407]#,##0", "[$-407]dd.mm.yyyy"


@dataclass(frozen=True)
class Formats:
    """The cell formats of one workbook by what they are for."""

    title: Format
    long_title: Format
    subtitle: Format
    warning: Format
    fact: Format
    fact_value: Format
    fact_date: Format
    fact_number: Format
    head: Format
    head_number: Format
    group: Format
    total: Format
    total_number: Format
    item: Format
    item_number: Format
    known: Format
    text: Format
    date: Format
    integer: Format
    absent: Format
    note: Format
    link: Format


def make_formats(book: Workbook) -> Formats:
    """Create the formats of a workbook: calm colours, one typeface, numbers right-aligned with thousands separators."""
    base = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "top"}
    row = {**base, "bottom": 4, "bottom_color": RULE}
    head = {**base, "bold": True, "font_color": "#FFFFFF", "bg_color": ACCENT, "valign": "vcenter"}
    count = {"align": "right", "num_format": GERMAN_INTEGER}

    def make_format(*parts: Mapping[str, object]) -> Format:
        return book.add_format({key: value for part in parts for key, value in part.items()})

    return Formats(
        title=make_format(base, TITLE),
        long_title=make_format(base, TITLE, {"text_wrap": True}),
        subtitle=make_format(base, {"font_size": 12}),
        warning=make_format(
            base,
            {
                "bold": True,
                "bg_color": WARN,
                "valign": "vcenter",
                "border": 1,
                "border_color": AMBER,
            },
        ),
        fact=make_format(base, {"font_color": "#44546A"}),
        fact_value=make_format(base, {"align": "left", "bold": True}),
        fact_date=make_format(base, {"align": "left", "bold": True, "num_format": GERMAN_DATE}),
        fact_number=make_format(
            base, {"align": "left", "bold": True, "num_format": GERMAN_INTEGER}
        ),
        head=make_format(head, {"align": "left", "indent": 1}),
        head_number=make_format(head, {"align": "right"}),
        group=make_format(
            base,
            {
                "bold": True,
                "bg_color": PALE,
                "font_color": ACCENT,
                "top": 1,
                "top_color": ACCENT,
                **LEFT,
            },
        ),
        total=make_format(row, {"bold": True, "text_wrap": True, "align": "left", "indent": 1}),
        total_number=make_format(row, count, {"bold": True}),
        item=make_format(row, {"align": "left", "indent": 2, "text_wrap": True}),
        item_number=make_format(row, count),
        known=make_format(row, {"font_color": "#44546A", "align": "left", "indent": 2}),
        text=make_format(row, {"text_wrap": True, "align": "left", "indent": 1}),
        date=make_format(row, {"num_format": GERMAN_DATE, "align": "left", "indent": 1}),
        integer=make_format(row, count),
        absent=make_format(row, {"align": "right", "italic": True, "font_color": "#595959"}),
        note=make_format(base, {"font_color": "#44546A", "font_size": 10, "text_wrap": True}),
        link=make_format(base, {"font_color": "#0B5394", "underline": 1}),
    )


def set_up_page(sheet: Worksheet, *, footer: str, repeat: int, landscape: bool = False) -> None:
    """Set a sheet up for printing: A4, one page wide, the row ``repeat`` on every page, a footer with page numbers."""
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(repeat)
    # A single ampersand would start a control code.
    sheet.set_footer("&L&8" + footer.replace("&", "&&") + "&R&8Seite &P von &N")
    sheet.hide_gridlines(2)


def write_link(
    sheet: Worksheet, row: int, column: int, target: str, text: str, look: Formats
) -> None:
    """Write a link to the top of another sheet of the same workbook."""
    quoted = target.replace("'", "''")
    sheet.write_url(row, column, f"internal:'{quoted}'!A1", look.link, text)


class SheetNames:
    """Makes names that Excel accepts: at most 31 characters, none of []:*?/\\, unique without regard to case."""

    def __init__(self) -> None:
        self._taken: set[str] = {"history"}

    def make_legal(self, wanted: str, suffix: str = "") -> str:
        """Give a legal name for ``wanted``, shortened before ``suffix``, numbered if it is taken."""
        stem, tail = _clean_name(wanted) or "Blatt", _clean_name(suffix)[:15]
        for attempt in range(1, 100_000):
            mark = "" if attempt == 1 else f" {attempt}"
            room = LONGEST_NAME - len(mark) - (len(tail) + 1 if tail else 0)
            short = stem if len(stem) <= room else stem[: room - 1].rstrip() + "…"
            name = (f"{short} {tail}" if tail else short) + mark
            if name.casefold() not in self._taken:
                self._taken.add(name.casefold())
                return name
        raise ValueError("more sheets of one name than a workbook can hold")


def _clean_name(text: str) -> str:
    """Replace what Excel forbids in a sheet's name and characters beyond the basic plane, which Excel counts twice."""
    forbidden = r"[\[\]:*?/\\\x00-\x1f\x7f-\x9f\ud800-\udfff\U00010000-\U0010ffff\ufffe\uffff]+"
    return re.sub(forbidden, "-", text).strip(" '")
