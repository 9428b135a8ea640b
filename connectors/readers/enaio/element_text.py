"""Reads the elements of enaio's XML exports: their names, texts and attributes."""

from __future__ import annotations

from lxml import etree

# Attributes that say how a value is written and where it belongs, or that there is none.
_OF_FORM = frozenset(
    {
        "internal_name",
        "id",
        "lang",
        "line",
        "name",
        "nil",
        "object",
        "object_id",
        "osguid",
        "schemaLocation",
        "space",
        "type",
    }
)
# What only says how a text looks; any other element within a value is a value of its own.
_INLINE = frozenset(
    {"a", "b", "em", "font", "i", "s", "small", "span", "strong", "sub", "sup", "u"}
)


def name_of(element: etree._Element) -> str:
    """The name of an object type or a field, "" if it has none."""
    return element.get("name") or element.get("internal_name") or ""


def list_attributes(element: etree._Element) -> list[tuple[str, str]]:
    """The attributes of an element that hold something: name and value."""
    named = [(etree.QName(name).localname, str(text)) for name, text in element.attrib.items()]
    return [(name, text) for name, text in named if name not in _OF_FORM and text.strip()]


def mark_attributes(element: etree._Element) -> str:
    """What stands in the attributes of an element without a text, marked as unreadable."""
    return " ".join(f"\ufffd{text}" for _, text in list_attributes(element))


def text_of(element: etree._Element) -> str:
    """The text of a value: what its elements hold in lines of their own, as all that is beside them.

    What stands in attributes in place of a text is marked as unreadable.
    """
    pieces = [element.text or ""]
    for child in element:
        own, after = text_of(child), child.tail or ""
        if etree.QName(child).localname.lower() in _INLINE:
            pieces[-1] += own + after
        else:
            pieces += [own, after]
    if len(pieces) > 1:
        pieces = list(filter(None, map(str.strip, pieces)))
    return "\n".join(pieces) or mark_attributes(element)
