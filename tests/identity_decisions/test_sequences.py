"""Generated courses of deliveries, decisions and undos, on the real warehouse and in plain Python."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.intake.identity_decisions import Contradicted, NotDecided
from tests.identity_decisions.oracle import Oracle, Said
from tests.identity_decisions.town import Facts, Town, find_pairs
from warehouse.identity.record import Key
from warehouse.identity.scored_pairs import read_pairs
from warehouse.schema import identity_decision, person_anchor, person_link

SOURCES, KEYS = ("enaio", "jobkraftwerk", "tau"), ("1", "2")
RECORDS = [(source, key) for source in SOURCES for key in KEYS]
NUMBERS = ("160512012345", "171130998877")
USUAL: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}

facts = st.builds(
    Facts,
    human=st.sampled_from([1, 1, 1, 2]),
    number=st.sampled_from([None, None, *NUMBERS]),
    mark=st.sampled_from([None, "a", "b", "c"]),
)
deliveries = st.tuples(
    st.just("deliver"),
    st.sampled_from(SOURCES),
    st.dictionaries(st.sampled_from(KEYS), facts, max_size=2),
)
pairs = st.lists(st.sampled_from(RECORDS), min_size=2, max_size=2, unique=True).map(sorted)
verdicts = st.sampled_from(["same", "same", "different", "different", "unsure"])
decisions = st.tuples(st.just("decide"), pairs, verdicts)
undos = st.tuples(st.just("undo"), st.integers(0, 5))
returns = st.tuples(st.just("return"), st.sampled_from(SOURCES), st.integers(0, 5))
courses = st.tuples(
    st.lists(deliveries, min_size=2, max_size=3),
    st.lists(st.one_of(deliveries, decisions, decisions, undos, returns), max_size=9),
).map(lambda parts: [*parts[0], *parts[1]])


def name(key: Key) -> str:
    return ":".join(key)


class Course:
    """Takes the steps on engine and oracle, and compares after each."""

    def __init__(self, town: Town) -> None:
        self.town, self.oracle = town, Oracle()
        self.then: list[dict[str, str]] = [{}]
        self.ids: dict[tuple[Key, int], set[str]] = {}
        town.reset()

    def take(self, step: Any) -> None:
        """One step, with all that must hold after it."""
        before, groups = self.town.persons(), self.oracle.persons()
        getattr(self, f"_{step[0]}")(*step[1:])
        self._compare(before, groups)

    def _deliver(self, source: str, rows: dict[str, Facts]) -> None:
        self.town.deliver(source, rows)
        self.oracle.take(source, rows)

    def _return(self, source: str, base: int) -> None:
        if source not in self.town.told or base >= len(self.town.said):
            return
        self.town.return_to(source, base)
        self.oracle.return_to(source, base)

    def _decide(self, pair: list[Key], verdict: str) -> None:
        a, b = pair
        was = self.town.persons()
        if not {a, b} <= self.oracle.known.keys():
            with pytest.raises(NotDecided):
                self.town.decide(name(a), name(b), verdict)
        elif self.oracle.speaks_against(a, b, verdict) and not self._is_said(a, b, verdict):
            with pytest.raises(Contradicted):
                self.town.decide(name(a), name(b), verdict)
        else:
            self._keep(a, b, verdict, was)

    def _keep(self, a: Key, b: Key, verdict: str, was: dict[str, str]) -> None:
        is_said = self._is_said(a, b, verdict)
        made = self.town.decide(name(b), name(a), verdict)
        assert made.is_new is not is_said
        if not made.is_new:
            return
        # Taken back at once, everybody is who they were.
        self._note_loads()
        self.town.undo(str(made.number))
        self._note_loads()
        assert self.town.persons() == was
        again = self.town.decide(name(a), name(b), verdict)
        self._note_loads()
        owners = self.oracle.owners[a], self.oracle.owners[b]
        told = self.oracle.known[a], self.oracle.known[b]
        self.oracle.said.append(Said(made.number, a, b, verdict, owners, told, undone=True))
        self.oracle.said.append(Said(again.number, a, b, verdict, owners, told))

    def _is_said(self, a: Key, b: Key, verdict: str) -> bool:
        """Whether it was decided so before; a pair that changed is unsure anew."""
        said = {(one.a, one.b): one.verdict for one in self.oracle.standing()}
        is_said = said.get((a, b)) == verdict
        return is_said and (verdict != "unsure" or (a, b) in self.oracle.unsure())

    def _undo(self, place: int) -> None:
        standing = [one for one in self.oracle.said if not one.undone]
        if place >= len(standing):
            return
        chosen = standing[place]
        if self.oracle.breaks_without(chosen.number):
            with pytest.raises(Contradicted):
                self.town.undo(str(chosen.number))
            return
        self.town.undo(str(chosen.number))
        self._note_loads()
        chosen.undone = True

    def _note_loads(self) -> None:
        if self.town.newest >= len(self.oracle.then):
            self.oracle.pass_load()

    def _compare(self, before: dict[str, str], groups: set[frozenset[Key]]) -> None:
        now, wanted = self.town.persons(), self.oracle.persons()
        found = {
            frozenset(key for key in self.oracle.known if now[name(key)] == person_id)
            for person_id in now.values()
        }
        assert now.keys() == {name(key) for key in self.oracle.known} and found == wanted
        for pair in self.oracle.apart():
            a, b = pair
            assert not {a, b} <= self.oracle.known.keys() or now[name(a)] != now[name(b)]
        # Whose records are the same keeps the id, and no id is another human being's.
        for group in wanted & groups:
            if self._are_those(group, before):
                assert {now[name(key)] for key in group} == {before[name(key)] for key in group}
        self._compare_owners(now, before, wanted)
        self._compare_pairs()
        newest = self.town.newest
        self.then += [self.town.persons(load) for load in range(len(self.then), newest + 1)]

    def _are_those(self, group: frozenset[Key], before: dict[str, str]) -> bool:
        """Whether no key of a group means another human being than at the step before."""
        _, owners = self.oracle.then[len(self.then) - 1]
        return all(name(key) in before and owners[key] == self.oracle.owners[key] for key in group)

    def _compare_owners(
        self, now: dict[str, str], before: dict[str, str], groups: set[frozenset[Key]]
    ) -> None:
        """Who comes new under a key, and is linked with nobody, never had an id of the one before."""
        for key in self.oracle.known:
            mine, owner = now[name(key)], self.oracle.owners[key]
            if mine != before.get(name(key)) and frozenset([key]) in groups:
                for (other, former), ids in self.ids.items():
                    assert other != key or former == owner or mine not in ids
        for key in self.oracle.known:
            self.ids.setdefault((key, self.oracle.owners[key]), set()).add(now[name(key)])

    def _compare_pairs(self) -> None:
        """Compared bit by bit, the pairs are those of comparing all at once."""
        with self.town.store.read() as connection:
            kept = {(pair.a, pair.b, pair.weight) for pair in read_pairs(connection)}
        every = find_pairs(self.oracle.known, set(self.oracle.known))
        assert kept == {(pair.a, pair.b, pair.weight) for pair in every}

    def check_then(self) -> None:
        """Every load that was made says what it said."""
        for load, persons in enumerate(self.then):
            assert self.town.persons(load) == persons, load


def follow(town: Town, course: list[Any]) -> list[Any]:
    """Takes a course, and gives what is kept at its end."""
    taken = Course(town)
    for step in course:
        taken.take(step)
    taken.check_then()
    # When it was decided differs.
    kept = [row[:9] + row[10:] for row in town.content(identity_decision)]
    return [kept, town.content(person_link), town.content(person_anchor)]


@given(course=courses)
@settings(max_examples=8, **USUAL)
def test_persons_are_those_of_plain_python(embedded: Town, course: list[Any]) -> None:
    follow(embedded, course)


@given(course=courses)
@settings(max_examples=2, **USUAL)
def test_both_engines_keep_the_same(embedded: Town, at_server: Town, course: list[Any]) -> None:
    assert follow(embedded, course) == follow(at_server, course)


@pytest.mark.slow
@given(course=courses)
@settings(max_examples=2000, **USUAL)
def test_persons_are_those_of_plain_python_in_many_courses(
    embedded: Town, course: list[Any]
) -> None:
    follow(embedded, course)


@pytest.mark.slow
@given(course=courses)
@settings(max_examples=200, **USUAL)
def test_both_engines_keep_the_same_in_many_courses(
    embedded: Town, at_server: Town, course: list[Any]
) -> None:
    assert follow(embedded, course) == follow(at_server, course)
