"""The whole history in plain Python: dicts and lists, slow and obvious. What is known, what every delivery did, what was known when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tests.history.people import Ids, Key, another, persons
from tests.history.world import Delivery, Table
from warehouse.schema import ENTITIES

Row = dict[str, Any]
Known = dict[str, dict[Key, Row]]
LEAST, GONE, CHANGED = 2, 0.5, 0.7


@dataclass
class Version:
    """One state of one row: its fields, the record it stands with, where it came from, from which load to which it was known."""

    entity: str
    source: str
    key: str
    record: str
    fields: Row
    whole: Any
    place: tuple[str, str, int]
    known_from: int
    known_to: int | None = None


@dataclass
class Done:
    """What became of a delivery: its state and, where it was loaded, the balance of its records by kind and file."""

    state: str
    number: int | None = None
    balance: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    known: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """A load: which delivery, of which day, understood by which mapping; the source's rows and everybody's persons afterwards."""

    delivery: Delivery
    rows: Known
    persons: dict[Key, int]


class Past:
    """What rows said when they became known, as far as some loads go: whom a key meant then, and where the case was known last."""

    def __init__(self, history: History, loads: set[int]) -> None:
        self.history, self.loads = history, loads

    def since(self, entity: str, source: str, key: str) -> int:
        """The load that brought a row that is known."""
        (known,) = [
            v for v in self._versions(entity, source) if v.key == key and self._lasts(v) is None
        ]
        return known.known_from

    def human(self, source: str, person: str, since: int) -> int | None:
        """Whom a person's key meant from then on; None where no table ever had it."""
        until = self._until(source, person, since)
        found = [
            who
            for s, key, load, who in self.history.links
            if (s, key) == (source, person)
            and load in self.loads
            and not self._is_undone(source, load)
            and self._until(source, person, load) == until
        ]
        return found[-1] if found else None

    def cases(self, source: str, person: str, since: int) -> list[Row]:
        """The cases of that human being: those known, else those known last."""
        until = self._until(source, person, since)
        mine = [
            v
            for v in self._versions("case", source)
            if v.fields["person_key"] == person
            and not self._is_undone(source, v.known_from)
            and self._until(source, person, v.known_from) == until
        ]
        known = [v for v in mine if self._lasts(v) is None]
        last = max((v.known_to or 0 for v in mine), default=0)
        return [v.fields for v in known or [v for v in mine if v.known_to == last]]

    def _versions(self, entity: str, source: str) -> list[Version]:
        return [
            v
            for v in self.history.versions
            if v.entity == entity and v.source == source and v.known_from in self.loads
        ]

    def _lasts(self, version: Version) -> int | None:
        return version.known_to if version.known_to in self.loads else None

    def _is_undone(self, source: str, load: int) -> bool:
        """Whether it is a load of the source that was taken back."""
        returns = [n for n in self.loads if n in self.history.returned]
        return self.history.loads[load - 1].delivery.source == source and any(
            self.history.loads[n - 1].delivery.source == source
            and self.history.returned[n] < load < n
            for n in returns
        )

    def _until(self, source: str, person: str, load: int) -> int:
        ends = [n for s, key, n in self.history.reused if (s, key) == (source, person)]
        return min((n for n in ends if n in self.loads and n > load), default=0)


class History:
    """Everything the hub should know."""

    def __init__(self) -> None:
        # Keys that became another human being's, and the links as they changed, by load.
        self.reused: list[tuple[str, str, int]] = []
        self.links: list[tuple[str, str, int, int]] = []
        self.versions: list[Version] = []
        self.loads: list[Loaded] = []
        self.states: dict[str, tuple[Delivery, Done]] = {}
        self.accepted: set[str] = set()
        self.settled: set[str] = set()
        self.seen: dict[str, int] = {}
        # Loads that returned their source to what it knew after an earlier one.
        self.returned: dict[int, int] = {}
        # Of those that took a load back, which.
        self.undone: dict[int, int] = {}
        self.ids = Ids()

    def take(self, delivery: Delivery) -> Done:
        """One delivery offered: loaded, or the reason why not."""
        mine = [self.loads[n - 1].delivery for n in self.chain(delivery.source)]
        before = self.states.get(delivery.id)
        if before and before[1].state == "undone":
            return Done("known")
        if mine and mine[-1].on > delivery.on:
            if before or any(d.id == delivery.id for d in mine):
                return Done("known")
            return self._keep(delivery, Done("failed"))
        if mine and before and before[1].number and mine[-1] == delivery:
            return Done("known")
        if not any(t.readable for t in delivery.tables):
            return self._keep(delivery, Done("failed"))
        return self._load(delivery)

    def chain(self, source: str) -> list[int]:
        """The loads of a source that count: a return drops those since the load it returned to."""
        chain: list[int] = []
        for number, load in enumerate(self.loads, start=1):
            if load.delivery.source == source:
                back = self.returned.get(number)
                chain = [*chain, number] if back is None else [n for n in chain if n <= back]
        return chain

    def undo(self, number: int, mapping: int) -> bool:
        """Takes a load back, and loads again what came after it; False where that makes no sense.

        Of a load that took another back, that one comes again.
        """
        if number in self.undone:
            return self._bring_back(number, mapping)
        delivery = self.loads[number - 1].delivery
        chain = self.chain(delivery.source)
        if number not in chain:
            return False
        later = chain[chain.index(number) + 1 :]
        if any(self.loads[n - 1].delivery.id == delivery.id for n in later):
            return False
        before = chain[: chain.index(number)]
        while before and self.loads[before[-1] - 1].delivery.id == delivery.id:
            before.pop()
        self._return(before[-1] if before else 0, delivery)
        self.undone[len(self.loads)] = number
        self._keep(delivery, Done("undone", number))
        self._load_again(later, mapping)
        return True

    def _bring_back(self, number: int, mapping: int) -> bool:
        undone = self.undone[number]
        delivery = self.loads[undone - 1].delivery
        if self.states[delivery.id][1].state != "undone":
            return False
        chain = self.chain(delivery.source)
        kept = [n for n in chain if n <= self.returned[number]]
        after = [n for n in chain if n not in kept]
        first = (after or [number])[0]
        self._return(kept[-1] if kept else 0, self.loads[first - 1].delivery)
        self._load_again([undone, *after], mapping)
        return True

    def reread(self, source: str, since: date, mapping: int) -> bool:
        """Loads a source's deliveries from a day on again; False where there are none."""
        chain = self.chain(source)
        again = [n for n in chain if self.loads[n - 1].delivery.on >= since]
        if not again:
            return False
        before = chain[: len(chain) - len(again)]
        self._return(before[-1] if before else 0, self.loads[again[0] - 1].delivery)
        self._load_again(again, mapping)
        return True

    def _return(self, base: int, otherwise: Delivery) -> None:
        """A load with which the source knows again what it knew after ``base``."""
        delivery = self.loads[base - 1].delivery if base else otherwise
        number = len(self.loads) + 1
        for version in [v for v in self.versions if v.source == delivery.source]:
            if version.known_to is None and version.known_from > base:
                version.known_to = number
            elif version.known_from <= base and (version.known_to or 0) > base:
                self.versions.append(replace(version, known_from=number, known_to=None))
        self.returned[number] = base
        self._note_load(delivery)

    def _load_again(self, numbers: list[int], mapping: int) -> None:
        again = [self.loads[n - 1].delivery for n in numbers]
        for at, delivery in enumerate(again):
            if at + 1 == len(again) or again[at + 1].id != delivery.id:
                self._load(delivery.understood(mapping), guarded=False)

    def known_at(self, load: int) -> tuple[Known, dict[Key, int], Past]:
        """What was known after a load: of every source what its last load up to then left."""
        past = Past(self, set(range(1, load + 1)))
        if load == 0:
            return {}, {}, past
        return _together(self.loads[:load]), self.loads[load - 1].persons, past

    def known_on(self, day: date) -> tuple[Known, dict[Key, int], Past]:
        """What is known of deliveries dated up to a day, whenever they came: of every record the last person found up to then."""
        loads = [load for load in self.loads if load.delivery.on <= day]
        who: dict[Key, int] = {}
        for load in loads:
            who |= load.persons
        numbers = {n for n, load in enumerate(self.loads, start=1) if load.delivery.on <= day}
        return _together(loads), who, Past(self, numbers)

    def open(self, source: str | None = None) -> list[Version]:
        """The rows known now."""
        return [v for v in self.versions if v.known_to is None and source in (None, v.source)]

    def _keep(self, delivery: Delivery, done: Done) -> Done:
        self.states[delivery.id] = (delivery, done)
        self.seen[delivery.id] = len(self.loads)
        self.settled.discard(delivery.id)
        return done

    def replaced(self, delivery: Delivery) -> bool:
        """Whether a full delivery of the source, of that day or a newer one, has been loaded since this one was seen."""
        return any(
            d.source == delivery.source and d.full and d.on >= delivery.on
            for d in (load.delivery for load in self.loads[self.seen[delivery.id] :])
        )

    def overtaken(self, delivery: Delivery) -> bool:
        """Whether a newer delivery of the source, or another of the same day since this one was seen, has been loaded."""
        mine = [
            (at, load.delivery)
            for at, load in enumerate(self.loads)
            if at + 1 in self.chain(delivery.source)
        ]
        return any(
            d.on > delivery.on or (d.on == delivery.on and at >= self.seen[delivery.id])
            for at, d in mine
        )

    def _load(self, delivery: Delivery, *, guarded: bool = True) -> Done:
        number = len(self.loads) + 1
        stopped = {e for t in delivery.tables if not t.readable for e in delivery.feeds(t)}
        staged = _staged(delivery, number)
        replaced = self._replaced(delivery.source, staged.get("person", {}))
        if replaced:
            staged |= {e: {} for e, k in ENTITIES.items() if k.record == "case" and e not in staged}
        steps = {
            entity: self._compared(delivery, entity, staged, stopped, replaced) for entity in staged
        }
        done = Done("incomplete" if stopped else "loaded", number)
        for entity, step in steps.items():
            # Persons may be in files apart from their cases, so that the guard counts them, too.
            if ENTITIES[entity].is_record or entity == "person":
                before = len([v for v in self.open(delivery.source) if v.entity == entity])
                gone, changed = len(step["gone"]), len(step["changed"])
                there = changed + len(step["new"]) + len(step["unchanged"])
                # No more than one is known where the guard has no share to go by.
                small = gone > GONE * before and there == 0 and entity != "consent"
                large = gone > GONE * before or changed > CHANGED * before
                is_beyond = large if before >= LEAST else small
                if guarded and delivery.id not in self.accepted and is_beyond:
                    return self._keep(delivery, Done("held"))
            if ENTITIES[entity].is_record:
                done.known[entity] = (before, before + len(step["new"]) - gone)
                _count(done, delivery, entity, step)
        for step in steps.values():
            for old in step["gone"] + [old for old, _ in step["changed"]]:
                old.known_to = number
            self.versions += step["new"] + [new for _, new in step["changed"]]
        # What was accepted counts until this or another of its day, or a newer one, is loaded.
        self.accepted -= {
            i
            for i, (d, _) in self.states.items()
            if d.source == delivery.source and d.on <= delivery.on
        }
        self._note_load(delivery, replaced)
        return self._keep(delivery, done)

    def _note_load(self, delivery: Delivery, replaced: Collection[str] = ()) -> None:
        number = len(self.loads) + 1
        everybody = {(v.source, v.key): v.fields for v in self.open() if v.entity == "person"}
        reused = [(delivery.source, key) for key in replaced]
        self.reused += [(*key, number) for key in reused]
        who = self.ids.assign(persons(everybody), reused)
        before_this = self.loads[-1].persons if self.loads else {}
        # What a return found again it says anew.
        said = [key for key in who if key[0] == delivery.source and number in self.returned]
        self.links += [
            (*key, number, person)
            for key, person in who.items()
            if before_this.get(key) != person or key in said
        ]
        self.loads.append(Loaded(delivery, self._rows(delivery.source), who))

    def _replaced(self, source: str, coming: dict[str, Version]) -> set[str]:
        """The persons who are somebody else than when the key was known last."""
        found = set()
        for key, new in coming.items():
            had = [
                v for v in self.versions if (v.entity, v.source, v.key) == ("person", source, key)
            ]
            if had and another(max(had, key=lambda v: v.known_from).fields, new.fields):
                found.add(key)
        return found

    def _compared(
        self,
        delivery: Delivery,
        entity: str,
        staged: dict[str, dict[str, Version]],
        stopped: set[str],
        replaced: set[str],
    ) -> dict[str, list[Any]]:
        known = {v.key: v for v in self.open(delivery.source) if v.entity == entity}
        coming, record = staged[entity], ENTITIES[entity].record
        step: dict[str, list[Any]] = {"new": [], "changed": [], "unchanged": [], "gone": []}
        if record == "case":
            step["gone"] += [known.pop(k) for k, v in list(known.items()) if v.record in replaced]
        for key, new in coming.items():
            if key not in known:
                step["new"].append(new)
            elif known[key].whole == new.whole:
                step["unchanged"].append(new)
            else:
                step["changed"].append((known[key], new))
        beside = {
            main
            for table in delivery.tables
            if table.readable
            for main, parts in delivery.together(table).items()
            if record in parts
        }
        for key, old in known.items():
            says_all = delivery.full and entity not in stopped
            # A record that came says everything of its parts, unless a table of them could not be read.
            says_all |= (
                entity != record
                and not {entity, record} & stopped
                and old.record in staged.get(record, {})
            )
            # So does a profile of the release that was noted on it under the same key.
            says_all |= not {entity, record} & stopped and any(
                old.record in staged.get(main, {}) for main in beside
            )
            if key not in coming and says_all:
                step["gone"].append(old)
        return step

    def _rows(self, source: str) -> Known:
        rows: Known = {}
        for v in self.open(source):
            rows.setdefault(v.entity, {})[source, v.key] = v.fields
        return rows


def _together(loads: list[Loaded]) -> Known:
    of_source = {load.delivery.source: load.rows for load in loads}
    known: Known = {}
    for rows in of_source.values():
        for entity, found in rows.items():
            known.setdefault(entity, {}).update(found)
    return known


def _staged(delivery: Delivery, number: int) -> dict[str, dict[str, Version]]:
    """The rows as they come, each key once (its first row); a record is what its own row and all its parts say."""
    staged: dict[str, dict[str, Version]] = {}
    on_row: dict[tuple[str, str], list[Any]] = {}
    for table in delivery.tables:
        if not table.readable:
            continue
        for entity, rows in delivery.rows(table).items():
            for line, row in enumerate(rows, start=2):
                version = _version(delivery, table, entity, row, line, number)
                first = staged.setdefault(entity, {}).setdefault(version.key, version)
                # One of two rows that contradict each other may be the revocation.
                if entity == "consent" and first.fields != version.fields:
                    first.fields["revoked_on_unreadable"] = True
                if first is version:
                    for record, bound in delivery.together(table).items():
                        if entity in bound:
                            on_row.setdefault((record, version.record), []).append(
                                (entity, version.key, version.fields)
                            )
            staged.setdefault(entity, {})
    for entity, versions in staged.items():
        if ENTITIES[entity].is_record:
            for v in versions.values():
                v.whole = (
                    v.fields,
                    sorted(
                        [*_parts(staged, entity, v.record), *on_row.get((entity, v.record), [])],
                        key=str,
                    ),
                )
    return staged


def _parts(staged: dict[str, dict[str, Version]], record: str, key: str) -> list[Any]:
    own = [e for e in staged if ENTITIES[e].record == record and e != record]
    return [(e, v.key, v.fields) for e in own for v in staged[e].values() if v.record == key]


def _version(
    delivery: Delivery, table: Table, entity: str, row: Row, line: int, number: int
) -> Version:
    kind = ENTITIES[entity]
    fields = {
        c.name: row.get(c.name)
        for c in kind.table.columns
        if "label" in c.info and c.name not in _HISTORY
    }
    if kind.owner:
        fields[kind.owner] = row["key"]
    key = "\x1f".join([row["key"], *(row[n] for n in kind.each)])
    return Version(
        entity,
        delivery.source,
        key,
        row["key"],
        fields,
        fields,
        (table.file, table.kind, line),
        number,
    )


def _count(done: Done, delivery: Delivery, entity: str, step: dict[str, list[Any]]) -> None:
    """Records count where they came; gone ones where they once came, or in the same table of this delivery."""
    files = {
        t.kind: t.file
        for t in sorted(delivery.tables, key=lambda t: t.file, reverse=True)
        if t.readable
    }
    mine = {(t.file, t.kind) for t in delivery.tables if t.readable}
    for place, what in enumerate(("new", "changed", "unchanged", "gone")):
        for found in step[what]:
            file, table, _ = (found[1] if what == "changed" else found).place
            if (file, table) not in mine:
                file = files.get(table, file)
            done.balance.setdefault((entity, file, table), [0, 0, 0, 0])[place] += 1


_HISTORY = {
    "source",
    "source_key",
    "record_key",
    "row_hash",
    "known_from",
    "known_to",
    "source_file",
    "source_table",
    "source_row",
}
