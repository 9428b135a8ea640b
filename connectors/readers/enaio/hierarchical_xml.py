"""Reads enaio's hierarchical XML export ("HOL"): a text table per object type and table field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lxml import etree

from connectors.readers.delivered_file import Tables
from connectors.readers.spreadsheet.enaio_export import (
    ID_COLUMN,
    PARENT_COLUMN,
    ObjectsOfType,
    Values,
    wanted_types,
)
from connectors.readers.text.safe_xml import Event, XmlText
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, TextTable, Wanted

_SIMPLE = frozenset({"Field", "BaseParam", "SystemField"})
_LISTS = frozenset({"MultiFields", "TableFields"})
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


def hierarchical_tables(text: XmlText, events: Iterable[Event], wanted: Sequence[Wanted]) -> Tables:
    """The wanted object types; a row's place is its position among the objects of its type."""
    types = read_objects(text, events)
    for table in wanted_types(types, text.text.file, wanted, sheet=None):
        if isinstance(table, TextTable):
            table.notices += [*text.text.notices(), *text.notices()]
        yield table


def read_objects(text: XmlText, events: Iterable[Event]) -> dict[str, ObjectsOfType]:
    """All objects by type, those inside others with their parent's id.

    Raises CannotRead ``xml_unknown`` or ``too_large``.
    """
    file = text.text.file
    file.check_whole(
        "Der verschachtelte XML-Export ist größer als erlaubt. "
        "Bitte in enaio das lineare Format (LOL) wählen."
    )
    tree = _Tree(file.limits)
    for event, element in events:
        tree.take_event(event, etree.QName(element).localname, element)
    if not tree.types:
        raise CannotRead(
            "xml_unknown",
            "Der verschachtelte XML-Export (HOL) enthält keine Objekte. "
            "Bitte den Export wiederholen.",
        )
    return tree.types


@dataclass
class _Tree:
    """The objects read so far; ``open`` are those around the current element, outermost first."""

    limits: Limits
    types: dict[str, ObjectsOfType] = field(default_factory=dict)
    type_names: list[str] = field(default_factory=list)
    open: list[tuple[ObjectsOfType, Values]] = field(default_factory=list)
    depth: int = 0

    def take_event(self, event: str, tag: str, element: etree._Element) -> None:
        self.depth += 1 if event == "start" else -1
        if self.depth > self.limits.nesting:
            raise CannotRead(
                "too_large",
                f"Die XML-Datei ist tiefer als {self.limits.nesting} Ebenen verschachtelt.",
            )
        if event == "start":
            self._begin_element(tag, element)
        else:
            self._end_element(tag, element)

    def _begin_element(self, tag: str, element: etree._Element) -> None:
        if tag == "ObjectType":
            self.type_names.append(name_of(element))
        elif tag == "Object":
            self._begin_object(element)

    def _begin_object(self, element: etree._Element) -> None:
        kind = name_of(element) or (self.type_names[-1] if self.type_names else "")
        values = {
            ID_COLUMN: element.get("id") or element.get("object_id") or "",
            PARENT_COLUMN: self.open[-1][1][ID_COLUMN] if self.open else "",
        }
        objects = self._add_row(kind, values)
        self._put_attributes(objects, values, "@", element)
        if len(objects.rows) > self.limits.rows:
            raise CannotRead("too_large", f"Ein Objekttyp hat mehr als {self.limits.rows} Objekte.")
        self.open.append((objects, values))

    def _add_row(self, kind: str, values: Values) -> ObjectsOfType:
        objects = self.types.setdefault(kind, ObjectsOfType(kind, dict.fromkeys(values)))
        objects.rows.append((len(objects.rows) + 1, values))
        return objects

    def _end_element(self, tag: str, element: etree._Element) -> None:
        if tag == "ObjectType":
            self.type_names.pop()
        elif tag == "Object":
            self.open.pop()
            element.clear()
        elif self.open:
            self._add_fields(tag, element)

    def _add_fields(self, tag: str, element: etree._Element) -> None:
        objects, values = self.open[-1]
        if tag == "MultiFields":
            for multi in element:
                objects.put_value(values, name_of(multi), _multi_text(multi), self.limits)
        elif tag == "TableFields":
            for table in element:
                self._add_table_rows(f"{objects.name}.{name_of(table)}", values[ID_COLUMN], table)
        elif not _is_inside(element, *_LISTS):
            self._add_field(tag, element)

    def _add_field(self, tag: str, element: etree._Element) -> None:
        """Sets a field of the object, also one that is written as an element of its own name."""
        objects, values = self.open[-1]
        name = name_of(element) or tag
        text = _text_of(element) if tag in _SIMPLE or not len(element) else ""
        if tag in _SIMPLE or text.strip():
            objects.put_value(values, name, text, self.limits)
        self._put_attributes(objects, values, f"{name}.", element)

    def _put_attributes(
        self, objects: ObjectsOfType, values: Values, prefix: str, element: etree._Element
    ) -> None:
        """Sets what stands in attributes, each in a column of its own."""
        for name, text in list_attributes(element):
            objects.put_value(values, f"{prefix}{name}", text, self.limits)

    def _add_table_rows(self, kind: str, parent: str, table: etree._Element) -> None:
        self.types.setdefault(kind, ObjectsOfType(kind, {PARENT_COLUMN: None}))
        for row in table.iter("{*}Row", "Row"):
            values = {PARENT_COLUMN: parent}
            objects = self._add_row(kind, values)
            self._put_attributes(objects, values, "@", row)
            for cell in row:
                objects.put_value(values, name_of(cell), _text_of(cell), self.limits)
                self._put_attributes(objects, values, f"{name_of(cell)}.", cell)


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


def _multi_text(multi: etree._Element) -> str:
    """The distinct values of a multi-field, one per line."""
    values = [_text_of(v) for v in multi.iter("{*}Value", "Value")] or [_text_of(multi)]
    return "\n".join(dict.fromkeys(filter(None, values)))


def _text_of(element: etree._Element) -> str:
    if not len(element):
        return "".join(map(str, element.itertext())) or mark_attributes(element)
    return "\n".join(filter(None, (_text_of(child).strip() for child in element)))


def _is_inside(element: etree._Element, *tags: str) -> bool:
    """Whether an element of these tags encloses this one within the same object."""
    for above in element.iterancestors():
        tag = etree.QName(above).localname
        if tag in tags:
            return True
        if tag == "Object":
            return False
    return False
