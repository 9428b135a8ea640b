"""Makes mutated CSV files with known cells, in every dialect and pollution, from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from random import Random

from examples.chance import draw_weighted
from tests.connectors.csv_spelling import CorpusFile, Row, Spelling, spell_record

# What a file may have, with weights where it is not drawn evenly.
DELIMITERS = (",", ";", "\t", "|", ":", " ", "^", "~", "¦", ", ")
QUOTES = {'"': 8, "'": 3, "": 1}
LINE_ENDS = {"\r\n": 5, "\n": 5, "\r": 2, "mixed": 1}
ENCODINGS = {"utf-8": 6, "utf-8-sig": 3, "utf-16": 1, "utf-16-le": 1, "utf-16-be": 1, "cp1252": 3}
DOUBLED_OR_BACKSLASH = {"": 4, "\\": 1}

_FIRST = (
    "Aïcha",
    "Mehmet",
    "Ólafur",
    "Fatima",
    "Jürgen",
    "Zoë",
    "Samir",
    "Oksana",
    "Renée",
    "Tesfaye",
)
_LAST = (
    "Yilmaz",
    "Müller",
    "Al Hassan",
    "Nuñez",
    "O Brien",
    "Groß",
    "Haile",
    "Kovalenko",
    "von der Au",
    "Østergård",
)
_TOWNS = ("Musterstadt", "Bad Neudorf", "Ulm", "Kirchheim am Ries", "Weiler", "Öhringen")
_SOLID_TOWNS = [town.replace(" ", "_") for town in _TOWNS]
_NOTES = (
    "Termin vereinbart",
    "Antrag gestellt, Bescheid fehlt",
    "siehe Akte; Rückruf",
    "Kurs A1/B1",
    "Ende: offen",
    "",
)
_HEADER = ("Nummer", "Nachname", "Vorname", "Geburtsdatum", "Gemeinde", "Bemerkung")
_WIDE_HEADER = ("Dauer", "Betrag", "Uhrzeit")
_SIZES = (5, 12, 40, 90)
_PREAMBLES = (
    ("Liste der Fälle",),
    ("Auswertung 2024", "Stand 31.12.2024"),
    ("Landratsamt", "Auszug", ""),
)
_FOOTERS = ([["Ende der Liste"]], [[""], ["Quelle"]])


def make_corpus(seed: int = 1, size: int = 2400) -> Iterator[CorpusFile]:
    """Yields `size` files: every pollution in turn, in dialects drawn at random."""
    chance = Random(seed)
    for number, pollute in zip(range(size), cycle(POLLUTIONS), strict=False):
        file = pollute(_make_clean_file(chance, number), chance)
        yield replace(file, name=f"{number:05d}_{pollute.__name__.strip('_')}.csv")


def _make_clean_file(chance: Random, number: int) -> CorpusFile:
    spelling = _draw_spelling(chance)
    rows = _make_table(chance, chance.choice(_SIZES), f"K{number}-", spelling)
    return CorpusFile("", spelling, rows, rows, width=len(rows[0]))


def _draw_spelling(chance: Random) -> Spelling:
    return Spelling(
        chance.choice(DELIMITERS),
        quote := draw_weighted(chance, QUOTES),
        draw_weighted(chance, DOUBLED_OR_BACKSLASH) or quote,
        chance.random() < 0.3,
        draw_weighted(chance, LINE_ENDS),
        draw_weighted(chance, ENCODINGS),
    )


def _make_table(chance: Random, count: int, key: str, spelling: Spelling) -> list[Row]:
    """Header and rows, some with cells that need quotes; none has them where there is no quote."""
    wide = chance.random() < 0.5
    rows = [_make_person(chance, f"{key}{n}", wide) for n in range(count)]
    if spelling.quote:
        for row in chance.sample(rows, max(1, count // 6)):
            row[5] = chance.choice(_hard_cells(spelling))
    header = [*_HEADER, *(_WIDE_HEADER if wide else ())]
    return [header, *rows] if spelling.quote else _without_delimiter([header, *rows], spelling)


def _hard_cells(spelling: Spelling) -> tuple[str, ...]:
    quoted = f"sagt {spelling.quote}ja{spelling.quote} dazu"
    return quoted, f"a{spelling.delimiter}b", "erste Zeile\nzweite Zeile", "x\n\ny"


def _without_delimiter(rows: list[Row], spelling: Spelling) -> list[Row]:
    unsafe = spelling.delimiter.strip() or " "
    header, *people = rows
    header = [cell.replace(unsafe, "_") for cell in header]
    return [header, *([key, *(c.replace(unsafe, "_") for c in row)] for key, *row in people)]


def _make_person(chance: Random, key: str, wide: bool) -> Row:
    date = _draw_date(chance)
    row = [
        key,
        chance.choice(_LAST),
        chance.choice(_FIRST),
        date if chance.random() < 0.9 else "",
        chance.choice(_TOWNS),
        chance.choice(_NOTES),
    ]
    amount = f"{chance.randrange(10, 9000)},{chance.randrange(100):02d}"
    if wide:
        row += [str(chance.randrange(5, 120)), amount, f"{chance.randrange(8, 18):02d}:30"]
    return row


def _draw_date(chance: Random) -> str:
    day, month = chance.randrange(1, 29), chance.randrange(1, 13)
    return f"{day:02d}.{month:02d}.{chance.randrange(1950, 2015)}"


def _change_rows(file: CorpusFile, rows: list[Row]) -> CorpusFile:
    """The file with other rows, all of which must come out."""
    return replace(file, rows=rows, expected=rows)


def _insert(cell: str, at: int, added: str) -> str:
    return cell[:at] + added + cell[at:]


def _has_line_end(row: Row) -> bool:
    return any("\n" in cell for cell in row)


def _plain(file: CorpusFile, chance: Random) -> CorpusFile:
    return file


def _preamble(file: CorpusFile, chance: Random) -> CorpusFile:
    lines, spelling = chance.choice(_PREAMBLES), file.spelling
    delimiter, count = spelling.delimiter.strip(), len(lines)
    bare = {} if spelling.quote_all else dict(enumerate(lines))
    return replace(
        file,
        rows=[*([line] for line in lines), *file.rows],
        header_line=count + 1,
        preamble=count,
        raw_lines={n: line for n, line in bare.items() if delimiter not in line},
    )


def _padded_preamble(file: CorpusFile, chance: Random) -> CorpusFile:
    rows = [[text, *[""] * (file.width - 1)] for text in ("Auszug", "Stand", "")]
    return replace(file, rows=[*rows, *file.rows], header_line=4, preamble=3)


def _footer(file: CorpusFile, chance: Random) -> CorpusFile:
    total = ["Summe", *[""] * (file.width - 2), "5"]
    return replace(file, rows=file.rows + chance.choice(([total], *_FOOTERS)))


def _header_of_two_rows(file: CorpusFile, chance: Random) -> CorpusFile:
    above = ["Person", *[""] * (file.width - 3), "Fall", ""]
    return replace(file, rows=[above, *file.rows], header_line=2, preamble=1)


def _header_again(file: CorpusFile, chance: Random) -> CorpusFile:
    rows = list(file.rows)
    rows.insert(chance.randrange(2, len(rows)), rows[0])
    return replace(file, rows=rows)


def _no_header(file: CorpusFile, chance: Random) -> CorpusFile:
    return replace(file, rows=file.rows[1:], expected=file.expected[1:], header_line=0)


def _short_rows(file: CorpusFile, chance: Random) -> CorpusFile:
    rows = file.copy_rows()
    for row in chance.sample(rows[1:], 2):
        del row[chance.randrange(2, file.width) :]
    return _change_rows(file, rows)


def _long_rows(file: CorpusFile, chance: Random) -> CorpusFile:
    rows = file.copy_rows()
    for row in chance.sample(rows[1:], 2):
        row += ["mehr"] * chance.randrange(1, 4)
    return _change_rows(file, rows)


def _lost_delimiter(file: CorpusFile, chance: Random) -> CorpusFile:
    rows = file.copy_rows()
    row, column = chance.choice(rows[1:]), chance.randrange(1, file.width - 1)
    row[column] += row.pop(column + 1)
    return _change_rows(file, rows)


def _stray_quote(file: CorpusFile, chance: Random) -> CorpusFile:
    rows, spelling = file.copy_rows(), file.spelling
    n = chance.randrange(1, len(rows))
    row = rows[n]
    row[1] = _insert(row[1], 0 if chance.random() < 0.5 else 2, spelling.quote or '"')
    if _has_line_end(row):
        return file
    cells = [spell_record([cell], spelling) for cell in row]
    cells[1] = _leave_quote_alone(row[1], spelling)
    line = spelling.delimiter.join(cells)
    return replace(_change_rows(file, rows), raw_lines={n: line})


def _leave_quote_alone(cell: str, spelling: Spelling) -> str:
    """The cell as a careless program writes it, without an escape for the quote in it."""
    bare = cell.startswith(spelling.quote or '"') and not spelling.quote_all
    return cell if bare else f"{spelling.quote}{cell}{spelling.quote}"


def _row_with_another_delimiter(file: CorpusFile, chance: Random) -> CorpusFile:
    n = chance.randrange(1, len(file.rows))
    row, spelling = file.rows[n], file.spelling
    if _has_line_end(row):
        return file
    other = replace(spelling, delimiter=";" if spelling.delimiter != ";" else "\t")
    return replace(file, raw_lines={n: spell_record(row, other)})


def _empty_and_repeated_columns(file: CorpusFile, chance: Random) -> CorpusFile:
    rows = [[*row[:2], "", *row[2:], row[1], ""] for row in file.rows]
    return replace(_change_rows(file, rows), width=file.width + 3)


def _blank_rows(file: CorpusFile, chance: Random) -> CorpusFile:
    rows = list(file.rows)
    at = chance.randrange(1, len(rows))
    rows[at:at] = [[], []]
    delimiters = file.spelling.delimiter * (file.width - 1)
    return replace(file, rows=rows, raw_lines={at: "", at + 1: delimiters})


def _nuls(file: CorpusFile, chance: Random) -> CorpusFile:
    rows = file.copy_rows()
    for row in chance.sample(rows[1:], 2):
        row[1] = _insert(row[1], 2, "\0")
    return replace(file, rows=rows, spelling=_avoid_utf16(file.spelling))


def _avoid_utf16(spelling: Spelling) -> Spelling:
    """UTF-16 has a NUL in every second byte already."""
    utf16 = spelling.encoding.startswith("utf-16")
    return replace(spelling, encoding="utf-8") if utf16 else spelling


def _no_last_line_end(file: CorpusFile, chance: Random) -> CorpusFile:
    return replace(file, end="none")


def _two_last_line_ends(file: CorpusFile, chance: Random) -> CorpusFile:
    return replace(file, end="two")


def _one_row(file: CorpusFile, chance: Random) -> CorpusFile:
    return replace(file, rows=file.rows[:2], expected=file.expected[:2])


def _only_header(file: CorpusFile, chance: Random) -> CorpusFile:
    return replace(file, rows=file.rows[:1], expected=file.expected[:1])


def _two_tables(file: CorpusFile, chance: Random) -> CorpusFile:
    rows = file.rows
    second = _make_second_table(chance, rows[1][0] + "-Z")
    return replace(
        file,
        rows=[*rows, [], *second],
        expected=[*file.expected, *second],
        raw_lines={len(rows): ""},
    )


def _make_second_table(chance: Random, key: str) -> list[Row]:
    rows = [[f"{key}{n}", chance.choice(_SOLID_TOWNS), str(n * 7)] for n in range(6)]
    return [["Kennung", "Ort", "Wert"], *rows]


Pollution = Callable[[CorpusFile, Random], CorpusFile]
POLLUTIONS: tuple[Pollution, ...] = (
    _plain,
    _preamble,
    _padded_preamble,
    _footer,
    _header_of_two_rows,
    _header_again,
    _no_header,
    _short_rows,
    _long_rows,
    _lost_delimiter,
    _stray_quote,
    _row_with_another_delimiter,
    _empty_and_repeated_columns,
    _blank_rows,
    _nuls,
    _no_last_line_end,
    _two_last_line_ends,
    _one_row,
    _only_header,
    _two_tables,
)
