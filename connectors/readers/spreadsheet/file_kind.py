"""Recognises the kind of a delivered file by its first bytes, never by its name; checks zips."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Literal

from connectors.readers.spreadsheet.size_check import (
    check_part,
    incomplete_error,
    overlapping_chunks,
)
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

Kind = Literal["workbook", "encrypted", "xml", "html", "xml_2003", "json", "text"]

# What reading a damaged zip or the XML within may raise.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON = re.compile(rb"""(?:\[\s*)?\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\})""")
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table")
_XML_STARTS = (b"<?xml", b"<!doctype", b"<!--", b"<dmscontent")
_FOREIGN = (
    (b"%PDF", "ein PDF"),
    (b"\x89PNG", "ein Bild"),
    (b"\xff\xd8\xff", "ein Bild"),
    (b"Rar!", "ein RAR-Archiv"),
    (b"7z\xbc\xaf", "ein 7z-Archiv"),
    (b"\x1f\x8b", "eine gzip-Datei"),
    (b"SQLite format 3", "eine Datenbank"),
    (b"PAR1", "eine Parquet-Datei"),
    (b"{\\rtf", "ein RTF-Dokument"),
    (b"\x00\x01\x00\x00Standard ", "eine Access-Datenbank"),
)


def file_kind(path: Path, limits: Limits) -> Kind:
    """The kind of reader a file needs, "encrypted" for a workbook with a password.

    Raises CannotRead ``too_large``, ``empty_file``, ``unknown_format``, or as `check_zip`.
    """
    if path.stat().st_size > limits.file_bytes:
        raise CannotRead(
            "too_large",
            f"Die Datei ist größer als {limits.file_bytes // 2**20} MiB und wurde nicht gelesen.",
        )
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise CannotRead("empty_file", "Die Datei ist leer. Bitte den Export wiederholen.")
    if head.startswith(b"PK"):
        check_zip(path, limits)
        return "workbook"
    if head.startswith(OLE):
        return "encrypted" if _is_encrypted(path) else "workbook"
    _refuse_foreign(head)
    return _kind_of_text(head)


def _refuse_foreign(head: bytes) -> None:
    for magic, name in _FOREIGN:
        if head.startswith(magic):
            raise CannotRead(
                "unknown_format",
                f"Die Datei ist {name} und keine Tabelle. Bitte als XLSX, CSV oder XML exportieren.",
            )


def _kind_of_text(head: bytes) -> Kind:
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(_HTML_STARTS):
        return "html"
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return "xml_2003"
    if _JSON.match(start):
        return "json"
    return "xml" if start.startswith(_XML_STARTS) else "text"


def _is_encrypted(path: Path) -> bool:
    """Whether an OLE file holds a stream of the name that an encrypted xlsx has there."""
    name = "EncryptedPackage".encode("utf-16-le")
    with path.open("rb") as file:
        return any(name in chunk for chunk in overlapping_chunks(file))


def check_zip(content: Path | IO[bytes], limits: Limits) -> None:
    """Checks that a workbook is whole and within the limits by unpacking every entry once.

    It is unpacked in small pieces that are not kept. Raises CannotRead ``broken_file``,
    ``too_large``, ``encrypted`` or ``unknown_format``.
    """
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            _check_sizes(entries, limits)
            _check_names({entry.filename for entry in entries})
            for entry in entries:
                if entry.flag_bits & 1:
                    raise encrypted_error()
                with archive.open(entry) as part:
                    check_part(part, entry.filename, limits)
    except DAMAGED:
        raise incomplete_error() from None


def _check_names(names: set[str]) -> None:
    if not names & {"[Content_Types].xml", "mimetype", "content.xml"}:
        raise CannotRead(
            "unknown_format",
            "Die Datei ist ein ZIP-Archiv und keine Arbeitsmappe. Bitte entpackt ablegen.",
        )
    # How far the sheets of this format reach is only known after parsing them.
    if "xl/workbook.bin" in names:
        raise CannotRead(
            "unknown_format",
            "Die Datei ist eine binäre Excel-Arbeitsmappe (.xlsb). "
            "Bitte in Excel als .xlsx speichern und neu ablegen.",
        )


def _check_sizes(entries: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    total = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    inflated = total > limits.inflation_from and total > limits.inflation * packed
    if len(entries) > limits.zip_entries or total > limits.unzipped_bytes or inflated:
        raise CannotRead(
            "too_large",
            "Die Arbeitsmappe würde ausgepackt übermäßig groß und wurde nicht geöffnet. "
            "Bitte leere Zeilen und Spalten löschen oder neu exportieren.",
        )


def encrypted_error() -> CannotRead:
    """The refusal of a file that needs a password."""
    return CannotRead(
        "encrypted",
        "Die Datei ist mit einem Kennwort verschlüsselt. "
        "Bitte ohne Kennwortschutz speichern und neu ablegen.",
    )
