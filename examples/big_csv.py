"""A contacts file of millions of rows for benchmarks, made column by column; the simulated district is not in it.

The layout follows TAU Office's Kontakte with the client's attributes beside them, in UTF-8.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

from examples.district import BY_SOURCE, MUNICIPALITIES
from examples.labels import CHANNELS, NATIONALITIES, REFERRALS, SETTINGS, SEXES, TOPICS, Labels

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

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


def write_big_csv(path: Path, rows: int, seed: int = 1) -> None:
    """Writes `rows` contacts, `;`-separated with header; memory does not grow with the number of rows.

    About one cell in two thousand of `Datum`, `Kontaktart` and `Thema` is impossible or an unknown code.
    """
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(seed)
    words = _column_words(seed)
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    options = csv.WriteOptions(delimiter=";", quoting_style="needed")
    with csv.CSVWriter(str(path), schema, write_options=options) as writer:
        for first in range(0, rows, CHUNK):
            writer.write_batch(_make_batch(rng, words, first, min(CHUNK, rows - first)))


def _make_batch(
    rng: np.random.Generator, words: dict[str, tuple[pa.Array, Any]], first: int, rows: int
) -> pa.RecordBatch:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    def pad_numbers(numbers: np.ndarray[Any, Any], width: int) -> pa.Array:
        return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")

    columns = {
        "KontaktNr": pad_numbers(np.arange(first + 1, first + rows + 1), 8),
        "KlientNr": pad_numbers(rng.integers(1, 60_000, rows), 6),
    }
    for name, (values, share) in words.items():
        columns[name] = values.take(pa.array(rng.choice(len(values), rows, p=share)))
    return pa.record_batch([columns[name] for name in COLUMNS], names=list(COLUMNS))


def _column_words(seed: int) -> dict[str, tuple[pa.Array, Any]]:
    """Per column its distinct values and how often each is drawn."""
    staff = [person.name for carrier in BY_SOURCE.values() for person in carrier.staff]
    start = date(2018, 1, 1)
    days = [start + timedelta(days=number) for number in range(2_900)]
    spelled = [f"{day:%d.%m.%Y}" for day in days]
    spelled += [day.isoformat() for day in days] + [
        f"{day.day}.{day.month}.{day.year} 00:00:00" for day in days
    ]
    notes = Random(seed).choices(NOTES, k=60)
    notes = [f"{note} ({number})" if note else "" for number, note in enumerate(notes)]
    return {
        "Datum": _weighted_words(spelled, BAD_DATES),
        "Dauer_Min": _weighted_words(
            [f"{minutes},{part}" for minutes in range(5, 120, 5) for part in (0, 5)] + [""]
        ),
        "Kontaktart": _weighted_words(
            _all_spellings(CHANNELS), ("Fernschreiber", "Brieftaube", "Fax")
        ),
        "Einzel_Familie": _weighted_words(_all_spellings(SETTINGS)),
        "Thema": _weighted_words([*_all_spellings(TOPICS), ""], ("Tierhaltung", "Wetter")),
        "Weiterleitung": _weighted_words([*_all_spellings(REFERRALS), "", "", "", ""]),
        "Dolmetscher": _weighted_words(["-1", "0"]),
        "Mitarbeiter": _weighted_words(staff),
        "Ort": _weighted_words([place.name for place in MUNICIPALITIES.values()]),
        "Integrationskurs": _weighted_words(["-1", "0"]),
        "Nationalitaet": _weighted_words([*_all_spellings(NATIONALITIES), ""]),
        "Geschlecht": _weighted_words(_all_spellings(SEXES)),
        "Bemerkung": _weighted_words(notes),
    }


def _all_spellings(labels: Labels) -> list[str]:
    return [word for label, (_, synonyms) in labels.items() for word in (label, label, *synonyms)]


def _weighted_words(good: list[str], bad: tuple[str, ...] = ()) -> tuple[pa.Array, Any]:
    import numpy as np
    import pyarrow as pa

    share = np.concatenate(
        [np.full(len(good), 1 - BAD_SHARE * bool(bad)), np.full(len(bad), BAD_SHARE)]
    )
    share[: len(good)] /= len(good)
    share[len(good) :] /= max(1, len(bad))
    return pa.array([*good, *bad]), share
