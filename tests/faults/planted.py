"""Faults as they occur in real exports, each planted into the second delivery of a town.

A fault changes the files and, where the change is true, the truth. It says what the hub may not know
because of it; everything else has to be as the truth says.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from tests.faults.towns import CLIENTS, COLUMNS, FORMS, TALKS, Talk, Town, client_row, talk_row


@dataclass
class Fault:
    """What was planted where, and what may be lacking because of it.

    ``row`` None: the file as a whole. ``values``: person and field that may be empty or as before;
    ``talks``: conversations that may be lacking or without participants; ``other_human``: a key
    that means somebody else now; ``silent``: nothing of these persons may be released; ``strays``:
    keys of records that may not exist unless they are told.
    """

    kind: int
    name: str
    file: str
    row: int | None = None
    values: set[tuple[str, str]] = field(default_factory=set)
    talks: set[str] = field(default_factory=set)
    other_human: str | None = None
    silent: set[str] = field(default_factory=set)
    new_persons: set[str] = field(default_factory=set)


Plant = Callable[[random.Random, Town], Fault]
PLANTS: list[Plant] = []


def _plant(plant: Plant) -> Plant:
    PLANTS.append(plant)
    return plant


def forms_of(*forms: str) -> Callable[[Plant], Plant]:
    """The plant is for towns that deliver in these forms only."""

    def limit(plant: Plant) -> Plant:
        plant.forms = forms  # type: ignore[attr-defined]
        return plant

    return limit


def fits(plant: Plant, town: Town) -> bool:
    return town.form in getattr(plant, "forms", (town.form,))


# 1. A key is not an identity for ever.


@_plant
def another_human(rng: random.Random, town: Town) -> Fault:
    """A number is given to another human being; the consent of the former one is still listed."""
    key = rng.choice(sorted(town.now.releases))
    former = town.now.persons[key]
    other = {
        "last_name": f"Neumann-{town.name[5:]}x".replace("0", "o"),
        "first_name": "Ludmyla" if former["first_name"] != "Ludmyla" else "Petra",
        "birth_date": date(1999, 9, 9),
        "sex": "w" if former["sex"] == "m" else "m",
        "nationality": "UKR" if former["nationality"] != "UKR" else "SYR",
        "entry_date": date(2023, 3, 3),
    }
    other["last_name"] = "Neumann-" + str(former["last_name"]).split("-")[-1]
    town.now.persons = {**town.now.persons, key: other}
    index = town.index_of(CLIENTS, key)
    table = town.second.files[CLIENTS]
    table.rows[index] = client_row(key, other, key in town.now.assigned)
    row = table.visible_row(index, town.form)
    return Fault(1, "another_human", CLIENTS, row, other_human=key, silent={key})


# 2. Tables must agree with each other.


def _respelled(name: str, spell: Callable[[str], str]) -> None:
    def plant(rng: random.Random, town: Town) -> Fault:
        talk = rng.choice(sorted(town.now.talks))
        key = min(town.now.talks[talk].persons)
        row = town.set_cell(TALKS, talk, "Nr", spell(key))
        return Fault(2, name, TALKS, row, talks={talk})

    _plant(plant)


for _name, _spell in {
    "leading_zeros": lambda key: f"00{key}",
    "decimal_key": lambda key: f"{key}.0",
    "apostrophe": lambda key: f"'{key}",
    "formula_text": lambda key: f'="{key}"',
    "invisible_sign": lambda key: f"{key}\u200b",
    "hard_blank": lambda key: f"\u00a0{key}",
    "unknown_key": lambda key: f"9{key}9",
}.items():
    _respelled(_name, _spell)


@_plant
def two_in_a_cell(rng: random.Random, town: Town) -> Fault:
    """Two persons in one cell, parted by a sign of which the mapping says nothing."""
    talk = rng.choice(sorted(town.now.talks))
    one, other = rng.sample(sorted(town.now.persons), 2)
    talks = dict(town.now.talks)
    talks[talk] = Talk(talks[talk].held_on, {one, other})
    town.now.talks = talks
    cell = rng.choice(("; ", "/", " und ", " + ", "\n")).join((one, other))
    row = town.set_cell(TALKS, talk, "Nr", cell)
    return Fault(2, "two_in_a_cell", TALKS, row, talks={talk})


@_plant
def consent_of_nobody(rng: random.Random, town: Town) -> Fault:
    """A consent names a person whom no table knows."""
    key = rng.choice(sorted(town.now.releases))
    row = town.set_cell(FORMS, f"E{key}", "Nr", f"9{key}")
    return Fault(2, "consent_of_nobody", FORMS, row, silent={key})


# 3. "Not here" is judged by what was delivered.


@_plant
def row_without_key(rng: random.Random, town: Town) -> Fault:
    """The key of a known person's row is empty."""
    key = rng.choice(sorted(town.now.persons))
    row = town.set_cell(CLIENTS, key, "Nr", "")
    fields = {(key, name) for name in town.now.persons[key]}
    return Fault(3, "row_without_key", CLIENTS, row, values=fields)


@_plant
def file_missing(rng: random.Random, town: Town) -> Fault:
    """A file that came before does not come."""
    name = rng.choice((TALKS, FORMS))
    del town.second.files[name]
    missing = set(town.now.talks) - set(town.before.talks) if name == TALKS else set()
    silent = set(town.now.releases) if name == FORMS else set()
    return Fault(3, "file_missing", name, talks=missing, silent=silent)


@_plant
def optional_column_gone(rng: random.Random, town: Town) -> Fault:
    """An optional column that was filled is gone."""
    table = town.second.files[CLIENTS]
    place = table.columns.index("Zuweisung")
    table.columns = [c for c in table.columns if c != "Zuweisung"]
    table.rows = [row[:place] + row[place + 1 :] for row in table.rows]
    return Fault(3, "optional_column_gone", CLIENTS)


@_plant
def most_rows_unreadable(rng: random.Random, town: Town) -> Fault:
    """Most of the conversations have a day that is none."""
    talks = sorted(town.now.talks)
    lost = set(rng.sample(talks, int(len(talks) * 0.8)))
    for talk in lost:
        town.set_cell(TALKS, talk, "Datum", "demnächst")
    return Fault(3, "most_rows_unreadable", TALKS, talks=lost)


@_plant
@forms_of("csv", "xlsx")
def header_only(rng: random.Random, town: Town) -> Fault:
    """A table comes with nothing but its header."""
    town.second.files[TALKS].rows = []
    return Fault(3, "header_only", TALKS, talks=set(town.now.talks))


# 4. Nothing visible is left out unsaid.


@_plant
@forms_of("xlsx")
def sheet_per_year(rng: random.Random, town: Town) -> Fault:
    """Conversations of a year stand in a sheet of its own."""
    extra = {
        f"{town.name}-j{n}": Talk(date(2025, 3, 3 + n), {min(town.now.persons)}) for n in range(2)
    }
    lines = [COLUMNS[TALKS], *(talk_row(k, t) for k, t in extra.items())]
    town.second.files[TALKS].more_sheets[rng.choice(("Gespräche 2025", "2025", "Tabelle2"))] = lines
    town.now.talks = town.now.talks | extra
    return Fault(4, "sheet_per_year", TALKS, talks=set(extra))


# 5. Dates have meaning.


def _misdated(name: str, table: str, column: str, days: tuple[str, ...]) -> None:
    def plant(rng: random.Random, town: Town) -> Fault:
        day = rng.choice(days)
        if table == TALKS:
            talk = rng.choice(sorted(town.now.talks))
            return Fault(5, name, table, town.set_cell(table, talk, column, day), talks={talk})
        if table == FORMS:
            key = rng.choice(sorted(town.now.releases))
            row = town.set_cell(table, f"E{key}", column, day)
            return Fault(5, name, table, row, silent={key})
        key = rng.choice(sorted(town.now.persons))
        field_name = {"Geburtsdatum": "birth_date", "Einreise": "entry_date"}[column]
        row = town.set_cell(table, key, column, day)
        return Fault(5, name, table, row, values={(key, field_name)})

    _plant(plant)


_misdated(
    "born_then", CLIENTS, "Geburtsdatum", ("14.02.1363", "14.02.0985", "14.02.2985", "1403-05-01")
)
_misdated("entered_then", CLIENTS, "Einreise", ("01.02.2042", "01.02.0216", "01.02.1395"))
_misdated("held_then", TALKS, "Datum", ("12.03.2204", "12.03.0204", "12.03.1403", "12.12.2025"))
_misdated("revoked_then", FORMS, "Widerrufen", ("01.02.2204", "01.02.0205", "01.02.1404"))


# 7. Rows that are not data.


def _insert_row(town: Town, rng: random.Random, table: str, cells: list[str], at_end: bool) -> int:
    rows = town.second.files[table].rows
    index = len(rows) if at_end else rng.randrange(1, len(rows))
    rows.insert(index, cells)
    return town.second.files[table].visible_row(index, town.form)


@_plant
@forms_of("csv", "xlsx")
def second_header(rng: random.Random, town: Town) -> Fault:
    """The header comes again among the rows."""
    table = rng.choice((CLIENTS, TALKS))
    row = _insert_row(town, rng, table, list(COLUMNS[table]), False)
    return Fault(7, "second_header", table, row)


@_plant
@forms_of("csv", "xlsx")
def header_after_mark(rng: random.Random, town: Town) -> Fault:
    """Two exports were put one after the other: a byte order mark and the header in the middle."""
    table = rng.choice((CLIENTS, TALKS))
    cells = [f"\ufeff{COLUMNS[table][0]}", *COLUMNS[table][1:]]
    return Fault(7, "header_after_mark", table, _insert_row(town, rng, table, cells, False))


@_plant
@forms_of("csv", "xlsx")
def block_of_another_order(rng: random.Random, town: Town) -> Fault:
    """From a row on, a second header has the columns in another order."""
    table = town.second.files[TALKS]
    half = len(table.rows) // 2
    order = [0, 3, 2, 1]
    changed = [[row[i] for i in order] for row in table.rows[half:]]
    lost = {row[0] for row in changed}
    table.rows[half:] = [[table.columns[i] for i in order], *changed]
    return Fault(7, "block_of_another_order", TALKS, talks=lost)


@_plant
@forms_of("csv", "xlsx")
def total_in_key_column(rng: random.Random, town: Town) -> Fault:
    """A total or a remark stands where the keys stand."""
    table = rng.choice((CLIENTS, TALKS))
    word = rng.choice(
        ("Gesamt", "Summe", "Anzahl: 8", "Stand 31.07.2025", "Gesamtzahl: 12", "Total")
    )
    cells = [word, *[""] * (len(COLUMNS[table]) - 1)]
    return Fault(7, "total_in_key_column", table, _insert_row(town, rng, table, cells, True))


# 8. Encodings are doubted.


@_plant
@forms_of("csv")
def mixed_encodings(rng: random.Random, town: Town) -> Fault:
    """Some lines are UTF-8, the others Windows-1252."""

    def encode(lines: list[str]) -> bytes:
        half = len(lines) // 2
        return "".join(lines[:half]).encode() + "".join(lines[half:]).encode("cp1252", "replace")

    return _encoded(town, "mixed_encodings", encode)


@_plant
@forms_of("csv")
def macintosh(rng: random.Random, town: Town) -> Fault:
    """The file was saved by an old Macintosh program, or by one of DOS."""
    encoding = rng.choice(("mac_roman", "cp850"))
    return _encoded(town, encoding, lambda lines: "".join(lines).encode(encoding, "replace"))


@_plant
def read_as_single_bytes(rng: random.Random, town: Town) -> Fault:
    """Names went through a program that took UTF-8 for Windows-1252."""
    fault = _encoded(town, "read_as_single_bytes", None)
    # Where few names have such letters, each is set aside and told, and the delivery taken.
    fault.silent.clear()
    for row in town.second.files[CLIENTS].rows:
        row[1] = row[1].encode().decode("cp1252", "replace")
        row[2] = row[2].encode().decode("cp1252", "replace")
    return fault


def _encoded(town: Town, name: str, encode: Callable[[list[str]], bytes] | None) -> Fault:
    town.second.files[CLIENTS].declare = encode
    fields = {(k, f) for k, p in town.now.persons.items() for f in p}
    return Fault(8, name, CLIENTS, values=fields, silent=set(town.now.persons))


# 9. Copies.


@_plant
def copy_beside(rng: random.Random, town: Town) -> Fault:
    """An old copy lies beside the new file; of one person it says something else."""
    table = town.second.files[CLIENTS]
    key = rng.choice(sorted(town.now.persons))
    rows = [list(row) for row in table.rows]
    rows[town.index_of(CLIENTS, key)][2] = "Alteskind"
    name = rng.choice(
        (f"Kopie von {CLIENTS}", f"{CLIENTS} - Kopie", f"{CLIENTS} (1)", f"alt/{CLIENTS}")
    )
    copy = type(table)(table.title, list(table.columns), rows, list(table.preamble))
    town.second.files[name] = copy
    return Fault(9, "copy_beside", CLIENTS, values={(key, "first_name")})


@_plant
def person_twice(rng: random.Random, town: Town) -> Fault:
    """A human being has two numbers in one source."""
    key = rng.choice(sorted(town.now.persons))
    double = f"{key}7"
    town.now.persons = {**town.now.persons, double: town.now.persons[key]}
    cells = client_row(double, town.now.persons[key], False)
    row = _insert_row(town, rng, CLIENTS, cells, True)
    return Fault(9, "person_twice", CLIENTS, row)


# 10. Numbers as keys.


@_plant
def number_of_a_spreadsheet(rng: random.Random, town: Town) -> Fault:
    """A long number was shortened by a spreadsheet before the export."""
    key = rng.choice(sorted(town.now.persons))
    row = town.set_cell(CLIENTS, key, "Nr", "1,23457E+12")
    fields = {(key, name) for name in town.now.persons[key]}
    return Fault(10, "number_of_a_spreadsheet", CLIENTS, row, values=fields)


@_plant
def separator_in_a_name(rng: random.Random, town: Town) -> Fault:
    """A vertical tab or another separator stands within a name."""
    key = rng.choice(sorted(town.now.persons))
    sign = rng.choice("\v\x1c\x1d\x1e\x1f\x85\u2028") if town.form != "xlsx" else "\u2028"
    if town.form == "xlsx":
        sign = rng.choice("\u2028\u2029\x85")
    name = str(town.now.persons[key]["first_name"])
    row = town.set_cell(CLIENTS, key, "Vorname", f"{name}{sign}Maria")
    town.now.persons = {
        **town.now.persons,
        key: {**town.now.persons[key], "first_name": f"{name} Maria"},
    }
    return Fault(10, "separator_in_a_name", CLIENTS, row, values={(key, "first_name")})


# 6. Values above the table keep their rules.


@_plant
@forms_of("csv", "xlsx")
def municipality_above(rng: random.Random, town: Town) -> Fault:
    """The line with the municipality is missing, worded otherwise, or names none of the district."""
    line = rng.choice(("", "Ort der Beratung Musterstadt", "Gemeinde: Nirgendwo", "Gemeinde:"))
    town.second.files[CLIENTS].preamble = [line, ""] if line else []
    return Fault(6, "municipality_above", CLIENTS)
