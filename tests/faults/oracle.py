"""What the hub may know of a town after both deliveries, judged by the truth in plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from tests.faults.planted import Fault
from tests.faults.towns import MUNICIPALITY, Town


@dataclass(frozen=True)
class SeenFinding:
    """A finding of the second delivery."""

    file: str
    row: int | None
    rule: str
    severity: str


@dataclass
class Seen:
    """What the hub knows of a source, and what it said of its second delivery.

    ``state`` is that of the delivery; ``message`` what the run said where it was not taken whole.
    ``held_by_others``: persons of whom nothing goes out because a source is not current.
    """

    state: str
    message: str
    findings: list[SeenFinding]
    persons: dict[str, dict[str, object]]
    ids_before: dict[str, str]
    ids: dict[str, str]
    talks: dict[str, date]
    participants: dict[str, set[str]]
    assigned: set[str]
    municipalities: dict[str, str | None]
    released: dict[str, set[str]]
    held_by_others: set[str]
    conversations: int
    persons_reached: int


def find_faults(town: Town, fault: Fault | None, seen: Seen) -> Iterator[str]:
    """What is wrong, by neutral names; nothing where all is right or told."""
    told = fault is not None and _is_told(fault, seen)
    taken = seen.state in ("loaded", "incomplete")
    if fault is None and (seen.state != "loaded" or seen.findings):
        yield f"clean delivery: {seen.state}, {[f.rule for f in seen.findings]}"
    excused = fault if told else None
    yield from _check_persons(town, excused, seen, taken)
    yield from _check_talks(town, excused, seen, taken)
    yield from _check_releases(town, fault, seen)
    if lost := town.before.assigned - seen.assigned:
        yield f"{len(lost)} assignments ended"
    for key, municipality in seen.municipalities.items():
        if municipality != MUNICIPALITY and not told:
            yield f"person {key}: municipality gone unsaid"
    known = _list_humans(town, fault, seen)
    if seen.persons_reached != len(known):
        yield f"persons_reached {seen.persons_reached}, known participants {len(known)}"
    if seen.conversations != len(seen.talks):
        yield f"conversations {seen.conversations}, known {len(seen.talks)}"


def _list_humans(town: Town, fault: Fault | None, seen: Seen) -> set[tuple[str, bool]]:
    """The human beings who took part, by key, and whether they are the former one of the key.

    With whom a conversation was held before a key went to somebody else stays with that person.
    """
    other = fault.other_human if fault is not None else None
    has_gone = other is not None and seen.ids.get(other) != seen.ids_before.get(other)
    return {
        (person, has_gone and person == other and talk in town.before.talks)
        for talk, persons in seen.participants.items()
        for person in persons
        if person in seen.persons
    }


def _is_told(fault: Fault, seen: Seen) -> bool:
    """Whether a finding names the place, or the delivery was not taken whole and says why."""
    here = [f for f in seen.findings if _is_file(f.file, fault.file)]
    by_row = any(f.row == fault.row for f in here if f.row is not None)
    by_file = any(f.row is None for f in here)
    whole = fault.row is None and bool(here)
    other_file = fault.kind == 9 and any(fault.file in f.file for f in seen.findings)
    return (
        by_row or by_file or whole or other_file or (seen.state != "loaded" and bool(seen.message))
    )


def _is_file(found: str, expected: str) -> bool:
    return PurePosixPath(found or "").stem == expected


def _check_persons(town: Town, excused: Fault | None, seen: Seen, taken: bool) -> Iterator[str]:
    before, now = town.before.persons, town.now.persons
    for key in before.keys() | now.keys():
        if key not in seen.persons:
            if key in before or (taken and excused is None):
                yield f"person {key} is not known"
            continue
        for name, value in seen.persons[key].items():
            right = now[key][name] if key in now else None
            former = before.get(key, {}).get(name)
            may_lack = excused is not None and (
                not taken or (key, name) in excused.values or key == excused.other_human
            )
            if value != right and not (may_lack and value in (None, former)):
                yield f"person {key}: {name} is wrong"
    if strays := seen.persons.keys() - before.keys() - now.keys():
        yield f"{len(strays)} persons that nobody delivered"
    for key, former_id in seen.ids_before.items():
        other = excused is not None and key == excused.other_human and taken
        became_other = town.before.persons[key] != now.get(key) and (
            town.before.persons[key]["last_name"] != now[key]["last_name"]
        )
        if (other or (became_other and taken)) == (seen.ids.get(key) == former_id):
            yield f"person {key}: {'kept' if became_other else 'changed'} the person id"


def _check_talks(town: Town, excused: Fault | None, seen: Seen, taken: bool) -> Iterator[str]:
    before, now = town.before.talks, town.now.talks
    may_lack = excused.talks if excused else set()
    for key in before.keys() | now.keys():
        if key not in seen.talks:
            if key in before or not (excused and (key in may_lack or not taken)):
                yield f"conversation {key} is not known"
            continue
        if seen.talks[key] != now[key].held_on and key not in may_lack:
            yield f"conversation {key}: another day"
        given = seen.participants.get(key, set())
        if given != now[key].persons and not (excused and (key in may_lack or not taken)):
            yield f"conversation {key}: other participants"
    if strays := seen.talks.keys() - before.keys() - now.keys():
        yield f"{len(strays)} conversations that nobody held"


def _check_releases(town: Town, fault: Fault | None, seen: Seen) -> Iterator[str]:
    for key, groups in seen.released.items():
        if not groups <= town.now.releases.get(key, set()):
            yield f"person {key}: released more than granted"
        if fault is not None and key in fault.silent:
            yield f"person {key}: released although in doubt"
    # The own source of a clean delivery is current: a namesake's in another town is not.
    free = {k: g for k, g in town.now.releases.items() if k not in seen.held_by_others}
    if fault is None and seen.released != free:
        yield "what was granted is not released"
