"""What must come of deliveries and decisions, in plain Python: slow and obvious. Only the exact rules are asked for their links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pipelines.intake.identity_terms import identity_terms
from tests.identity_decisions.town import Facts, describe_facts, find_pairs
from warehouse.identity.clusters import keep_consistent
from warehouse.identity.exact_rules import sure_links
from warehouse.identity.record import Key, Record
from warehouse.identity.terms import KnownPerson, without_numbers

TERMS = identity_terms()
Group = frozenset[Key]


@dataclass
class Said:
    """A decision: on which records, whom they meant, and what was known of them."""

    number: int
    a: Key
    b: Key
    verdict: str
    owners: tuple[int, int]
    facts: tuple[Facts, Facts]
    undone: bool = False


@dataclass
class Oracle:
    """``owners``: the load by which each key went to whom it means; ``last``: what was known last.

    ``then``: what was known, and whom keys meant, after each load.
    """

    known: dict[Key, Facts] = field(default_factory=dict)
    last: dict[Key, Facts] = field(default_factory=dict)
    owners: dict[Key, int] = field(default_factory=dict)
    then: list[tuple[dict[Key, Facts], dict[Key, int]]] = field(default_factory=lambda: [({}, {})])
    said: list[Said] = field(default_factory=list)

    def take(self, source: str, rows: Mapping[str, Facts]) -> None:
        """A source knows these, and no others."""
        self._forget(source)
        for key, facts in rows.items():
            record = (source, key)
            if record in self.last and self.last[record].human != facts.human:
                self.owners[record] = len(self.then)
            self._learn(record, facts)
        self.pass_load()

    def return_to(self, source: str, base: int) -> None:
        """A source knows what it knew after a load."""
        self._forget(source)
        known, owners = self.then[base]
        for record, facts in known.items():
            if record[0] == source:
                self.owners[record] = owners[record]
                self._learn(record, facts)
        self.pass_load()

    def pass_load(self) -> None:
        """A load was made, of a delivery or of a decision."""
        self.then.append((dict(self.known), dict(self.owners)))

    def _forget(self, source: str) -> None:
        self.known = {key: facts for key, facts in self.known.items() if key[0] != source}

    def _learn(self, record: Key, facts: Facts) -> None:
        self.known[record] = self.last[record] = facts
        self.owners.setdefault(record, 0)

    def standing(self, left_out: int | None = None) -> list[Said]:
        """The newest decision on each pair that was not taken back, if it is about those of today."""
        newest: dict[tuple[Key, Key], Said] = {}
        for one in self.said:
            if not one.undone and one.number != left_out:
                newest[one.a, one.b] = one
        return [
            one for one in newest.values() if one.owners == (self.owners[one.a], self.owners[one.b])
        ]

    def speaks_against(self, a: Key, b: Key, verdict: str) -> bool:
        """Whether a decision would contradict those on other pairs."""
        others = [one for one in self.standing() if (one.a, one.b) != (a, b)]
        whole = _join(one for one in others if one.verdict == "same")
        one, other = whole.get(a, {a}), whole.get(b, {b})
        if verdict != "same":
            return b in one
        return any(said.verdict == "different" and _parts(said, one, other) for said in others)

    def breaks_without(self, number: int) -> bool:
        """Whether decisions would contradict each other if one were not."""
        left = self.standing(number)
        whole = _join(one for one in left if one.verdict == "same")
        return any(one.verdict == "different" and one.b in whole.get(one.a, ()) for one in left)

    def apart(self) -> set[frozenset[Key]]:
        """Pairs that must be two persons, also by way of others."""
        standing = self.standing()
        whole = _join(one for one in standing if one.verdict == "same")
        return {
            frozenset((one, other))
            for said in standing
            if said.verdict == "different"
            for one in whole.get(said.a, {said.a})
            for other in whole.get(said.b, {said.b})
        }

    def unsure(self) -> set[tuple[Key, Key]]:
        """Pairs that nobody could decide and that are what they were."""
        return {
            (one.a, one.b)
            for one in self.standing()
            if one.verdict == "unsure"
            and one.facts == (self.known.get(one.a), self.known.get(one.b))
        }

    def persons(self) -> set[Group]:
        """The groups of known records."""
        standing = self.standing()
        keys = {*self.known, *(key for one in standing for key in (one.a, one.b))}
        groups: list[set[Key]] = [{key} for key in sorted(keys)]
        apart = [(one.a, one.b) for one in standing if one.verdict == "different"]
        for a, b, by in self._links(standing):
            one = next(g for g in groups if a in g)
            other = next(g for g in groups if b in g)
            if one is other or any(_parts_pair(pair, one, other) for pair in apart):
                continue
            sources = {key[0] for key in one if key in self.known}
            if by != "decision" and any(key[0] in sources for key in other if key in self.known):
                continue
            if by == "weight" and any(self._contradict(x, y) for x in one for y in other):
                continue
            groups.remove(other)
            one |= other
        known = [frozenset(key for key in group if key in self.known) for group in groups]
        return {group for group in known if group}

    def _contradict(self, one: Key, other: Key) -> bool:
        """Whether two known records have two numbers, and nothing else that makes them a pair."""
        if one not in self.known or other not in self.known:
            return False
        ours, theirs = self.known[one], self.known[other]
        alike = ours.mark in ("a", "b") and ours.mark == theirs.mark
        return (
            not alike and None not in (ours.number, theirs.number) and ours.number != theirs.number
        )

    def _links(self, standing: list[Said]) -> Iterable[tuple[Key, Key, str]]:
        for one in sorted(standing, key=lambda one: one.number):
            if one.verdict == "same":
                yield one.a, one.b, "decision"
        pairs = find_pairs(self.known, set(self.known))
        weighed = [
            (pair.a, pair.b)
            for pair in sorted(pairs, key=lambda pair: (-pair.weight, pair.a, pair.b))
            if pair.band == "automatic"
        ]
        unsure = {(one.a, one.b) for one in standing if one.verdict == "unsure"}
        links = [("number", self._exact(standing)), ("weight", weighed)]
        for by, pairs in links:
            for a, b in pairs:
                if (a, b) not in unsure:
                    yield a, b, by

    def _exact(self, standing: list[Said]) -> Iterable[tuple[Key, Key]]:
        people = [KnownPerson(*key, **_own(self.known[key])) for key in sorted(self.known)]
        read = TERMS.read_records(people)
        records = without_numbers(read, TERMS.find_crowded(read))
        whole = _join(one for one in standing if one.verdict == "same")
        marked = [_mark(record, whole) for record in records]
        for link in keep_consistent(marked, list(sure_links(marked))):
            yield link.a, link.b


def _own(facts: Facts) -> dict[str, object]:
    told = dict.fromkeys(KnownPerson._fields[2:])
    return {**told, **describe_facts(facts)}


def _mark(record: Record, whole: Mapping[Key, set[Key]]) -> Record:
    """A record knows the first of its source that it was decided to be one with."""
    mine = sorted(key for key in whole.get(record.identity, ()) if key[0] == record.source)
    return replace(record, decided_as=mine[0]) if mine else record


def _join(decisions: Iterable[Said]) -> dict[Key, set[Key]]:
    """Each record that was decided on with all that are one human being with it."""
    whole: dict[Key, set[Key]] = {}
    for one in decisions:
        both = whole.get(one.a, {one.a}) | whole.get(one.b, {one.b})
        whole |= dict.fromkeys(both, both)
    return whole


def _parts(said: Said, one: set[Key], other: set[Key]) -> bool:
    return _parts_pair((said.a, said.b), one, other)


def _parts_pair(pair: tuple[Key, Key], one: set[Key], other: set[Key]) -> bool:
    a, b = pair
    return (a in one and b in other) or (b in one and a in other)
