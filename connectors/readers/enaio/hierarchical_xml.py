"""enaio's hierarchical XML export ("HOL") as one text table per object type, and one per table field. The linear one stands beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from connectors.readers.rows.header import header_at, normalize_name
from connectors.readers.spreadsheet.enaio_export import (
    ID_COLUMN,
    PARENT_COLUMN,
    ObjectsOfType,
    objects_table,
)
from connectors.readers.text.safe_xml import Event, XmlText
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable, Wanted

_SIMPLE = frozenset({"Field", "BaseParam", "SystemField"})


def hierarchical_tables(
    text: XmlText, events: Iterable[Event], shown: str, wanted: Sequence[Wanted], limits: Limits
) -> Iterator[TextTable | UnreadableTable]:
    """The wanted object types of a hierarchical export; a row's place is its position among the objects of its type."""
    types = read_objects(text, events, limits)
    for want in wanted:
        mine = next(
            (
                o
                for name, o in types.items()
                if want.table is None or normalize_name(name) == normalize_name(want.table)
            ),
            None,
        )
        try:
            if mine is None:
                listed = ", ".join(f"„{name}“" for name in types)
                message = f"Der Objekttyp „{want.table}“ fehlt in der Datei. Enthalten sind: {listed}. Bitte den Export anpassen."
                raise CannotRead("sheet_missing", message, table=want.name)
            table = objects_table(
                mine,
                shown,
                want.name,
                header_at(tuple(mine.columns), 0, want, title=mine.name),
                limits,
            )
        except CannotRead as error:
            error.table = want.name
            yield UnreadableTable(shown, want.name, None, error)
            continue
        table.sheet = None
        table.notices += [*text.text.notices(), *text.notices()]
        yield table


def read_objects(
    text: XmlText, events: Iterable[Event], limits: Limits
) -> dict[str, ObjectsOfType]:
    """All objects by type, those inside others with their parent's id; raises CannotRead ``xml_unknown``, ``too_large``."""
    if text.text.path.stat().st_size > limits.whole_bytes:
        raise CannotRead(
            "too_large",
            "Der verschachtelte XML-Export ist größer als erlaubt. Bitte in enaio das lineare Format (LOL) wählen.",
        )
    tree = _Tree(limits)
    for event, element in events:
        tree.take_event(event, etree.QName(element).localname, element)
    if not tree.types:
        raise CannotRead(
            "xml_unknown",
            "Der verschachtelte XML-Export (HOL) enthält keine Objekte. Bitte den Export wiederholen.",
        )
    return tree.types


@dataclass
class _Tree:
    """What was read so far: the objects, and those still open around the current element."""

    limits: Limits
    types: dict[str, ObjectsOfType] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    open: list[tuple[ObjectsOfType, dict[str, str]]] = field(default_factory=list)
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
            self.names.append(_name_of(element))
        elif tag == "Object":
            parent = self.open[-1][1][ID_COLUMN] if self.open else ""
            kind = _name_of(element) or (self.names[-1] if self.names else "")
            own = self.types.setdefault(
                kind, ObjectsOfType(kind, {ID_COLUMN: None, PARENT_COLUMN: None})
            )
            values = {
                ID_COLUMN: element.get("id") or element.get("object_id") or "",
                PARENT_COLUMN: parent,
            }
            own.rows.append((len(own.rows) + 1, values))
            if len(own.rows) > self.limits.rows:
                raise CannotRead(
                    "too_large", f"Ein Objekttyp hat mehr als {self.limits.rows} Objekte."
                )
            self.open.append((own, values))

    def _end_element(self, tag: str, element: etree._Element) -> None:
        if tag == "ObjectType" and self.names:
            self.names.pop()
        elif tag == "Object" and self.open:
            self.open.pop()
            element.clear()
        elif self.open and tag in _SIMPLE and not _is_inside(element, "TableFields", "MultiFields"):
            self._put_value(*self.open[-1], _name_of(element), _text_of(element))
        elif self.open and tag == "MultiFields":
            for multi in element:
                values = [_text_of(v) for v in multi.iter("{*}Value", "Value")] or [_text_of(multi)]
                self._put_value(
                    *self.open[-1],
                    _name_of(multi),
                    "\n".join(dict.fromkeys(v for v in values if v)),
                )
        elif self.open and tag == "TableFields":
            for table in element:
                self._add_table_rows(table)

    def _add_table_rows(self, table: etree._Element) -> None:
        objects, values = self.open[-1]
        name = f"{objects.name}.{_name_of(table)}"
        own = self.types.setdefault(name, ObjectsOfType(name, {PARENT_COLUMN: None}))
        for row in table.iter("{*}Row", "Row"):
            cells = {PARENT_COLUMN: values[ID_COLUMN]}
            own.rows.append((len(own.rows) + 1, cells))
            for cell in row:
                self._put_value(own, cells, _name_of(cell), _text_of(cell))

    def _put_value(
        self, objects: ObjectsOfType, values: dict[str, str], name: str, value: str
    ) -> None:
        if name not in objects.columns and len(objects.columns) >= self.limits.columns:
            raise CannotRead(
                "too_large", f"Ein Objekttyp hat mehr als {self.limits.columns} Felder."
            )
        objects.columns.setdefault(name)
        values[name] = value


def _name_of(element: etree._Element) -> str:
    return element.get("name") or element.get("internal_name") or ""


def _text_of(element: etree._Element) -> str:
    return (
        "".join(map(str, element.itertext()))
        if not len(element)
        else "\n".join(filter(None, (_text_of(e).strip() for e in element)))
    )


def _is_inside(element: etree._Element, *tags: str) -> bool:
    for above in element.iterancestors():
        tag = etree.QName(above).localname
        if tag in tags:
            return True
        if tag == "Object":
            return False
    return False
