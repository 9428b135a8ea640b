"""Writes a contacts file of millions of rows for benchmarks, column by column.

The layout follows TAU Office's Kontakte with the client's attributes beside them, in UTF-8.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from examples.district import CARRIERS, MUNICIPALITIES
from examples.labels import LISTS

CHUNK: Final = 250_000
COLUMNS: Final = (
    "KontaktNr",
    "KlientNr",
    "Datum",
    "Dauer_Min",
    "Kontaktart",
    "Einzel_Familie",
    "Thema",
    "Weiterleitung",
    "Dolmetscher",
    "Mitarbeiter",
    "Ort",
    "Integrationskurs",
    "Nationalitaet",
    "Geschlecht",
    "Bemerkung",
)
BAD_DATES: Final = ("31.06.2018", "30.02.2024", "00.00.0000", "31.12.9999", "32.01.2023")
NOTES: Final = (
    "",
    "",
    "",
    "",
    "Unterlagen mitgebracht",
    "Folgetermin vereinbart",
    'Brief; "eilig"',
    "Bescheid erklärt",
)
BAD_SHARE: Final = 0.0005
BAD_WORDS: Final = {
    "Datum": BAD_DATES,
    "Kontaktart": ("Fernschreiber", "Brieftaube", "Fax"),
    "Thema": ("Tierhaltung", "Wetter"),
}
# Per column its distinct values and their probabilities.
Words = dict[str, tuple[pa.Array, Any]]


def write_big_csv(path: Path, rows: int, seed: int = 1) -> None:
    """Writes `rows` contacts, `;`-separated with header, in constant memory.

    About one cell in two thousand of `Datum`, `Kontaktart` and `Thema` is impossible or an unknown
    code.
    """
    rng, words = np.random.default_rng(seed), _column_words(seed)
    schema = pa.schema(dict.fromkeys(COLUMNS, pa.string()))
    options = csv.WriteOptions(delimiter=";", quoting_style="needed")
    with csv.CSVWriter(str(path), schema, write_options=options) as writer:
        for first in range(0, rows, CHUNK):
            writer.write_batch(_make_batch(rng, words, first, min(CHUNK, rows - first)))


def _make_batch(rng: np.random.Generator, words: Words, first: int, rows: int) -> pa.RecordBatch:
    columns = {
        "KontaktNr": _pad_numbers(np.arange(first + 1, first + rows + 1), 8),
        "KlientNr": _pad_numbers(rng.integers(1, 60_000, rows), 6),
    }
    for name, (values, share) in words.items():
        columns[name] = values.take(pa.array(rng.choice(len(values), rows, p=share)))
    return pa.record_batch(columns).select(COLUMNS)


def _pad_numbers(numbers: np.ndarray[Any, Any], width: int) -> pa.Array:
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")


def _column_words(seed: int) -> Words:
    """Per column its distinct values and how often each is drawn."""
    good = {
        "Datum": _spell_days(),
        "Dauer_Min": [f"{n},{part}" for n in range(5, 120, 5) for part in (0, 5)] + [""],
        "Kontaktart": _all_spellings("channel"),
        "Einzel_Familie": _all_spellings("setting"),
        "Thema": [*_all_spellings("topic"), ""],
        "Weiterleitung": [*_all_spellings("referral"), "", "", "", ""],
        "Dolmetscher": ["-1", "0"],
        "Mitarbeiter": [one.name for carrier in CARRIERS for one in carrier.staff],
        "Ort": [place.name for place in MUNICIPALITIES.values()],
        "Integrationskurs": ["-1", "0"],
        "Nationalitaet": [*_all_spellings("nationality"), ""],
        "Geschlecht": _all_spellings("sex"),
        "Bemerkung": _make_notes(seed),
    }
    return {name: _weigh_words(words, BAD_WORDS.get(name, ())) for name, words in good.items()}


def _spell_days() -> list[str]:
    start = date(2018, 1, 1)
    days = [start + timedelta(days=number) for number in range(2_900)]
    german = [f"{day:%d.%m.%Y}" for day in days]
    short = [f"{day.day}.{day.month}.{day.year} 00:00:00" for day in days]
    return [*german, *map(str, days), *short]


def _make_notes(seed: int) -> list[str]:
    notes = Random(seed).choices(NOTES, k=60)
    return [f"{note} ({number})" if note else "" for number, note in enumerate(notes)]


def _all_spellings(name: str) -> list[str]:
    """The words of a list of labels; a label stands twice, since it is the usual one."""
    labels = LISTS[name].items()
    return [word for label, (_, synonyms) in labels for word in (label, label, *synonyms)]


def _weigh_words(good: list[str], bad: tuple[str, ...]) -> tuple[pa.Array, Any]:
    """The words with their probabilities; the bad ones share `BAD_SHARE`."""
    bad_share = BAD_SHARE * bool(bad)
    share = np.repeat([1.0 - bad_share, bad_share], [len(good), len(bad)])
    share[: len(good)] /= len(good)
    share[len(good) :] /= max(1, len(bad))
    return pa.array([*good, *bad]), share
