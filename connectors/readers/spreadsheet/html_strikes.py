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
_STEP, _BETWEEN_STEPS = re.compile(r"(\w*|\*)(?:\.([\w-]+))*"), re.compile(r"\s*>\s*|\s+")
# Classes so named strike through in the usual style sheets, which lie beside the page.
_USUAL = {"line-through": {"*"}, "text-decoration-line-through": {"*"}}
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
    classes = {name: set(tags) for name, tags in _USUAL.items()}
    for name, tag in chain.from_iterable(map(_list_classes, root.iter("style"))):
        classes.setdefault(name, set()).add(tag)
    for one in _find(_CLASSED, root):
        for name in classes.keys() & one.get("class", "").split():
            yield from _select_below(one, classes[name])


def _select_below(element: etree._Element, tags: set[str]) -> Iterator[etree._Element]:
    """An element for the tag "*", and those within it that have one of the other tags."""
    if "*" in tags:
        yield element
    yield from element.iterdescendants(*(tags - {"*"})) if tags - {"*"} else ()


def _find(path: etree.XPath, root: etree._Element) -> list[etree._Element]:
    return cast("list[etree._Element]", path(root))


def _list_classes(style: etree._Element) -> Iterator[tuple[str, str]]:
    """The classes that a style sheet strikes through, and within them which tag; "*": all.

    Of selectors of tags and classes alone: "tr.w td", ".w > td", ".w".
    """
    for selectors, body in _RULE.findall(style.text or ""):
        if _LINE.search(body):
            for selector in selectors.split(","):
                yield from _read_selector(selector.replace("<!--", "").strip())


def _read_selector(selector: str) -> Iterator[tuple[str, str]]:
    steps = [_STEP.fullmatch(step) for step in _BETWEEN_STEPS.split(selector)]
    if not all(steps):
        return
    found = [(step[1], step[2]) for step in steps if step]
    named = [number for number, (_, name) in enumerate(found) if name]
    if named:
        tag = found[-1][0] if named[-1] < len(found) - 1 else ""
        yield found[named[-1]][1], tag or "*"
