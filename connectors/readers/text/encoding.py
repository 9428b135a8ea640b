"""Decide how a text file is encoded, by rule, and give it as blocks of UTF-8. No columns, no rows here."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from connectors.tables.text_table import CannotRead, Notice

# Smaller blocks parse in the processor's cache: measured best of 1 to 16 MiB.
BLOCK_BYTES = 4 * 2**20

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_IN_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
_BLANK = b" \t\r\n\0"
# One byte in so many: for text of two bytes each; and more than is dirt in a text of single bytes.
_SOME_NULS, _MANY_NULS = 20, 5
_SAME_BYTE = 8
_NO_TEXT = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})


@dataclass(frozen=True)
class TextFile:
    """A text file whose every byte was proven to be of ``encoding``; before it stand ``skip`` bytes of order mark."""

    path: Path
    encoding: str
    skip: int
    nuls: int = 0
    first_nul_line: int | None = None

    def read_blocks(self, size: int = BLOCK_BYTES) -> Iterator[bytes]:
        """The text as UTF-8, without byte order mark and NUL characters; cut anywhere."""
        for block in _recode_blocks(_read_bytes(self.path, self.skip, size), self.encoding):
            yield block.replace(b"\0", b"") if self.nuls else block

    def notices(self) -> list[Notice]:
        """What a person should know about the bytes of this file."""
        if not self.nuls:
            return []
        message = (
            f"{self.nuls} Nullzeichen (NUL) wurden entfernt, zuerst in Zeile {self.first_nul_line}."
        )
        return [Notice("nul_removed", message, row=self.first_nul_line)]


def detect_encoding(path: Path, declared: str | None = None) -> TextFile:
    """Decide by declaration, byte order mark, UTF-16's NULs, strict UTF-8, strict cp1252, in this order; else refuse.

    The NULs come before UTF-8 because UTF-16 of plain ASCII would pass as UTF-8. Never by statistics: a detector takes
    German cp1252 for cp1250 and spoils names. Raises CannotRead: ``encoding`` with byte and line, ``empty_file``.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    mark, skip = next(((name, len(bom)) for bom, name in _BOMS if head.startswith(bom)), (None, 0))
    if not any(block.strip(_BLANK) for block in _read_bytes(path, skip, BLOCK_BYTES)):
        raise CannotRead("empty_file", "Die Datei ist leer. Bitte den Export wiederholen.")
    encoding = _codec_name(declared, mark) if declared else (mark or _utf16_by_nuls(head))
    bad, nul = _first_bad(path, encoding or "utf-8", skip)
    if bad is not None and encoding is None:
        encoding = "cp1252"
        bad, nul = _first_bad(path, encoding, skip)
    if bad is not None:
        raise _undecodable_error(path, encoding or "utf-8", skip, bad)
    nuls, line = _count_nuls(path, encoding or "utf-8", skip) if nul else (0, None)
    return TextFile(path, encoding or "utf-8", skip, nuls, line)


def _codec_name(declared: str, mark: str | None) -> str:
    try:
        codec = codecs.lookup(declared)
        if (
            not codec._is_text_encoding or codec.name.replace("-", "_") in _NO_TEXT
        ):  # "hex" and its like
            raise LookupError
    except (LookupError, ValueError):
        raise CannotRead(
            "encoding", f"Die Kodierung „{declared}“ aus der Zuordnung gibt es nicht."
        ) from None
    name = codec.name
    name = {"utf-8-sig": "utf-8", "utf-16": mark or "utf-16-le", "utf-32": mark or "utf-32-le"}.get(
        name, name
    )
    if mark is not None and name != mark:
        raise CannotRead(
            "encoding",
            f"Die Zuordnung nennt die Kodierung {declared}, die Datei trägt aber die Kennung von {mark}. "
            "Bitte die Kodierung in der Zuordnung berichtigen oder weglassen.",
        )
    return name


def _utf16_by_nuls(head: bytes) -> str | None:
    """UTF-16 without a mark: of blanks, digits and delimiters one byte of two is NUL, and always the same one.

    In Arabic names these are all that has a NUL, and a few letters (as Ā) have it as their other byte. Raises CannotRead where so
    many NULs follow no such pattern: taken out, they would leave something else than what was written.
    """
    sample = head[: len(head) // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    for encoding, many, few, feed in (
        ("utf-16-le", odd, even, b"\n\0"),
        ("utf-16-be", even, odd, b"\0\n"),
    ):
        if (
            many * _SOME_NULS >= len(sample) > 0
            and many >= _SAME_BYTE * few
            and _ends_lines(sample, feed, many)
        ):
            return encoding
    if (even + odd) * _MANY_NULS < len(sample):
        return None
    raise CannotRead(
        "encoding",
        "Die Datei enthält so viele Nullzeichen (NUL), dass sie kein Text in einer bekannten Kodierung ist. "
        "Bitte als UTF-8 neu exportieren oder die Kodierung in der Zuordnung angeben.",
    )


def _ends_lines(sample: bytes, feed: bytes, nuls: int) -> bool:
    """Whether lines end as they would, or nearly every second byte is a NUL in a text of one line."""
    feeds = sample.count(b"\n")
    return sample.count(feed) * 2 > feeds if feeds else nuls * 4 >= len(sample)


def _first_bad(path: Path, encoding: str, skip: int) -> tuple[int | None, bool]:
    """Place in the file of the first byte that is no character, None if all are; and whether NUL bytes were seen."""
    at, rest, nul = skip, b"", False
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    for block in _read_bytes(path, skip, BLOCK_BYTES):
        nul = nul or b"\0" in block
        if encoding == "cp1252":
            bad = min((p for byte in _NOT_IN_CP1252 if (p := block.find(byte)) >= 0), default=-1)
        elif encoding == "utf-8":
            block, at = rest + block, at - len(rest)
            cut = _whole_characters(block)
            bad, rest = _bad_utf8(block, cut), block[cut:]
        else:
            bad = _bad_other(decoder, block)
        if bad >= 0:
            return at + bad, nul
        at += len(block)
    if rest:
        return at - len(rest), nul
    return at if _bad_other(decoder, b"", final=True) >= 0 else None, nul


def _bad_utf8(block: bytes, end: int) -> int:
    """Checked by Arrow, several times faster than decoding; Python then says where."""
    offsets = pa.py_buffer(b"".join(n.to_bytes(8, "little") for n in (0, end)))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(block)]).validate(
            full=True
        )
    except pa.ArrowInvalid:
        try:
            block[:end].decode("utf-8")
        except UnicodeDecodeError as error:
            return error.start
    return -1


def _bad_other(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> int:
    try:
        decoder.decode(block, final).encode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    except UnicodeEncodeError:
        return 0
    return -1


def _whole_characters(block: bytes) -> int:
    """Length of the part of a block that ends between two characters of UTF-8."""
    for back in range(1, min(3, len(block)) + 1):
        byte = block[-back]
        if byte >= 0xC0:
            need = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(block) - back if need > back else len(block)
        if byte < 0x80:
            break
    return len(block)


def _read_bytes(path: Path, skip: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(skip)
        while block := file.read(size):
            yield block


def _recode_blocks(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Blocks in another encoding as UTF-8, without holding the file."""
    if encoding == "utf-8":
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    for block in blocks:
        yield (
            block
            if encoding == "cp1252" and block.isascii()
            else decoder.decode(block).encode("utf-8")
        )


def _count_nuls(path: Path, encoding: str, skip: int) -> tuple[int, int | None]:
    """How many NUL characters, and the line of the first."""
    total, line, first = 0, 1, None
    for block in _recode_blocks(_read_bytes(path, skip, BLOCK_BYTES), encoding):
        before, nul, _ = block.partition(b"\0")
        if first is None:
            line += before.count(b"\n")
            first = line if nul else None
        total += block.count(b"\0")
    return total, first


def _undecodable_error(path: Path, encoding: str, skip: int, byte: int) -> CannotRead:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    line, left, value = 1, byte - skip, b""
    for block in _read_bytes(path, skip, BLOCK_BYTES):
        line += decoder.decode(block[:left]).count("\n")
        value = block[left : left + 1]
        left = max(left - len(block), 0)
        if value:
            break
    named = f" (0x{value.hex().upper()})" if value else ""
    tried = (
        "weder UTF-8 noch Windows-1252"
        if encoding == "cp1252"
        else f"nicht durchgehend {encoding.upper()}"
    )
    return CannotRead(
        "encoding",
        f"Die Datei ist {tried}: Zeile {line}, Byte {byte + 1}{named} ist dort kein Zeichen. "
        "Bitte als UTF-8 neu exportieren oder die Kodierung in der Zuordnung angeben.",
        row=line,
    )
