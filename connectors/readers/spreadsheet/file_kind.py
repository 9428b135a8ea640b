"""What a delivered file really is, by its first bytes and never by its name; and whether a zip is whole and bounded."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Literal

from connectors.readers.spreadsheet.size_check import check_part
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

Kind = Literal["workbook", "encrypted", "xml", "html", "xml_2003", "json", "text"]

# What a damaged zip or the XML within may raise.
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

_CHUNK = 2**20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON = re.compile(rb"""(?:\[\s*)?\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\})""")
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
    """The kind of reader a file needs, "encrypted" for a workbook with a password; raises CannotRead for what no reader takes."""
    if path.stat().st_size > limits.file_bytes:
        message = (
            f"Die Datei ist größer als {limits.file_bytes // 2**20} MiB und wurde nicht gelesen."
        )
        raise CannotRead("too_large", message)
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise CannotRead("empty_file", "Die Datei ist leer. Bitte den Export wiederholen.")
    if head.startswith(b"PK"):
        check_zip(path, limits)
        return "workbook"
    if head.startswith(OLE):
        return "encrypted" if _is_encrypted(path) else "workbook"
    for magic, name in _FOREIGN:
        if head.startswith(magic):
            message = (
                f"Die Datei ist {name} und keine Tabelle. Bitte als XLSX, CSV oder XML exportieren."
            )
            raise CannotRead("unknown_format", message)
    return _kind_of_text(head)


def _kind_of_text(head: bytes) -> Kind:
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<table")):
        return "html"
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return "xml_2003"
    if _JSON.match(start):
        return "json"
    return "xml" if start.startswith((b"<?xml", b"<!doctype", b"<!--", b"<dmscontent")) else "text"


def _is_encrypted(path: Path) -> bool:
    """An encrypted xlsx hides in the container of old Excel files, under a stream of this name."""
    mark, rest = "EncryptedPackage".encode("utf-16-le"), b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if mark in rest + chunk:
                return True
            rest = chunk[-len(mark) :]
    return False


def check_zip(content: Path | IO[bytes], limits: Limits) -> None:
    """Unpack every entry once, in small pieces and into nothing: proves it whole and within the bounds."""
    broken = CannotRead(
        "broken_file",
        "Die Arbeitsmappe ist unvollständig oder beschädigt. Bitte neu exportieren und vollständig übertragen.",
    )
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            total = sum(e.file_size for e in entries)
            _check_sizes(len(entries), total, sum(e.compress_size for e in entries), limits)
            names = {e.filename for e in entries}
            if not names & {"[Content_Types].xml", "mimetype", "content.xml"}:
                message = (
                    "Die Datei ist ein ZIP-Archiv und keine Arbeitsmappe. Bitte entpackt ablegen."
                )
                raise CannotRead("unknown_format", message)
            if "xl/workbook.bin" in names:
                # Nothing tells how far its sheets reach before they are parsed.
                message = "Die Datei ist eine binäre Excel-Arbeitsmappe (.xlsb). Bitte in Excel als .xlsx speichern und neu ablegen."
                raise CannotRead("unknown_format", message)
            for entry in entries:
                if entry.flag_bits & 1:
                    raise encrypted_error()
                with archive.open(entry) as part:
                    check_part(part, entry.filename, limits)
    except DAMAGED:
        raise broken from None


def _check_sizes(entries: int, total: int, packed: int, limits: Limits) -> None:
    inflated = total > limits.inflation_from and total > limits.inflation * max(packed, 1)
    if entries > limits.zip_entries or total > limits.unzipped_bytes or inflated:
        raise CannotRead(
            "too_large",
            "Die Arbeitsmappe würde ausgepackt übermäßig groß und wurde nicht geöffnet. "
            "Bitte leere Zeilen und Spalten löschen oder neu exportieren.",
        )


def encrypted_error() -> CannotRead:
    """The refusal of a file that needs a password."""
    message = "Die Datei ist mit einem Kennwort verschlüsselt. Bitte ohne Kennwortschutz speichern und neu ablegen."
    return CannotRead("encrypted", message)
