"""Reads the cells of a row of a web page as the page shows them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

# No text of a page has this sign.
_BREAK = "\0"
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details"),
        *("dir", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hr", "legend", "li", "main", "menu", "nav", "ol", "optgroup"),
        *("option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th"),
        *("thead", "tr", "ul"),
    }
)
UNSHOWN = frozenset({"script", "style", "template", "datalist"})
STRUCK_TAGS = frozenset({"del", "s", "strike"})
_TICKED = frozenset({"checkbox", "radio"})
_NO_VALUE = frozenset({"button", "file", "hidden", "image", "password", "reset", "submit"})


def list_cells(row: etree._Element) -> list[etree._Element]:
    """The cells of a row of a table, also those within a form; none of a table within."""
    return [c for c in row.iter("td", "th") if next(c.iterancestors("tr", "table")) is row]


def shown_text(cell: etree._Element) -> str:
    """The text of a cell: blanks collapsed, blocks in lines of their own, form fields by value.

    A text that is struck out is marked as unreadable: it is there and does not hold.
    """
    lines = "".join(_list_parts(cell)).split(_BREAK)
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _list_parts(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield from _parts_of(child)
        yield child.tail or ""


def _parts_of(child: etree._Element) -> Iterator[str]:
    """What an element within a cell shows."""
    match child.tag:
        case "input":
            yield f" {_input_text(child)} "
        case "select":
            yield from (f"{_BREAK}{shown_text(option)}{_BREAK}" for option in _chosen(child))
        case tag if tag in _BLOCKS:
            yield from (_BREAK, *_list_parts(child), _BREAK)
        case tag if tag in STRUCK_TAGS and (text := "".join(_list_parts(child))).strip(
            f" {_BREAK}"
        ):
            yield f"\ufffd{text}"
        case tag if isinstance(tag, str) and tag not in UNSHOWN | STRUCK_TAGS:
            yield from _list_parts(child)


def _input_text(element: etree._Element) -> str:
    kind = element.get("type", "text").strip().lower()
    if kind in _TICKED:
        return "Wahr" if "checked" in element.attrib else "Falsch"
    return "" if kind in _NO_VALUE else element.get("value", "")


def _chosen(select: etree._Element) -> list[etree._Element]:
    """The options that are chosen; a list that shows one shows the first where none is."""
    options = list(select.iter("option"))
    first = [] if "multiple" in select.attrib else options[:1]
    return [option for option in options if "selected" in option.attrib] or first
