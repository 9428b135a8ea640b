"""Tells what follows from all decisions together: who is one human being, and who must stay apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from warehouse.identity.decisions import Decision, Pair, Verdict, order_pair
from warehouse.identity.record import Key


class Verdicts:
    """The decisions that count, at most one on a pair.

    ``apart``: the records decided to be another human being, for each record. ``unsure``: the pairs
    that nobody could decide.
    """

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self.by_pair: Mapping[Pair, Decision] = {one.pair: one for one in decisions}
        self.same = self._list_said(Verdict.SAME)
        self.unsure = {one.pair for one in self._list_said(Verdict.UNSURE)}
        self.apart: dict[Key, set[Key]] = defaultdict(set)
        for one, other in _list_ways(self._list_said(Verdict.DIFFERENT)):
            self.apart[one].add(other)
        self._neighbours: dict[Key, list[Key]] = defaultdict(list)
        for one, other in _list_ways(self.same):
            self._neighbours[one].append(other)

    def _list_said(self, verdict: Verdict) -> list[Decision]:
        return [one for one in self.by_pair.values() if one.verdict is verdict]

    def without(self, pair: Pair) -> Verdicts:
        """The same without what was decided on one pair."""
        return Verdicts(one for one in self.by_pair.values() if one.pair != pair)

    def list_keys(self) -> set[Key]:
        """The records that something was decided about."""
        return {key for pair in self.by_pair for key in pair}

    def find_members(self, key: Key) -> dict[Key, Sequence[Decision]]:
        """The records decided to be one human being with this one, each with the way there."""
        ways: dict[Key, Sequence[Decision]] = {key: ()}
        waiting = [key]
        for at in waiting:
            for other in self._neighbours.get(at, ()):
                if other not in ways:
                    ways[other] = (*ways[at], self.by_pair[order_pair(at, other)])
                    waiting.append(other)
        return ways

    def explain_same(self, a: Key, b: Key) -> Sequence[Decision]:
        """The decisions by which two records are one human being; empty where none say so."""
        return self.find_members(a).get(b, ())

    def explain_different(self, a: Key, b: Key) -> Sequence[Decision]:
        """The decisions by which two records are two human beings; empty where none say so."""
        ways, others = self.find_members(a), self.find_members(b)
        chains = (
            (*way, self.by_pair[order_pair(one, other)], *reversed(others[other]))
            for one, way in ways.items()
            for other in sorted(self.apart.get(one, ()))
            if other in others
        )
        return min(chains, key=len, default=())

    def find_contradiction(self, pair: Pair, verdict: Verdict) -> Sequence[Decision]:
        """The decisions on other pairs that speak against a verdict on this one.

        Where others make two records one human being, nothing is unsure about them.
        """
        others = self.without(pair)
        if verdict is Verdict.SAME:
            return others.explain_different(*pair)
        return others.explain_same(*pair)

    def list_inconsistencies(self) -> Iterator[Sequence[Decision]]:
        """Decisions that contradict each other: those by which two are one, and the one against."""
        for one in self.by_pair.values():
            if one.verdict is Verdict.DIFFERENT and (chain := self.explain_same(*one.pair)):
                yield *chain, one

    def list_wholes(self) -> Iterator[tuple[Key, Key]]:
        """Each record that has another of its source as the same human being, and the first of
        them."""
        seen: set[Key] = set()
        for key in sorted(self._neighbours):
            if key in seen:
                continue
            members = sorted(self.find_members(key))
            seen.update(members)
            firsts: dict[str, Key] = {}
            for member in members:
                yield member, firsts.setdefault(member[0], member)


def _list_ways(decisions: Iterable[Decision]) -> Iterator[tuple[Key, Key]]:
    """From each record of a decision to the other."""
    for one in decisions:
        yield one.a, one.b
        yield one.b, one.a
