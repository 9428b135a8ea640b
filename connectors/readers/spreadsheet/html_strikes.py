"""Finds what a web page strikes through: by elements, by their style, or by a class of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import cast

from lxml import etree

from connectors.readers.spreadsheet.html_cell import STRUCK_TAGS, UNSHOWN

_LINE = re.compile(r"text-decoration[\w-]*\s*:[^;}]*\bline-through\b", re.IGNORECASE)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_OF_CLASS = re.compile(r"\w*\.([\w-]+)")
_STYLED, _CLASSED = etree.XPath("//*[@style]"), etree.XPath("//*[@class]")


class HtmlStrikes:
    """The elements of a page that have a line through all their text."""

    def __init__(self, root: etree._Element) -> None:
        self._struck = set(_list_struck(root))

    def strikes_cell(self, cell: etree._Element) -> bool:
        """Whether a line goes through all text of a cell that has some."""
        if not self._struck:
            return False
        around = cell.iterancestors()
        return any(one in self._struck for one in around) or not self._shows_other(cell)

    def _shows_other(self, element: etree._Element) -> bool:
        """Whether an element shows a text, or a field, that is not struck through."""
        if element in self._struck or element.tag in UNSHOWN:
            return False
        if element.tag in ("input", "select") or (element.text or "").strip():
            return True
        return any((part.tail or "").strip() or self._shows_other(part) for part in element)


def _list_struck(root: etree._Element) -> Iterator[etree._Element]:
    yield from root.iter(*STRUCK_TAGS)
    yield from (one for one in _find(_STYLED, root) if _LINE.search(one.get("style", "")))
    classes = set(chain.from_iterable(map(_list_classes, root.iter("style"))))
    if classes:
        classed = _find(_CLASSED, root)
        yield from (one for one in classed if classes.intersection(one.get("class", "").split()))


def _find(path: etree.XPath, root: etree._Element) -> list[etree._Element]:
    return cast("list[etree._Element]", path(root))


def _list_classes(style: etree._Element) -> Iterator[str]:
    """The classes that a style sheet strikes through, of selectors that name nothing else."""
    for selectors, body in _RULE.findall(style.text or ""):
        if _LINE.search(body):
            named = (one.replace("<!--", "").strip() for one in selectors.split(","))
            yield from (found[1] for one in named if (found := _OF_CLASS.fullmatch(one)))
