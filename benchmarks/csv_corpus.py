"""A corpus of mutated CSV files whose cells are known: every dialect and pollution, seeded. Nothing is read or scored here."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from benchmarks.csv_spelling import CorpusFile, Row, Spelling, spell_record

DELIMITERS = (",", ";", "\t", "|", ":", " ", "^", "~", "¦", ", ")
QUOTES = ('"', "'", "")
LINE_ENDS = ("\r\n", "\n", "\r", "mixed")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")

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
_NOTES = (
    "Termin vereinbart",
    "Antrag gestellt, Bescheid fehlt",
    "siehe Akte; Rückruf",
    "Kurs A1/B1",
    "Ende: offen",
    "",
)


def make_corpus(seed: int = 1, size: int = 2400) -> Iterator[CorpusFile]:
    """So many files: every pollution in turn, in dialects drawn at random but evenly."""
    chance = random.Random(seed)
    for number in range(size):
        pollute = POLLUTIONS[number % len(POLLUTIONS)]
        file = pollute(_clean_file(chance, number), chance)
        yield replace(file, name=f"{number:05d}_{pollute.__name__.strip('_')}.csv")


def _clean_file(chance: random.Random, number: int) -> CorpusFile:
    spelling = Spelling(
        chance.choice(DELIMITERS),
        chance.choices(QUOTES, (8, 3, 1))[0],
        chance.choices(('"', "\\"), (4, 1))[0],
        chance.random() < 0.3,
        chance.choices(LINE_ENDS, (5, 5, 2, 1))[0],
        chance.choices(ENCODINGS, (6, 3, 1, 1, 1, 3))[0],
    )
    spelling = replace(
        spelling, escape=spelling.quote if spelling.escape == '"' else spelling.escape
    )
    header, rows = _make_table(chance, chance.choice((5, 12, 40, 90)), f"K{number}-", spelling)
    return CorpusFile("", spelling, [header, *rows], [header, *rows], width=len(header))


def _make_table(
    chance: random.Random, count: int, key: str, spelling: Spelling
) -> tuple[Row, list[Row]]:
    wide = chance.random() < 0.5
    header = [
        "Nummer",
        "Nachname",
        "Vorname",
        "Geburtsdatum",
        "Gemeinde",
        "Bemerkung",
        *(["Dauer", "Betrag", "Uhrzeit"] if wide else []),
    ]
    rows = [_make_person(chance, f"{key}{n}", wide) for n in range(count)]
    if spelling.quote:
        for row in chance.sample(rows, max(1, count // 6)):
            row[5] = chance.choice(
                (
                    f"sagt {spelling.quote}ja{spelling.quote} dazu",
                    f"a{spelling.delimiter}b",
                    "erste Zeile\nzweite Zeile",
                    "x\n\ny",
                )
            )
    else:
        unsafe = spelling.delimiter.strip() or " "
        header = [cell.replace(unsafe, "_") for cell in header]
        rows = [[row[0], *(cell.replace(unsafe, "_") for cell in row[1:])] for row in rows]
    return header, rows


def _make_person(chance: random.Random, key: str, wide: bool) -> Row:
    date = f"{chance.randrange(1, 29):02d}.{chance.randrange(1, 13):02d}.{chance.randrange(1950, 2015)}"
    row = [
        key,
        chance.choice(_LAST),
        chance.choice(_FIRST),
        date if chance.random() < 0.9 else "",
        chance.choice(_TOWNS),
        chance.choice(_NOTES),
    ]
    amount = f"{chance.randrange(10, 9000)},{chance.randrange(100):02d}"
    return (
        [*row, str(chance.randrange(5, 120)), amount, f"{chance.randrange(8, 18):02d}:30"]
        if wide
        else row
    )


def _plain(file: CorpusFile, chance: random.Random) -> CorpusFile:
    return file


def _preamble(file: CorpusFile, chance: random.Random) -> CorpusFile:
    lines = chance.choice(
        (
            ["Liste der Fälle"],
            ["Auswertung 2024", "Stand 31.12.2024"],
            ["Landratsamt", "Auszug", ""],
        )
    )
    rows = [[line] for line in lines]
    raw = {
        n: line
        for n, line in enumerate(lines)
        if not file.spelling.quote_all and file.spelling.delimiter.strip() not in line
    }
    count = len(lines)
    return replace(
        file, rows=[*rows, *file.rows], header_line=count + 1, preamble=count, raw_lines=raw
    )


def _padded_preamble(file: CorpusFile, chance: random.Random) -> CorpusFile:
    rows = [[text, *[""] * (file.width - 1)] for text in ("Auszug", "Stand", "")]
    return replace(file, rows=[*rows, *file.rows], header_line=4, preamble=3)


def _footer(file: CorpusFile, chance: random.Random) -> CorpusFile:
    rows = chance.choice(
        ([["Summe", *[""] * (file.width - 2), "5"]], [["Ende der Liste"]], [[""], ["Quelle"]])
    )
    return replace(file, rows=[*file.rows, *rows])


def _header_of_two_rows(file: CorpusFile, chance: random.Random) -> CorpusFile:
    above = ["Person", *[""] * (file.width - 3), "Fall", ""]
    return replace(file, rows=[above, *file.rows], header_line=2, preamble=1)


def _header_again(file: CorpusFile, chance: random.Random) -> CorpusFile:
    at = chance.randrange(2, len(file.rows))
    return replace(file, rows=[*file.rows[:at], file.rows[0], *file.rows[at:]])


def _no_header(file: CorpusFile, chance: random.Random) -> CorpusFile:
    return replace(file, rows=file.rows[1:], expected=file.expected[1:], header_line=0)


def _short_rows(file: CorpusFile, chance: random.Random) -> CorpusFile:
    rows = [list(row) for row in file.rows]
    for n in chance.sample(range(1, len(rows)), 2):
        rows[n] = rows[n][: chance.randrange(2, file.width)]
    return replace(file, rows=rows, expected=rows)


def _long_rows(file: CorpusFile, chance: random.Random) -> CorpusFile:
    rows = [list(row) for row in file.rows]
    for n in chance.sample(range(1, len(rows)), 2):
        rows[n] = [*rows[n], *["mehr"] * chance.randrange(1, 4)]
    return replace(file, rows=rows, expected=rows)


def _lost_delimiter(file: CorpusFile, chance: random.Random) -> CorpusFile:
    rows = [list(row) for row in file.rows]
    n, column = chance.randrange(1, len(rows)), chance.randrange(1, file.width - 1)
    rows[n][column : column + 2] = ["".join(rows[n][column : column + 2])]
    return replace(file, rows=rows, expected=rows)


def _stray_quote(file: CorpusFile, chance: random.Random) -> CorpusFile:
    quote = file.spelling.quote or '"'
    rows = [list(row) for row in file.rows]
    n = chance.randrange(1, len(rows))
    cell = rows[n][1] = (
        quote + rows[n][1] if chance.random() < 0.5 else f"{rows[n][1][:2]}{quote}{rows[n][1][2:]}"
    )
    at = [spell_record([c], file.spelling) for c in rows[n]]
    at[1] = (
        f"{file.spelling.quote}{cell}{file.spelling.quote}"
        if file.spelling.quote_all or not cell.startswith(quote)
        else cell
    )
    if not any("\n" in c for c in rows[n]):
        return replace(
            file, rows=rows, expected=rows, raw_lines={n: file.spelling.delimiter.join(at)}
        )
    return file


def _row_with_another_delimiter(file: CorpusFile, chance: random.Random) -> CorpusFile:
    other = ";" if file.spelling.delimiter != ";" else "\t"
    n = chance.randrange(1, len(file.rows))
    if any("\n" in c for c in file.rows[n]):
        return file
    return replace(
        file, raw_lines={n: spell_record(file.rows[n], replace(file.spelling, delimiter=other))}
    )


def _empty_and_repeated_columns(file: CorpusFile, chance: random.Random) -> CorpusFile:
    rows = [[*row[:2], "", *row[2:], row[1], ""] for row in file.rows]
    return replace(file, rows=rows, expected=rows, width=len(rows[0]))


def _blank_rows(file: CorpusFile, chance: random.Random) -> CorpusFile:
    rows = list(file.rows)
    at = chance.randrange(1, len(rows))
    blanks = {at: "", at + 1: file.spelling.delimiter * (file.width - 1)}
    rows[at:at] = [[], []]
    return replace(file, rows=rows, raw_lines=blanks)


def _nuls(file: CorpusFile, chance: random.Random) -> CorpusFile:
    rows = [list(row) for row in file.rows]
    for row in chance.sample(rows[1:], 2):
        row[1] = row[1][:2] + "\0" + row[1][2:]
    return replace(
        file,
        rows=rows,
        nul=True,
        spelling=replace(
            file.spelling,
            encoding=file.spelling.encoding.replace("utf-16", "utf-8")[:9]
            .replace("utf-8-le", "utf-8")
            .replace("utf-8-be", "utf-8"),
        ),
    )


def _no_last_line_end(file: CorpusFile, chance: random.Random) -> CorpusFile:
    return replace(file, end="none")


def _two_last_line_ends(file: CorpusFile, chance: random.Random) -> CorpusFile:
    return replace(file, end="two")


def _one_row(file: CorpusFile, chance: random.Random) -> CorpusFile:
    return replace(file, rows=file.rows[:2], expected=file.expected[:2])


def _only_header(file: CorpusFile, chance: random.Random) -> CorpusFile:
    return replace(file, rows=file.rows[:1], expected=file.expected[:1])


def _two_tables(file: CorpusFile, chance: random.Random) -> CorpusFile:
    key = file.rows[1][0] + "-Z"
    second = [
        ["Kennung", "Ort", "Wert"],
        *([f"{key}{n}", chance.choice(_TOWNS).replace(" ", "_"), str(n * 7)] for n in range(6)),
    ]
    return replace(
        file,
        rows=[*file.rows, [], *second],
        expected=[*file.expected, *second],
        raw_lines={len(file.rows): ""},
    )


Pollution = Callable[[CorpusFile, random.Random], CorpusFile]
POLLUTIONS: tuple[Pollution, ...] = (
    _plain, _preamble, _padded_preamble, _footer, _header_of_two_rows, _header_again, _no_header, _short_rows, _long_rows,
    _lost_delimiter, _stray_quote, _row_with_another_delimiter, _empty_and_repeated_columns, _blank_rows, _nuls,
    _no_last_line_end, _two_last_line_ends, _one_row, _only_header, _two_tables,
)  # fmt: skip
