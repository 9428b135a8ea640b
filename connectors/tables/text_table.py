"""The text table that every reader produces: untyped cells with the position of every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date

import pyarrow as pa

from connectors.tables.unread_watch import UnreadWatch

# Words that begin a row which is no data: totals, and what programs write below a table.
FOOTERS = (
    *("Gesamt", "Gesamtsumme", "Gesamtzahl", "Gesamtanzahl", "Gesamtergebnis"),
    *("Summe", "Summen", "Teilsumme", "Zwischensumme", "Insgesamt", "Total"),
    *("Ergebnis", "Teilergebnis", "Zwischenergebnis", "Anzahl", "Stand", "Quelle", "Ende"),
    *("Mittelwert", "Durchschnitt", "Übertrag", "Saldo", "Subtotal", "Σ", "∑", "ges."),
    *("Zeilen", "Zeilenzahl", "Datensätze", "Datensatzanzahl", "Seitensumme", "Kreissumme"),
    *("Erstellt", "Exportiert", "Gedruckt", "Ausgedruckt", "Erzeugt", "Exportdatum", "Druckdatum"),
)


@dataclass(frozen=True)
class Dialect:
    """How a text file is written, as far as the mapping states it; None: determined by rule.

    ``header_row`` counts physical lines or sheet rows from 1 (0: there is none), ``header_rows`` is
    the number of rows the header covers; ``columns`` names the columns of a file without a header.
    ``delimiter`` may have several characters. ``footer_words``: a footer has no other filled
    cell, and nothing but these words and numbers follow its own.
    ``fixed`` describes fixed-width fields as enaio does ("Name C(10)"). ``description`` is a pattern
    for the name of a file beside the data that holds such a description or the header ("*" is the
    data file's stem).
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = '"'
    escape: str | None = None
    header_row: int | None = None
    columns: tuple[str, ...] = ()
    footers: tuple[str, ...] = FOOTERS
    footer_words: frozenset[str] | None = None
    header_rows: int | None = None
    fixed: tuple[str, ...] = ()
    description: str | None = None

    @property
    def separator(self) -> str:
        """The delimiter, a semicolon where none is known."""
        return self.delimiter or ";"


@dataclass(frozen=True)
class Wanted:
    """What a mapping expects of one table, in terms a reader can search for.

    ``columns`` maps the mapping's own column name to the spellings under which a file may carry it
    (the own name included). ``required`` are the names of ``columns`` a header must have. ``key``
    and ``telling`` decide what is a footer or a title: a row of data has a key, and something in
    the telling columns (the name of a person, the day of a conversation). ``files`` are patterns
    for the file's name, ``table`` is the sheet or element (None: the file holds just one table).
    ``sheets`` are names and patterns where all sheets that fit are read as this one table.
    ``above`` are the labels of values above the table that all its rows have. ``watch`` judges what
    is left unread beside it.
    """

    name: str
    files: tuple[str, ...]
    table: str | None
    columns: Mapping[str, tuple[str, ...]]
    required: frozenset[str]
    key: tuple[str, ...]
    dialect: Dialect = Dialect()
    telling: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset()
    watch: UnreadWatch | None = None
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class RaggedRow:
    """A row that cannot be divided into the columns; its cells are kept so that nothing is lost."""

    row: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Some rows of a table in file order.

    ``cells`` are string columns without nulls (an empty cell is ""), named by the mapping. ``row``
    is one int64 per row of ``cells``, the number a person sees in their program: the physical line
    of a text file where the record begins, the row of the sheet, the position of an XML element
    among its rows.
    """

    cells: pa.RecordBatch
    row: pa.Int64Array
    ragged: Sequence[RaggedRow] = ()


@dataclass(frozen=True)
class Notice:
    """Something a person should know that stops nothing, as a hidden sheet that was left out.

    ``rule`` names its entry in the catalogue of finding rules, which gives the severity;
    ``last_row`` is given where it is about several rows from ``row`` on.
    """

    rule: str
    message: str
    row: int | None = None
    column: str | None = None
    last_row: int | None = None


@dataclass(frozen=True)
class UnreadPart:
    """A sheet or a list of objects that the file holds and no mapping reads.

    ``fits`` is the wanted table whose header it has, with rows below; without one, ``resembles``
    is that of which it may hold rows. A sheet that is not visible was hidden on purpose.
    ``is_watched``: it says what must not be left unread.
    """

    title: str
    fits: str | None = None
    is_visible: bool = True
    resembles: str | None = None
    is_watched: bool = False


@dataclass
class TextTable:
    """A table of text as delivered in one file.

    ``batches`` can be iterated once; ``notices`` grows meanwhile. Iterating may raise
    ``CannotRead`` when the damage is behind the first rows (an XML that breaks off). ``header`` is
    the header for people, ``raw`` the same letter by letter, ``above`` are the rows over it.
    ``title`` is the table's own name in the file (sheet, object type, file stem), ``written`` the
    dialect the file turned out to have. ``beside`` are other parts of the file that are not read; it
    grows while the tables of the file are read. ``day_zero`` is the day from which the file's day
    numbers count. ``nested`` are the columns whose cells hold rows of their own, which are not read;
    ``inside`` are those of ``unknown`` that lie in an object, with the field that holds it: their
    own names may be values of persons and are not for people. ``remarks`` are by
    row what a sheet says of it beside its cells: each note, and whether it is struck through.
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
    beside: list[UnreadPart] = field(default_factory=list)
    day_zero: date = date(1899, 12, 30)
    nested: frozenset[str] = frozenset()
    inside: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(eq=False, repr=False)
class CannotRead(Exception):
    """A file or table that cannot be read safely; reported as a finding, never holds a cell.

    ``rule`` names its entry in the catalogue of finding rules and is all that the exception prints,
    ``message`` is the German sentence with advice for the sender.
    """

    rule: str
    message: str
    _: KW_ONLY
    table: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def __post_init__(self) -> None:
        super().__init__(self.rule)


@dataclass(frozen=True)
class UnreadableTable:
    """A wanted table that this file does not yield, so that its other tables can still be read."""

    file: str
    name: str
    sheet: str | None
    error: CannotRead
