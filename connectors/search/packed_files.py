"""Opens what is packed in files of every common kind, and says what stays closed.

Closed is what is encrypted, or packed in a way that nothing here unpacks: nobody knows what is in
it.
"""

from __future__ import annotations

import bz2
import io
import logging
import lzma
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from connectors.documents.pdf_texts import read_streams

_MOST_UNPACKED = 1 << 31
_TAGS = re.compile(rb"<[^>]*>")
_KINDS = (
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"%PDF-", "pdf"),
    (b"PAR1", "parquet"),
)
_TAR, _TAR_AT = b"ustar", 257
_CLOSED = (
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"age-encryption.org/",
    b"-----BEGIN AGE ENCRYPTED FILE",
    b"-----BEGIN PGP MESSAGE",
    b"-----BEGIN CMS",
    b"-----BEGIN PKCS7",
    b"Salted__",
    b"\x03\xd9\xa2\x9a",
)
# An enveloped CMS message names its kind in the first bytes; an encrypted Office document is an OLE
# file with this stream; a DuckDB file packs texts in ways of its own.
_ENVELOPED = bytes.fromhex("2a864886f70d010703")
_OLE, _OFFICE = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")
_DUCKDB, _DUCKDB_AT = b"DUCK", 8
_JWE = re.compile(rb"eyJ[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+\s*", re.A)
HEAD = 512
# What an encrypted Office document or a token is, its first bytes alone do not say.
TOLD_BY_ALL = (_OLE, b"eyJ")


class _Decompressor(Protocol):
    """What gzip, bzip2 and xz have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class Closed(Exception):
    """Nobody can say what is in the file."""


def find_kind(data: bytes) -> str | None:
    """The kind of packed file, by its first bytes."""
    if data[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        return "tar"
    return next((kind for mark, kind in _KINDS if data.startswith(mark)), None)


def is_closed(data: bytes) -> bool:
    """Whether the bytes are encrypted, or packed in a way that nothing here unpacks."""
    return (
        data.startswith(_CLOSED)
        or (data.startswith(_OLE) and _OFFICE in data)
        or (data.startswith(b"\x30") and _ENVELOPED in data[:64])
        or data[_DUCKDB_AT : _DUCKDB_AT + len(_DUCKDB)] == _DUCKDB
        or (data.startswith(b"eyJ") and _JWE.fullmatch(data) is not None)
    )


def unpack(data: bytes) -> Iterator[bytes]:
    """The parts of a packed file, nothing of any other; raises Closed in the midst of them."""
    if is_closed(data):
        raise Closed
    kind = find_kind(data)
    if kind is None:
        return
    try:
        yield from _UNPACKERS[kind](data)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        OSError,
        EOFError,
        ValueError,
        zlib.error,
        lzma.LZMAError,
        RuntimeError,
        NotImplementedError,
    ):
        # It is no archive after all, or a damaged or an encrypted one; its own bytes were searched.
        raise Closed from None


def _unpack_zip(data: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            yield os.fsencode(entry.filename)
        for entry in archive.infolist():
            if entry.file_size >= _MOST_UNPACKED:
                raise Closed
            yield _read_member(archive, entry)


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The member, and what its markup says without tags, as a name may be in two of them."""
    content = archive.read(entry)
    if entry.filename.endswith(".xml"):
        return content + b"\n" + _TAGS.sub(b" ", content)
    return content


def _unpack_tar(data: bytes) -> Iterator[bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for entry in archive:
            yield os.fsencode(entry.name)
            file = archive.extractfile(entry) if entry.isfile() else None
            if file is not None:
                yield file.read()


def _unpack_stream(make: Callable[[], _Decompressor]) -> Callable[[bytes], Iterator[bytes]]:
    def unpack_all(data: bytes) -> Iterator[bytes]:
        left = _MOST_UNPACKED
        while data:
            stream = make()
            part = stream.decompress(data, left)
            yield part
            left, data = left - len(part), stream.unused_data
            if not stream.eof:
                raise Closed

    return unpack_all


def _unpack_pdf(data: bytes) -> Iterator[bytes]:
    """The streams as they are, then the text, which fonts write by numbers of their own."""
    yield from read_streams(data, _MOST_UNPACKED)
    yield from _read_pdf(data)


def _read_pdf(data: bytes) -> Iterator[bytes]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    # It warns of what it mends in words that may be those of the file.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Closed
        about: dict[str, Any] = {**(reader.metadata or {}), **(reader.get_form_text_fields() or {})}
        texts = [str(value) for value in about.values() if value is not None]
        texts += [page.extract_text() for page in reader.pages]
        attached = [part for parts in reader.attachments.values() for part in parts]
    except (PyPdfError, KeyError, TypeError, AttributeError, RecursionError):
        raise Closed from None
    yield "\n".join(texts).encode("utf-8", "replace")
    yield from attached


def _unpack_parquet(data: bytes) -> Iterator[bytes]:
    from pyarrow import parquet

    for batch in parquet.ParquetFile(io.BytesIO(data)).iter_batches(10_000):
        rows = (" ".join(map(str, row.values())) for row in batch.to_pylist())
        yield "\n".join(rows).encode("utf-8", "replace")


_UNPACKERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "zip": _unpack_zip,
    "tar": _unpack_tar,
    "gzip": _unpack_stream(lambda: zlib.decompressobj(31)),
    "bzip2": _unpack_stream(bz2.BZ2Decompressor),
    "xz": _unpack_stream(lzma.LZMADecompressor),
    "pdf": _unpack_pdf,
    "parquet": _unpack_parquet,
}
