"""Writes a delivered file anew without some of its rows, in the form its content has."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from lxml import etree

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.enaio.rest_pages import is_enaio_page
from connectors.readers.spreadsheet.file_kind import file_kind
from connectors.readers.spreadsheet.open_workbook import open_workbook, read_sheet, visible_sheets
from connectors.readers.text.declared_encoding import declared_encoding
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.redaction.tagged_rows import redact_export, redact_page, redact_xml_2003
from connectors.redaction.text_lines import redact_json, redact_text
from connectors.redaction.wanted_rows import CannotRedact, Redaction
from connectors.redaction.workbook_rows import redact_workbook
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, Dialect

_ZIP = b"PK\x03\x04"
_DECLARED = re.compile(rb"^(<\?xml[^>]*encoding=[\"'])UTF8([\"'])", re.I)
_MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def redact_file(
    path: Path,
    shown: str,
    redaction: Redaction,
    dialects: Sequence[Dialect],
    limits: Limits,
) -> bytes:
    """The bytes of the file without the rows; ``dialects``: those of its tables as read.

    An old workbook (.xls) becomes an .xlsx of the shown texts. Raises CannotRedact.
    """
    try:
        return _redact(path, DeliveredFile(path, shown, limits), redaction, dialects, limits)
    except (CannotRead, etree.LxmlError, ValueError, KeyError, LookupError) as error:
        name = type(error).__name__
        raise CannotRedact(f"the file cannot be written anew ({name})") from None


def _redact(
    path: Path,
    file: DeliveredFile,
    redaction: Redaction,
    dialects: Sequence[Dialect],
    limits: Limits,
) -> bytes:
    encoding = next((d.encoding for d in dialects if d.encoding), None)
    if is_enaio_page(path, file.shown):
        return _redact_objects(path.read_bytes(), redaction)
    match file_kind(path, limits):
        case "workbook":
            return _redact_book(path, redaction, limits)
        case "encrypted":
            raise CannotRedact("a workbook with a password cannot be written anew")
        case "xml":
            return redact_export(_DECLARED.sub(rb"\1UTF-8\2", path.read_bytes()), redaction)
        case "xml_2003":
            return redact_xml_2003(path.read_bytes(), redaction)
        case "html":
            encoding = encoding or declared_encoding(file)
            return _rewrite_text(file, encoding, redaction, redact_page)
        case "json":
            return _rewrite_text(file, encoding, redaction, redact_json)
        case _:
            return _redact_lines(file, encoding, redaction, dialects)


def _redact_lines(
    file: DeliveredFile, encoding: str | None, redaction: Redaction, dialects: Sequence[Dialect]
) -> bytes:
    text = detect_encoding(file, encoding)
    dialect = next(iter(dialects), Dialect())
    is_fixed = bool(dialect.fixed) and dialect.delimiter is None
    delimiter = None if is_fixed else dialect.delimiter
    return _encode(text, redact_text(_decode(text), redaction, delimiter, dialect.quote))


def _rewrite_text(
    file: DeliveredFile,
    encoding: str | None,
    redaction: Redaction,
    redact: Callable[[str, Redaction], str],
) -> bytes:
    text = detect_encoding(file, encoding)
    return _encode(text, redact(_decode(text), redaction))


def _decode(text: TextFile) -> str:
    return text.file.path.read_bytes()[text.skip :].decode(text.encoding)


def _encode(text: TextFile, content: str) -> bytes:
    mark = _MARKS.get(text.encoding, b"") if text.skip else b""
    return mark + content.encode(text.encoding)


def _redact_book(path: Path, redaction: Redaction, limits: Limits) -> bytes:
    content = path.read_bytes()
    if content.startswith(_ZIP):
        return redact_workbook(content, redaction)
    return redact_workbook(_convert_old(path, limits), redaction)


def _convert_old(path: Path, limits: Limits) -> bytes:
    """An .xlsx with the texts of an old workbook, at the same places, and what is said of its rows."""
    import xlsxwriter  # type: ignore[import-untyped]

    target = io.BytesIO()
    with open_workbook(path, limits=limits) as book, xlsxwriter.Workbook(target) as made:
        for name in visible_sheets(book):
            sheet = made.add_worksheet(name)
            source = read_sheet(book, name)
            for number, cells in source.first_rows(limits.rows):
                for at, cell in enumerate(cells, source.first_column):
                    sheet.write_string(number - 1, at, cell)
            for number, remarks in source.marks.remarks.items():
                for at, remark in enumerate(remarks):
                    sheet.write_comment(number - 1, at, remark)
    return target.getvalue()


def _redact_objects(content: bytes, redaction: Redaction) -> bytes:
    """A stored page of enaio without the objects that are the person's."""
    return json.dumps(_prune(json.loads(content), redaction), ensure_ascii=False).encode()


def _prune(value: object, redaction: Redaction) -> object:
    if isinstance(value, dict):
        return {name: _prune(part, redaction) for name, part in value.items()}
    if isinstance(value, list):
        return [_prune(one, redaction) for one in value if not _is_persons(one, redaction)]
    return redaction.trim_cell(value) if isinstance(value, str) else value


def _is_key(text: str, redaction: Redaction) -> bool:
    return text in redaction.keys


def _is_persons(value: object, redaction: Redaction) -> bool:
    texts = list(_list_texts(value))
    is_key = any(_is_key(text, redaction) for text in texts)
    return isinstance(value, dict) and (is_key or redaction.names_row(texts))


def _list_texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _list_texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _list_texts(part)]
    return [str(value)] if value is not None else []
