"""Reads enaio's hierarchical XML export ("HOL"): a text table per object type and table field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lxml import etree

from connectors.readers.delivered_file import Tables
from connectors.readers.enaio.element_text import list_attributes, name_of, text_of
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
# What is within is part of a value and no field itself.
_WHOLE = _SIMPLE | _LISTS


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
        if _is_inside(element, *_WHOLE):
            return
        if tag == "MultiFields":
            self._add_multi_fields(element)
        elif tag == "TableFields":
            for table in element:
                self._add_table_rows(f"{objects.name}.{name_of(table)}", values[ID_COLUMN], table)
        else:
            self._add_field(tag, element)

    def _add_multi_fields(self, element: etree._Element) -> None:
        """Sets each multi-field, of several elements, too; one of the values may be a field's."""
        objects, values = self.open[-1]
        for name, multis in _group_by_name(element).items():
            lines = list(dict.fromkeys(line for multi in multis for line in _list_values(multi)))
            if values.get(name) in lines:
                del values[name]
            objects.add_value(values, name, "\n".join(lines), self.limits)
            for one in multis:
                self._add_attributes(objects, values, name, one)

    def _add_field(self, tag: str, element: etree._Element) -> None:
        """Sets a field of the object, also one that is written as an element of its own name."""
        objects, values = self.open[-1]
        name = name_of(element) or tag
        if tag in _SIMPLE:
            self._add_whole(objects, values, name, element)
            return
        if (_has_own_text(element) or not len(element)) and (text := text_of(element)).strip():
            objects.add_value(values, name, text, self.limits)
        self._put_attributes(objects, values, f"{name}.", element)

    def _add_whole(
        self, objects: ObjectsOfType, values: Values, name: str, element: etree._Element
    ) -> None:
        """Sets a field with all that is within its element."""
        objects.add_value(values, name, text_of(element), self.limits)
        self._add_attributes(objects, values, name, element)

    def _add_attributes(
        self, objects: ObjectsOfType, values: Values, name: str, element: etree._Element
    ) -> None:
        """Sets what stands in the attributes of a field and of the elements within."""
        for one in element.iter():
            self._put_attributes(objects, values, f"{name}.", one)

    def _put_attributes(
        self, objects: ObjectsOfType, values: Values, prefix: str, element: etree._Element
    ) -> None:
        """Sets what stands in attributes, each in a column of its own."""
        for name, text in list_attributes(element):
            objects.add_value(values, f"{prefix}{name}", text, self.limits)

    def _add_table_rows(self, kind: str, parent: str, table: etree._Element) -> None:
        self.types.setdefault(kind, ObjectsOfType(kind, {PARENT_COLUMN: None}))
        for row in table.iter("{*}Row", "Row"):
            values = {PARENT_COLUMN: parent}
            objects = self._add_row(kind, values)
            self._put_attributes(objects, values, "@", row)
            for cell in row:
                self._add_whole(objects, values, name_of(cell), cell)


def _group_by_name(element: etree._Element) -> dict[str, list[etree._Element]]:
    """The elements within another by the names of their fields."""
    found: dict[str, list[etree._Element]] = {}
    for child in element:
        found.setdefault(name_of(child), []).append(child)
    return found


def _list_values(multi: etree._Element) -> list[str]:
    """The values of a multi-field."""
    values = [text_of(value) for value in multi.iter("{*}Value", "Value")] or [text_of(multi)]
    return list(filter(None, values))


def _has_own_text(element: etree._Element) -> bool:
    """Whether there is a text beside the elements within."""
    texts = (element.text, *(child.tail for child in element))
    return any(text and text.strip() for text in texts)


def _is_inside(element: etree._Element, *tags: str) -> bool:
    """Whether an element of these tags encloses this one within the same object."""
    for above in element.iterancestors():
        tag = etree.QName(above).localname
        if tag in tags:
            return True
        if tag == "Object":
            return False
    return False
