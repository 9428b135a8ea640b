"""enaio's linear XML export ("LOL") as text tables, one per object type. How XML is made safe stands in xml_text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from lxml import etree

from connectors.readers.enaio.hierarchical_xml import hierarchical_tables
from connectors.readers.rows.data_rows import DataRows
from connectors.readers.rows.header import header_at, normalize_name
from connectors.readers.text.encoding import detect_encoding
from connectors.readers.text.safe_xml import Event, XmlText, declared_encoding
from connectors.tables.limits import Limits
from connectors.tables.text_table import (
    Batch,
    CannotRead,
    Notice,
    TextTable,
    UnreadableTable,
    Wanted,
)

Row = tuple[int, list[str], str]


@dataclass
class ObjectType:
    """One object type as it stands in the file; ``rows`` must be walked before the next object type is asked for."""

    name: str
    columns: tuple[str, ...]
    rows: Iterator[Row]


def xml_tables(
    path: Path, shown_as: str, wanted: Sequence[Wanted], limits: Limits
) -> Iterator[TextTable | UnreadableTable]:
    """The wanted object types of an export, in the order of the file; walk each table before taking the next.

    In a file of a single object type that one of ``wanted`` takes, the others are not missed: their file is another.
    Raises CannotRead for the file.
    """
    encoding = next((w.dialect.encoding for w in wanted if w.dialect.encoding), None)
    text = xml_text(path, encoding)
    is_hierarchical, events = read_format(text)
    if is_hierarchical:
        yield from hierarchical_tables(text, events, shown_as, wanted, limits)
        return
    waiting = list(wanted)
    again: list[Wanted] = []
    seen: list[str] = []
    for found in object_types(events, limits):
        seen.append(found.name)
        mine = [
            w
            for w in waiting
            if (w.table is None and len(seen) == 1)
            or normalize_name(w.table or "") == normalize_name(found.name)
        ]
        waiting = [w for w in waiting if w not in mine]
        again += mine[1:]
        if mine:
            yield _make_table(found, shown_as, mine[0], limits, text)
    if again:
        yield from xml_tables(path, shown_as, again, limits)
    if len(seen) != 1 or len(waiting) == len(wanted):
        for want in waiting:
            yield UnreadableTable(shown_as, want.name, None, _missing_error(want, seen))


def xml_text(path: Path, encoding: str | None) -> XmlText:
    """The file decoded by the mapping's encoding, the header's where it can be trusted, or the general rule."""
    with path.open("rb") as file:
        head = file.read(200)
    return XmlText(detect_encoding(path, encoding or declared_encoding(head)))


def read_format(text: XmlText) -> tuple[bool, Iterator[Event]]:
    """Whether the root says that objects are nested in each other (HOL), and all events, that of the root included."""
    events = text.read_events()
    first = next(events)
    _, root = first
    return etree.QName(root).localname == "DMSContent" and root.get("format") == "HOL", chain(
        [first], events
    )


def object_types(events: Iterator[Event], limits: Limits) -> Iterator[ObjectType]:
    """The object types of an export one after the other; raises CannotRead ``xml_unknown`` for any other XML."""
    name, known = "", False
    columns: list[str] = []
    for event, element in events:
        tag = etree.QName(element).localname
        if not known:
            _refuse_other(tag, element)
            known = True
        if event == "start" and tag == "ObjectType":
            name = element.get("name") or element.get("internal_name") or ""
        elif event == "start" and tag == "Columns":
            columns = []
        elif event == "end" and tag == "Column":
            columns.append(
                element.get("name")
                or (element.text or "").strip()
                or element.get("internal_name")
                or ""
            )
            if len(columns) > limits.columns:
                raise CannotRead("too_large", f"Die Tabelle hat mehr als {limits.columns} Spalten.")
        elif event == "start" and tag == "Rows":
            rows = _read_rows(events)
            yield ObjectType(name, tuple(columns), rows)
            for _ in rows:
                pass


def _read_rows(events: Iterator[Event]) -> Iterator[Row]:
    """The rows up to the end of their list, each with its position; what was read is forgotten at once."""
    position = 0
    for event, element in events:
        if event == "start":
            continue
        tag = etree.QName(element).localname
        if tag == "Rows":
            return
        if tag == "Row":
            position += 1
            yield (
                position,
                [
                    "".join(map(str, value.itertext()))
                    for value in element
                    if isinstance(value.tag, str)
                ],
                "",
            )
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)


def _make_table(
    found: ObjectType, shown_as: str, want: Wanted, limits: Limits, text: XmlText
) -> TextTable | UnreadableTable:
    try:
        header = header_at(found.columns, 0, want, title=found.name)
    except CannotRead as error:
        error.table = want.name
        return UnreadableTable(shown_as, want.name, None, error)
    notices = text.text.notices()
    walk = _BatchReader(DataRows(header, ()), text, notices, limits)
    return header.make_table(
        file=shown_as,
        name=want.name,
        batches=walk.read_batches(found.rows),
        notices=notices,
        title=found.name,
    )


@dataclass
class _BatchReader:
    data: DataRows
    text: XmlText
    notices: list[Notice]
    limits: Limits

    def read_batches(self, rows: Iterator[Row]) -> Iterator[Batch]:
        yield from self.data.batch_rows(rows, self.limits.cell_chars)
        self.notices.extend(self.text.notices())


def _refuse_other(tag: str, element: etree._Element) -> None:
    if tag != "DMSContent":
        raise CannotRead(
            "xml_unknown",
            "Die XML-Datei ist kein enaio-Export (DMSContent). Bitte den Datenexport als XML verwenden.",
        )
    if element.get("format", "LOL") != "LOL":
        raise CannotRead(
            "xml_unknown",
            "Dieses Format der XML-Datei ist unbekannt. Bitte in enaio das lineare XML-Format (LOL) wählen.",
        )


def _missing_error(want: Wanted, seen: Sequence[str]) -> CannotRead:
    listed = ", ".join(f"„{s}“" for s in seen) or "keine"
    return CannotRead(
        "sheet_missing",
        f"Der Objekttyp „{want.table or want.name}“ fehlt in der Datei. Enthalten sind: {listed}. "
        "Bitte den Export oder die Zuordnung anpassen.",
        table=want.name,
    )
