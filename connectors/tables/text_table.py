"""The one thing every reader gives: a named text table with the place of every row. No types, no meaning, no files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class Dialect:
    """How a text file is written, as far as the mapping states it; what is None is found out by rule, never guessed.

    ``header_row`` counts physical lines or sheet rows from 1 (0: there is none); ``header_rows`` says over how many rows
    the header reaches; ``columns`` names the columns of a file without a header. ``delimiter`` may be several characters.
    ``fixed`` describes fixed fields as enaio does ("Name C(10)"); ``description`` is a pattern for the name of the file
    beside the data that does so, or that holds the header ("*" is the data file's stem).
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = '"'
    escape: str | None = None
    header_row: int | None = None
    columns: tuple[str, ...] = ()
    footers: tuple[str, ...] = ("Gesamt", "Summe", "Insgesamt", "Anzahl", "Stand", "Quelle", "Ende")
    header_rows: int | None = None
    fixed: tuple[str, ...] = ()
    description: str | None = None


@dataclass(frozen=True)
class Wanted:
    """What a mapping expects of one table, in plain words a reader can search for.

    ``columns`` maps the mapping's own column name to the spellings under which a file may carry it (the own name
    included). ``required`` are names of ``columns`` without which the header does not count as found. ``key`` decides
    what is a footer. ``files`` are patterns for the file's name, ``table`` the sheet or element (None: the file holds
    just one table).
    """

    name: str
    files: tuple[str, ...]
    table: str | None
    columns: Mapping[str, tuple[str, ...]]
    required: frozenset[str]
    key: tuple[str, ...]
    dialect: Dialect = Dialect()


@dataclass(frozen=True)
class RaggedRow:
    """A row that the reader can count but not place into columns: kept with its cells, so that nothing is lost."""

    row: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Some rows of a table in file order: string columns without nulls (an empty cell is ""), named by the mapping.

    ``row`` is the number a person sees in their program: physical line of a text file (where the record begins), row of
    the sheet, position of the element among its rows in XML; one int64 per row of ``cells``.
    """

    cells: pa.RecordBatch
    row: pa.Int64Array
    ragged: Sequence[RaggedRow] = ()


@dataclass(frozen=True)
class Notice:
    """Something a person should know that stops nothing (a hidden sheet was left out, NULs removed).

    ``rule`` names its entry in the catalogue of finding rules, which says how severe it is.
    """

    rule: str
    message: str
    row: int | None = None
    column: str | None = None


@dataclass
class TextTable:
    """A table of text as it stands in one file; ``batches`` can be walked once, ``notices`` grows while it is walked.

    Walking ``batches`` may raise ``CannotRead`` when the damage lies behind the first rows (an XML that breaks off).
    ``header`` is what stands in the file, ``title`` the table's own name there (sheet, object type, file stem). ``raw`` is
    the header letter by letter, ``above`` the rows over it, ``written`` how the file turned out to be written.
    """

    file: str
    name: str
    sheet: str | None
    header: tuple[str, ...]
    unknown: tuple[str, ...]
    preamble: Mapping[str, str]
    batches: Iterator[Batch]
    notices: list[Notice] = field(default_factory=list)
    title: str = ""
    raw: tuple[str, ...] = ()
    above: tuple[RaggedRow, ...] = ()
    written: Mapping[str, str | None] = field(default_factory=dict)


class CannotRead(Exception):
    """A file or table that cannot be read safely; raised by readers, reported as a finding, never holding a cell.

    ``rule`` names its entry in the catalogue of finding rules, ``message`` is the German sentence
    that says what to do.
    """

    def __init__(
        self,
        rule: str,
        message: str,
        *,
        table: str | None = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(rule)
        self.rule = rule
        self.message = message
        self.table = table
        self.sheet = sheet
        self.row = row
        self.column = column


@dataclass(frozen=True)
class UnreadableTable:
    """A wanted table that this file does not yield, told so that the other tables of the file can still be read."""

    file: str
    name: str
    sheet: str | None
    error: CannotRead
