"""Reads enaio's linear XML export ("LOL"): one text table per object type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from lxml import etree

from connectors.readers.delivered_file import DeliveredFile, Tables
from connectors.readers.enaio.element_text import list_attributes, name_of, text_of
from connectors.readers.enaio.hierarchical_xml import hierarchical_tables
from connectors.readers.rows.data_rows import SourceRow, rows_table
from connectors.readers.rows.fitting_header import find_fitting_table
from connectors.readers.rows.header import header_at, normalize_name
from connectors.readers.rows.watched_part import is_watched_list
from connectors.readers.text.declared_encoding import declared_encoding
from connectors.readers.text.encoding import detect_encoding
from connectors.readers.text.safe_xml import Event, XmlText
from connectors.tables.limits import Limits
from connectors.tables.text_table import (
    CannotRead,
    Notice,
    TextTable,
    UnreadableTable,
    UnreadPart,
    Wanted,
)

_BESIDE = (
    "Ab Zeile {row} stehen Angaben neben den Werten, als Attribute oder Text; sie wurden nicht "
    "übernommen."
)


@dataclass
class ObjectType:
    """One object type of the file; walk ``rows`` before asking for the next object type.

    ``notices`` grows meanwhile.
    """

    name: str
    columns: tuple[str, ...]
    rows: Iterator[SourceRow]
    notices: list[Notice]


def xml_tables(file: DeliveredFile, wanted: Sequence[Wanted]) -> Tables:
    """The wanted object types of an export, in the order of the file.

    Walk each table before taking the next. If the file has a single object type and a mapping
    wants it, the other wanted types are not reported as missing: they come in files of their own.
    Raises CannotRead for the file.
    """
    encoding = next((w.dialect.encoding for w in wanted if w.dialect.encoding), None)
    text = xml_text(file, encoding)
    is_hierarchical, events = read_format(text)
    if is_hierarchical:
        yield from hierarchical_tables(text, events, wanted)
        return
    waiting = list(wanted)
    again: list[Wanted] = []
    seen: list[str] = []
    beside: list[UnreadPart] = []
    for found in object_types(events, file.limits):
        seen.append(found.name)
        mine = [w for w in waiting if _wants_type(w, found.name, is_first=len(seen) == 1)]
        waiting = [w for w in waiting if w not in mine]
        again += mine[1:]
        if mine:
            yield _make_table(found, mine[0], text, beside)
        else:
            beside.append(_unread_part(found, wanted))
    # The rows of an object type can be read once, so a second mapping needs another pass.
    if again:
        yield from xml_tables(file, again)
    if len(seen) != 1 or len(waiting) == len(wanted):
        for want in waiting:
            yield UnreadableTable(file.shown, want.name, None, _missing_error(want, seen))


def _unread_part(found: ObjectType, wanted: Sequence[Wanted]) -> UnreadPart:
    """An object type that is not read, as a second list of one that is."""
    fits = find_fitting_table(found.columns, wanted, found.name)
    first = next(found.rows, None)
    rows = (cells or (text,) for _, cells, text in chain(filter(None, [first]), found.rows))
    is_watched = is_watched_list(wanted, found.columns, rows)
    return UnreadPart(found.name, fits if first else None, is_watched=is_watched)


def _wants_type(want: Wanted, name: str, *, is_first: bool) -> bool:
    if want.table is None and is_first:
        return True
    return normalize_name(want.table or "") == normalize_name(name)


def xml_text(file: DeliveredFile, encoding: str | None) -> XmlText:
    """The file decoded by the given encoding, else by that of its header, else by detection."""
    return XmlText(detect_encoding(file, encoding or declared_encoding(file)))


def read_format(text: XmlText) -> tuple[bool, Iterator[Event]]:
    """Whether objects are nested in each other (HOL), and all events including the root's."""
    events = text.read_events()
    first = next(events)
    _, root = first
    is_nested = etree.QName(root).localname == "DMSContent" and root.get("format") == "HOL"
    return is_nested, chain([first], events)


def object_types(events: Iterator[Event], limits: Limits) -> Iterator[ObjectType]:
    """The object types of an export one after the other; ``events`` begin with the root.

    Raises CannotRead ``xml_unknown`` for any other XML and ``too_large`` for too many columns.
    """
    _, root = next(events)
    _refuse_other(root)
    name = ""
    columns: list[str] = []
    for event, element in events:
        match event, etree.QName(element).localname:
            case "start", "ObjectType":
                name, columns = name_of(element), []
            case "start", "Columns":
                columns = []
            case "end", "Column":
                columns.append(_column_name(element))
                limits.check_columns(len(columns))
            case "start", "Rows":
                notices: list[Notice] = []
                rows = _read_rows(events, columns, notices)
                yield ObjectType(name, tuple(columns), rows, notices)
                for _ in rows:
                    pass


def _column_name(element: etree._Element) -> str:
    return element.get("name") or (element.text or "").strip() or name_of(element)


def _read_rows(
    events: Iterator[Event], columns: Sequence[str], notices: list[Notice]
) -> Iterator[SourceRow]:
    """The rows up to the end of their list, each with its position; frees each after reading.

    What stands between them comes as the text of a row that could not be divided.
    """
    position = depth = 0
    for event, element in events:
        depth += 1 if event == "start" else -1
        tag = etree.QName(element).localname if event == "end" else ""
        position += tag == "Row"
        if tag and depth == 0 and not notices and _has_beside(element):
            notices.append(Notice("beside_table", _BESIDE.format(row=position), row=position))
        if tag == "Row":
            yield _make_row(position, element, columns)
        elif tag and depth <= 0:
            yield from _loose_text(position, "\n".join(map(str, element.itertext())))
        if tag == "Rows":
            return
        if tag == "Row" or (tag and depth == 0):
            yield from _loose_text(position, element.tail)
            _remove_element(element)


def _remove_element(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _loose_text(position: int, text: str | None) -> Iterator[SourceRow]:
    """The text of an element that is no row, or behind one, if there is any."""
    if text and text.strip():
        yield position, None, text.strip()


def _make_row(position: int, row: etree._Element, columns: Sequence[str]) -> SourceRow:
    """The values of a row; only their text if it has none or they name other columns."""
    if not len(row) and (text := (row.text or "").strip()):
        return position, None, text
    values = list(map(text_of, row))
    if any(_is_misplaced(*pair, columns) for pair in zip(row, columns, strict=False)):
        return position, None, "\n".join(values)
    return position, values, ""


def _is_misplaced(cell: etree._Element, column: str, columns: Sequence[str]) -> bool:
    """Whether a value names another column than that whose place it has."""
    own = cell.get("name") or etree.QName(cell).localname
    return own != column and own in columns


def _has_beside(row: etree._Element) -> bool:
    """Whether something stands in attributes beside the values of a row, or between its values."""
    if list_attributes(row) or any(map(_has_attributes, row)):
        return True
    texts = (row.text, *(cell.tail for cell in row)) if len(row) else ()
    return any(text and text.strip() for text in texts)


def _has_attributes(cell: etree._Element) -> bool:
    """Whether a value has attributes besides its text."""
    attributes = any(one.attrib and list_attributes(one) for one in cell.iter())
    return attributes and any(str(text).strip() for text in cell.itertext())


def _make_table(
    found: ObjectType, want: Wanted, text: XmlText, beside: list[UnreadPart]
) -> TextTable | UnreadableTable:
    file, notices = text.text.file, text.text.notices()
    try:
        header = header_at(found.columns, 0, want, title=found.name)
    except CannotRead as error:
        return UnreadableTable(file.shown, want.name, None, error)
    table = rows_table(
        file,
        want.name,
        found.name,
        header,
        found.rows,
        notices,
        at_end=lambda: [*text.notices(), *found.notices],
    )
    table.beside = beside
    return table


def _refuse_other(root: etree._Element) -> None:
    if etree.QName(root).localname != "DMSContent":
        raise CannotRead(
            "xml_unknown",
            "Die XML-Datei ist kein enaio-Export (DMSContent). "
            "Bitte den Datenexport als XML verwenden.",
        )
    if root.get("format", "LOL") != "LOL":
        raise CannotRead(
            "xml_unknown",
            "Dieses Format der XML-Datei ist unbekannt. "
            "Bitte in enaio das lineare XML-Format (LOL) wählen.",
        )


def _missing_error(want: Wanted, seen: Sequence[str]) -> CannotRead:
    listed = ", ".join(f"„{s}“" for s in seen) or "keine"
    return CannotRead(
        "sheet_missing",
        f"Der Objekttyp „{want.table or want.name}“ fehlt in der Datei. Enthalten sind: {listed}. "
        "Bitte den Export oder die Zuordnung anpassen.",
    )
