"""Determines the encoding of a text file by rule and yields the text as blocks of UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.text.encoding_doubt import EncodingDoubt, doubt_encoding
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
# One NUL in so many bytes is enough for text of two bytes a character; more than one in
# ``_MANY_NULS`` is more than stray NULs in a text of single bytes.
_SOME_NULS, _MANY_NULS = 20, 5
_SAME_BYTE = 8
_NO_TEXT = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})


@dataclass(frozen=True)
class TextFile:
    """A text file of which every byte was found valid in ``encoding``.

    ``skip`` is the length of the byte order mark, ``nuls`` the number of NUL characters, in place
    of which ``nul_as`` is read.
    """

    file: DeliveredFile
    encoding: str
    skip: int
    nuls: int
    first_nul_line: int | None
    nul_as: bytes = b""

    def read_blocks(self, size: int = BLOCK_BYTES) -> Iterator[bytes]:
        """The text as UTF-8 without byte order mark, NUL characters replaced.

        Blocks may end within a character.
        """
        for block in _recode_blocks(_read_bytes(self.file.path, self.skip, size), self.encoding):
            yield block.replace(b"\0", self.nul_as) if self.nuls else block

    def written_as(
        self, delimiter: str | None = None, quote: str | None = None, escape: str | None = None
    ) -> dict[str, str | None]:
        """How the file is written, for ``TextTable.written``."""
        return {
            "encoding": self.encoding,
            "delimiter": delimiter,
            "quote": quote,
            "escape": escape,
        }

    def notices(self) -> list[Notice]:
        """What a person should know about the bytes of this file."""
        if not self.nuls:
            return []
        line = self.first_nul_line
        done = "als Leerzeichen gelesen" if self.nul_as else "entfernt"
        message = f"{self.nuls} Nullzeichen (NUL) wurden {done}, zuerst in Zeile {line}."
        return [Notice("nul_removed", message, row=line)]


def detect_encoding(source: DeliveredFile, declared: str | None = None) -> TextFile:
    """Determines the encoding of a file and checks every byte of it.

    In this order: declaration, byte order mark, NULs as in UTF-16 (plain ASCII in UTF-16 would pass
    as UTF-8), strict UTF-8, strict cp1252. Never by statistics: a detector takes German cp1252 for
    cp1250 and spoils names. What the text would look like can only speak against an encoding.
    Raises CannotRead: ``encoding`` with byte and line, ``empty_file``.
    """
    path = source.path
    with path.open("rb") as file:
        head = file.read(4096)
    mark, skip = next(((name, len(bom)) for bom, name in _BOMS if head.startswith(bom)), (None, 0))
    if not any(block.strip(_BLANK) for block in _read_bytes(path, skip)):
        raise CannotRead("empty_file", "Die Datei ist leer. Bitte den Export wiederholen.")
    known = _codec_name(declared, mark) if declared else (mark or _utf16_by_nuls(head))
    encoding = known or "utf-8"
    bad, has_nul = _first_bad(path, encoding, skip)
    if bad is not None and known is None:
        encoding = "cp1252"
        bad, has_nul = _first_bad(path, encoding, skip)
    if bad is not None:
        raise _undecodable_error(path, encoding, skip, bad)
    if doubt := doubt_encoding(_read_bytes(path, skip), encoding):
        raise _doubted_error(path, encoding, skip, doubt)
    nuls, line = _count_nuls(path, encoding, skip) if has_nul else (0, None)
    return TextFile(source, encoding, skip, nuls, line)


def _codec_name(declared: str, mark: str | None) -> str:
    """The name of a declared encoding; raises CannotRead if unknown or contradicted by a mark."""
    codec = _find_codec(declared)
    with_mark = {"utf-8-sig": "utf-8", "utf-16": mark or "utf-16-le", "utf-32": mark or "utf-32-le"}
    name = with_mark.get(codec, codec)
    if mark is not None and name != mark:
        raise CannotRead(
            "encoding",
            f"Die Zuordnung nennt die Kodierung {declared}, "
            f"die Datei trägt aber die Kennung von {mark}. "
            "Bitte die Kodierung in der Zuordnung berichtigen oder weglassen.",
        )
    return name


def _find_codec(declared: str) -> str:
    try:
        codec: codecs.CodecInfo | None = codecs.lookup(declared)
    except (LookupError, ValueError):
        codec = None
    # "hex" and the like are codecs, but no text encodings.
    if codec and codec._is_text_encoding and codec.name.replace("-", "_") not in _NO_TEXT:
        return codec.name
    raise CannotRead("encoding", f"Die Kodierung „{declared}“ aus der Zuordnung gibt es nicht.")


def _utf16_by_nuls(head: bytes) -> str | None:
    """The byte order of UTF-16 without a mark, None if the text is no UTF-16.

    One byte of each blank, digit and delimiter is NUL, always the same one of the two. In Arabic
    names no others have it, and a few letters (as Ā) have it as their other byte. Raises CannotRead
    if many NULs follow no such pattern: removing them would change the text.
    """
    sample = head[: len(head) // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if _has_nul_pattern(sample, odd, even, b"\n\0"):
        return "utf-16-le"
    if _has_nul_pattern(sample, even, odd, b"\0\n"):
        return "utf-16-be"
    if (even + odd) * _MANY_NULS < len(sample):
        return None
    raise CannotRead(
        "encoding",
        "Die Datei enthält so viele Nullzeichen (NUL), "
        "dass sie kein Text in einer bekannten Kodierung ist. "
        "Bitte als UTF-8 neu exportieren oder die Kodierung in der Zuordnung angeben.",
    )


def _has_nul_pattern(sample: bytes, many: int, few: int, feed: bytes) -> bool:
    return (
        many * _SOME_NULS >= len(sample) > 0
        and many >= _SAME_BYTE * few
        and _ends_lines(sample, feed, many)
    )


def _ends_lines(sample: bytes, feed: bytes, nuls: int) -> bool:
    """Whether lines end as in UTF-16.

    In a text of one line, whether a quarter of the bytes are NUL.
    """
    feeds = sample.count(b"\n")
    return sample.count(feed) * 2 > feeds if feeds else nuls * 4 >= len(sample)


def _first_bad(path: Path, encoding: str, skip: int) -> tuple[int | None, bool]:
    """Index of the first invalid byte in the file or None, and whether there are NUL bytes."""
    at, rest, nul = skip, b"", False
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    for block in _read_bytes(path, skip):
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
    """Index of the first invalid byte before ``end``, or -1.

    Arrow checks several times faster than decoding; Python then gives the position.
    """
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
    """Length of the part of a block that ends between two UTF-8 characters."""
    for back in range(1, min(3, len(block)) + 1):
        byte = block[-back]
        if byte >= 0xC0:
            needed = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            return len(block) - back if needed > back else len(block)
        if byte < 0x80:
            break
    return len(block)


def _read_bytes(path: Path, skip: int, size: int | None = None) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(skip)
        while block := file.read(size or BLOCK_BYTES):
            yield block


def _recode_blocks(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Blocks in another encoding as UTF-8, one at a time."""
    if encoding == "utf-8":
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    for block in blocks:
        is_same = encoding == "cp1252" and block.isascii()
        yield block if is_same else decoder.decode(block).encode("utf-8")


def _count_nuls(path: Path, encoding: str, skip: int) -> tuple[int, int | None]:
    """The number of NUL characters and the line of the first."""
    total, line, first = 0, 1, None
    for block in _recode_blocks(_read_bytes(path, skip), encoding):
        before, nul, _ = block.partition(b"\0")
        if first is None:
            line += before.count(b"\n")
            first = line if nul else None
        total += block.count(b"\0")
    return total, first


def _undecodable_error(path: Path, encoding: str, skip: int, byte: int) -> CannotRead:
    line, value = _locate_byte(path, encoding, skip, byte)
    named = f" (0x{value.hex().upper()})" if value else ""
    tried = f"nicht durchgehend {encoding.upper()}"
    if encoding == "cp1252":
        tried = "weder UTF-8 noch Windows-1252"
    return CannotRead(
        "encoding",
        f"Die Datei ist {tried}: Zeile {line}, Byte {byte + 1}{named} ist dort kein Zeichen. "
        "Bitte als UTF-8 neu exportieren oder die Kodierung in der Zuordnung angeben.",
        row=line,
    )


def _doubted_error(path: Path, encoding: str, skip: int, doubt: EncodingDoubt) -> CannotRead:
    line, _ = _locate_byte(path, encoding, skip, skip + doubt.byte)
    what = {
        "utf-8": f"enthält UTF-8 (zuerst in Zeile {line}), wäre aber als {encoding.upper()} zu "
        "lesen: Aus „ü“ würde „Ã¼“ oder Ähnliches.",
        "other": f"ist nicht in {encoding.upper()} geschrieben: Zuerst in Zeile {line} stünden "
        "mitten in Wörtern Zeichen, die kein Name hat (etwa „MŸller“ oder „J„ger“).",
        "language": f"ist nicht in {encoding.upper()} geschrieben, sondern in der Kodierung einer "
        f"anderen Sprache: Zuerst in Zeile {line} stünden falsche Buchstaben (etwa „Þahin“ statt "
        "„Şahin“, „Petroviæ“ statt „Petrović“). Türkisch ist meist CP1254, mitteleuropäisch "
        "CP1250, kyrillisch CP1251.",
    }
    return CannotRead(
        "encoding",
        f"Die Datei {what[doubt.rather]} Bitte durchgehend als UTF-8 neu exportieren oder die "
        "Kodierung in der Zuordnung berichtigen.",
        row=line,
    )


def _locate_byte(path: Path, encoding: str, skip: int, byte: int) -> tuple[int, bytes]:
    """The line of a byte of the file, and the byte itself (b"" at the end of the file)."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    line, left = 1, byte - skip
    for block in _read_bytes(path, skip):
        line += decoder.decode(block[:left]).count("\n")
        if left < len(block):
            return line, block[left : left + 1]
        left -= len(block)
    return line, b""
