"""Human beings whose consents, withdrawals and mishaps lie in files: drawn at random, written as two deliveries."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from pipelines.consents.grant import Consent, grant_consent, withdraw_consent
from pipelines.hub import Hub
from tests.consents.office import (
    CONSENT,
    EARLIER,
    IGNORED,
    JOBCENTER,
    LAST,
    MAPPING,
    NOTE,
    NOTES_TABLE,
    PERSON,
    Office,
    Row,
    form,
    note,
    person,
    write_table,
)

GIVEN = ("15.01.2025", "15.01.2025", "01.02.2025", "20.03.2025", "10.05.2022", "")
ENDS = (
    "",
    "",
    "",
    "",
    "31.12.2025",
    "31.12.2025",
    "01.03.2025",
    "31.12.9999",
    "immer",
    "31.06.2025",
)
REVOKED = (*[""] * 24, "01.02.2025", "20.03.2025", "30.06.2025", "01.01.2031", "01.01.1900", "ja")
GROUPS = ("Sprache,Beruf", "Sprache,Beruf", "Sprache", "Beruf", "", "keine, Sprache")
RECIPIENTS = (*[JOBCENTER] * 15, "Jobcenter", "Jobcenter Nachbarkreis", "")
RELEASES = ("", "Sprache", "Sprache,Beruf", "Beruf", "Beruf, vielleicht")
NOTED = (*("15.01.2025", "10.02.2025", "20.03.2025", "30.06.2025") * 3, "31.06.2025", "01.01.2031")
NOTES = (
    "Klient widerruft Einwilligung",
    "Einwilligung zur Weitergabe widerrufen",
    "hat Einwilligung nicht widerrufen",
    "über Widerruf der Einwilligung informiert",
    "Kurs begonnen",
)
MISHAPS = ("no key", "shifted", "spelling", "twice")


@dataclass
class World:
    """One human being: rows of the systems, as first delivered and as delivered last."""

    persons: dict[str, Row]
    forms: dict[str, list[Row]]
    broken: list[str]
    notes: dict[str, list[Row]] = field(default_factory=dict)


def draw_world(rng: random.Random, number: int) -> World:
    """A human being known to alpha, beta or both, with up to four forms in alpha."""
    key = str(number)
    linked = rng.random() < 0.5
    azr = f"07{number:04}123456" if linked else ""
    persons = {"alpha": person(key, AZR=azr)}
    if linked or rng.random() < 0.3:
        release = rng.choice(RELEASES)
        persons["beta"] = person(key, "" if linked else f"{key}b", AZR=azr, Freigabe=release)
    forms = {source: _draw_forms(rng, key, source) for source in persons}
    return World(persons, forms, [])


# A third system has no consents, and tells what happened in conversations.
TOLD = MAPPING.partition("RELEASE")[0].replace("    key: Nr\n", IGNORED) + NOTES_TABLE


def _add_told(rng: random.Random, first: World, second: World) -> tuple[World, World]:
    """The two worlds with the human being in the third system, too, of one in three."""
    if rng.random() > 0.3:
        return first, second
    known = first.persons["alpha"]
    azr, key = known["AZR"], f"g{known['Nr']}"
    row = person(key, known["Nr"] if azr else f"{known['Nr']}c", AZR=azr)
    one, two = (replace(w, persons={**w.persons, "gamma": row}) for w in (first, second))
    return one, two


def _add_notes(rng: random.Random, first: World, second: World) -> World:
    """The second world with what was told in conversations, of one in five persons of a system.

    Of a key that another human being bears, nobody can tell whom it was told of.
    """
    same = [s for s, row in second.persons.items() if row["AZR"] == first.persons[s]["AZR"]]
    keys = {source: second.persons[source]["Nr"] for source in same if rng.random() < 0.2}
    notes: dict[str, list[Row]] = {
        source: [note(f"G{key}", key, rng.choice(NOTED), rng.choice(NOTES))]
        for source, key in keys.items()
    }
    return replace(second, notes=notes)


def _add_gone(rng: random.Random, first: World, second: World) -> World:
    """The first world with what was told in conversations that are delivered once."""
    return (
        replace(first, notes=_add_notes(rng, second, first).notes) if rng.random() < 0.3 else first
    )


def _draw_forms(rng: random.Random, key: str, source: str) -> list[Row]:
    most = (0, 1, 1, 2, 2, 3, 4) if source == "alpha" else (0, 0, 0, 0, 1, 2)
    return [draw_form(rng, key, n) for n in range(rng.choice(most))]


def draw_form(rng: random.Random, key: str, number: int) -> Row:
    cells = {
        "Erteilt": rng.choice(GIVEN),
        "Gueltig_bis": rng.choice(ENDS),
        "Widerrufen": rng.choice(REVOKED),
        "Empfaenger": rng.choice(RECIPIENTS),
        "Schweigepflicht": rng.choice(("ja",) * 6 + ("nein", "")),
        "Zweck": rng.choice(("Vermittlung",) * 6 + ("",)),
    }
    return form(f"E{key}-{number}", key, rng.choice(GROUPS), **cells)


def change_world(rng: random.Random, world: World) -> World:
    """The same human being at the second delivery: revoked, added, emptied, broken, or another."""
    key = world.persons["alpha"]["Nr"]
    forms = {source: _change_forms(rng, key, rows) for source, rows in world.forms.items()}
    persons = {source: dict(row) for source, row in world.persons.items()}
    if "beta" in persons and rng.random() < 0.3:
        persons["beta"]["Freigabe"] = rng.choice(RELEASES)
    if rng.random() < 0.05:
        other = {"Nachname": f"Anders{key}", "Vorname": "Omid", "Geburtsdatum": "12.12.1971"}
        persons["alpha"] |= {**other, "AZR": ""}
    broken = list(_break_rows(rng, key)) if rng.random() < 0.15 else []
    return World(dict(persons), forms, broken)


def _change_forms(rng: random.Random, key: str, rows: list[Row]) -> list[Row]:
    forms = [dict(row) for row in rows if rng.random() < 0.95]
    for row in forms:
        if rng.random() < 0.15:
            row["Widerrufen"] = rng.choice(REVOKED)
    if rng.random() < 0.2:
        forms.append(dict(draw_form(rng, key, 9)))
    return list(forms)


def _break_rows(rng: random.Random, key: str) -> Iterator[str]:
    match rng.choice(MISHAPS):
        case "no key":
            yield f";{key};{JOBCENTER};;;;01.07.2025;;"
        case "shifted":
            yield f"E{key}-x;{key};{JOBCENTER};Ver;mittlung;;;01.07.2025;ja;Sprache"
        case "spelling":
            yield f"E{key}-x;00{key};{JOBCENTER};;01.02.2025;;01.07.2025;ja;Sprache"
        case "twice":
            row = f"{JOBCENTER};Vermittlung;15.01.2025;;"
            yield f"E{key}-y;{key};{row};ja;Sprache"
            yield f"E{key}-y;{key};{row}01.07.2025;ja;Sprache"


SYSTEMS = ("alpha", "beta", "gamma")


def write_worlds(office: Office, day: date, worlds: list[World]) -> None:
    """Writes what all systems deliver on a day."""
    for source in SYSTEMS:
        write_system(office, source, day, worlds)
    folder = office.folder / "alpha" / day.isoformat()
    with (folder / "Einwilligungen.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for world in worlds for line in world.broken)


def write_system(office: Office, source: str, day: date, worlds: list[World]) -> None:
    """Writes what one system delivers on a day."""
    folder = office.folder / source / day.isoformat()
    rows = [world.persons[source] for world in worlds if source in world.persons]
    write_table(folder / "Klienten.csv", PERSON, rows)
    if source != "gamma":
        forms = [row for world in worlds for row in world.forms.get(source, [])]
        write_table(folder / "Einwilligungen.csv", CONSENT, forms)
    # Most conversations stay, so that no delivery is held for those that are gone.
    notes = [note(f"K{row['Nr']}", row["Nr"], "15.01.2025", "Kurs begonnen") for row in rows]
    notes += [row for world in worlds for row in world.notes.get(source, [])]
    write_table(folder / "Gespraeche.csv", NOTE, notes)


DAYS_BY_HAND = (date(2025, 1, 20), date(2025, 2, 1), date(2025, 3, 20), LAST)
# How many human beings of a district say something that is written down by hand.
SAYING = 8


def say_by_hand(rng: random.Random, office: Office, worlds: list[World]) -> None:
    """Some consent, refuse or revoke at the counter; ``by-hand.csv`` has the same for the oracle."""
    with office.open() as hub, (office.folder / "by-hand.csv").open("w", encoding="utf-8") as file:
        for world in rng.sample(worlds, min(SAYING, len(worlds))):
            source = rng.choice(sorted(world.persons.keys() - {"gamma"}))
            key, day = world.persons[source]["Nr"], rng.choice(DAYS_BY_HAND)
            kind = rng.choice(("granted", "granted", "revoked", "refused"))
            groups = rng.choice((["sprache"], ["beruf"], ["sprache", "beruf"]))
            _write_down(hub, f"{source}:{key}", kind, day, groups)
            file.write(";".join((source, key, kind, f"{day:%d.%m.%Y}", ",".join(groups))) + "\n")


def _write_down(hub: Hub, record: str, kind: str, day: date, groups: list[str]) -> None:
    if kind != "granted":
        withdraw_consent(hub, record, "jobcenter", day, kind=kind)
        return
    given = Consent(
        record=record,
        recipient="jobcenter",
        groups=groups,
        purposes=["vermittlung"],
        given_on=day,
        released_persons=["Anna Beispiel"],
    )
    grant_consent(hub, given)


THIRD = {"recipients:": "  gamma: {mapping: told.yaml, folder: gamma, delivers: full}\nrecipients:"}
Situation = Callable[[Office, list[World]], None]
REVOKED_NEXT = LAST + timedelta(1)


def nothing_else(office: Office, worlds: list[World]) -> None:
    """All that was delivered is loaded."""


def one_more_waits(office: Office, worlds: list[World]) -> None:
    """Everybody withdrew, in a delivery that nobody loaded."""
    withdrawn = [
        replace(
            world,
            forms={source: _withdraw(rows) for source, rows in world.forms.items()},
            broken=[],
        )
        for world in worlds
    ]
    write_worlds(office, REVOKED_NEXT, withdrawn)


def _withdraw(rows: list[Row]) -> list[Row]:
    return [{**row, "Widerrufen": "30.07.2025"} for row in rows]


def one_more_grows(office: Office, worlds: list[World]) -> None:
    """The next delivery of one system is still being written."""
    folder = office.folder / "alpha" / REVOKED_NEXT.isoformat()
    folder.mkdir()
    (folder / "Einwilligungen.csv.part").write_text("ENr;", "utf-8")
    office.run()


def notes_wait_elsewhere(office: Office, worlds: list[World]) -> None:
    """All whom the system without consents knows withdrew, in a delivery that nobody loaded."""
    text = NOTES[0]
    told = [
        replace(
            w,
            notes={
                "gamma": [
                    note(
                        f"W{w.persons['gamma']['Nr']}", w.persons["gamma"]["Nr"], "30.07.2025", text
                    )
                ]
            },
        )
        for w in worlds
        if "gamma" in w.persons
    ]
    write_system(office, "gamma", REVOKED_NEXT, told)


def a_source_is_removed(office: Office, worlds: list[World]) -> None:
    """One system is no longer configured."""
    office.configure(**THIRD, **{"  alpha: ": "  # alpha: "})


def it_is_late(office: Office, worlds: list[World]) -> None:
    """Nothing came for four months."""
    office.today = LAST + timedelta(120)


def a_month_passed(office: Office, worlds: list[World]) -> None:
    """The last delivery is a month old, which is usual."""
    office.today = LAST + timedelta(30)


SITUATIONS: tuple[Situation, ...] = (
    nothing_else,
    nothing_else,
    nothing_else,
    a_month_passed,
    one_more_waits,
    one_more_grows,
    a_source_is_removed,
    it_is_late,
    notes_wait_elsewhere,
)


def live(folder: Path, seed: int, count: int, warehouse: str = "duckdb") -> Office:
    """A district of ``count`` human beings after two deliveries, in one of the situations."""
    rng = random.Random(seed)
    separator = (",", "|")[seed % 2]
    office = Office(folder, warehouse=warehouse)
    _cut_groups_at(office, separator)
    office.read_notes()
    (office.folder / "told.yaml").write_text(TOLD, "utf-8")
    office.configure(**THIRD)
    first = [draw_world(rng, number) for number in range(1, count + 1)]
    second = [change_world(rng, world) for world in first]
    told, notes = random.Random(f"told {seed}"), random.Random(f"notes {seed}")
    both = [_add_told(told, *pair) for pair in zip(first, second, strict=True)]
    both = [(_add_gone(told, *pair), _add_notes(notes, *pair)) for pair in both]
    first, second = [one for one, _ in both], [two for _, two in both]
    for day, worlds in ((EARLIER, first), (LAST, second)):
        write_worlds(office, day, [_with_separator(w, separator) for w in worlds])
    office.run()
    say_by_hand(rng, office, second)
    SITUATIONS[seed % len(SITUATIONS)](office, [_with_separator(w, separator) for w in second])
    return office


def _cut_groups_at(office: Office, separator: str) -> None:
    for name in ("forms.yaml", "both.yaml"):
        mapping = office.folder / name
        text = mapping.read_text("utf-8").replace('split: ","', f'split: "{separator}"')
        mapping.write_text(text, "utf-8")


def _with_separator(world: World, separator: str) -> World:
    """The world with another sign between the data groups."""
    forms: dict[str, list[Row]] = {
        source: [{**row, "Gruppen": row["Gruppen"].replace(",", separator)} for row in rows]
        for source, rows in world.forms.items()
    }
    persons = {
        source: {**row, "Freigabe": row["Freigabe"].replace(",", separator)}
        for source, row in world.persons.items()
    }
    return World(dict(persons), forms, world.broken, world.notes)
