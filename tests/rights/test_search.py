"""However a file packs what it holds, the search finds a person in it or says that nobody could look."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import typst
from pyarrow import parquet
from pypdf import PdfReader, PdfWriter

from connectors.search.byte_search import search_file, search_folder
from connectors.search.needles import name_needle, word_needle

LAST, FIRST, NUMBER = "Zzyżx-Şahin", "Amal", "AZR-470011"
NEEDLES = [name_needle("Name", LAST, FIRST), word_needle("Nummer", NUMBER)]
TEXT = f"{FIRST} {LAST}, {NUMBER}"
BOTH = {"Name", "Nummer"}


def pack_zip(content: bytes = TEXT.encode(), name: str = "akte.txt") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def pack_tar() -> bytes:
    packed, content = io.BytesIO(), gzip.compress(TEXT.encode())
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("akte.gz")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def set_pdf() -> bytes:
    """A PDF whose font writes the letters by numbers of its own."""
    made: bytes = typst.compile(TEXT.encode())
    return made


def pack_parquet() -> bytes:
    packed = io.BytesIO()
    table = pa.table({"vorname": [FIRST], "nachname": [LAST], "nummer": [NUMBER]})
    parquet.write_table(table, packed, compression="zstd")
    return packed.getvalue()


def lock_pdf() -> bytes:
    writer, packed = PdfWriter(PdfReader(io.BytesIO(set_pdf()))), io.BytesIO()
    writer.encrypt("geheim", algorithm="AES-256")
    writer.write(packed)
    return packed.getvalue()


def lock_zip() -> bytes:
    """A zip that says of its member that it is encrypted."""
    packed = bytearray(pack_zip())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + flags] |= 1
    return bytes(packed)


def write_duckdb(folder: Path) -> bytes:
    with duckdb.connect(str(folder / "w.duckdb")) as connection:
        connection.execute("CREATE TABLE t AS SELECT ? AS name", [TEXT])
    return (folder / "w.duckdb").read_bytes()


OPENED: dict[str, Callable[[], bytes]] = {
    "zip": pack_zip,
    "zip in a zip": lambda: pack_zip(pack_zip(), "a.zip"),
    "gzip of a zip": lambda: gzip.compress(pack_zip()),
    "two gzips in one": lambda: gzip.compress(b"eins") + gzip.compress(TEXT.encode()),
    "bzip2": lambda: bz2.compress(TEXT.encode()),
    "xz": lambda: lzma.compress(TEXT.encode()),
    "tar with a gzip": pack_tar,
    "pdf": set_pdf,
    "pdf in a zip": lambda: pack_zip(set_pdf(), "brief.pdf"),
    "parquet": pack_parquet,
}
CLOSED: dict[str, Callable[[], bytes]] = {
    "zip with a password": lock_zip,
    "pdf with a password": lock_pdf,
    "age": lambda: b"age-encryption.org/v1\n-> X25519 " + bytes(200),
    "7z": lambda: b"7z\xbc\xaf\x27\x1c" + bytes(200),
    "zstandard": lambda: b"\x28\xb5\x2f\xfd" + bytes(200),
    "gzip that breaks off": lambda: gzip.compress(TEXT.encode())[:14],
    "office with a password": lambda: (
        b"\xd0\xcf\x11\xe0" + bytes(4000) + "EncryptedPackage".encode("utf-16-le")
    ),
    "token": lambda: b"eyJhbGciOiJSU0EifQ.QUJD.QUJD.QUJD.QUJD",
    "zip of a 7z": lambda: pack_zip(b"7z\xbc\xaf\x27\x1c" + bytes(200), "a.7z"),
}


@pytest.mark.parametrize("kind", OPENED)
def test_what_is_packed_is_found(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(OPENED[kind]())
    searched = search_file(path, NEEDLES)
    assert (searched.kinds, searched.is_closed) == (BOTH, False)


@pytest.mark.parametrize("kind", CLOSED)
def test_what_nobody_can_look_into_is_named(kind: str, tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(CLOSED[kind]())
    result = search_folder(tmp_path, NEEDLES)
    assert (result.closed, result.unreadable) == (["t"], [])


def test_a_warehouse_is_looked_into_by_queries_only(tmp_path: Path) -> None:
    write_duckdb(tmp_path)
    assert search_folder(tmp_path, NEEDLES).closed == ["w.duckdb"]


def test_a_cms_message_is_closed(tmp_path: Path) -> None:
    key, cert = tmp_path / "k.pem", tmp_path / "c.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"]
    subprocess.run([*make, "-keyout", key, "-out", cert], check=True, capture_output=True)
    (tmp_path / "plain").write_text(TEXT)
    seal = ["openssl", "cms", "-encrypt", "-binary", "-in", tmp_path / "plain", "-outform", "DER"]
    subprocess.run([*seal, "-out", tmp_path / "t", cert], check=True)
    assert search_file(tmp_path / "t", NEEDLES).is_closed


@pytest.mark.parametrize("encoding", ["cp1254", "cp850", "mac_roman", "utf-32-le"])
def test_old_encodings_are_looked_through(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes("Jürgen Müller".encode(encoding))
    assert search_file(tmp_path / "t", [name_needle("Name", "Müller", "Jürgen")]).kinds == {"Name"}
