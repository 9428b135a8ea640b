"""Chooses which records are one person: decisions first, then the exact rules, then weights.

A link that would put two records of one source, or two that were decided to be two human beings,
into one person is skipped, and one by weight also if it would put two together that contradict each
other; whole groups are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from warehouse.identity.clusters import group_records, keep_consistent
from warehouse.identity.competition import COMPETES
from warehouse.identity.decisions import Decision, Pair, order_pair
from warehouse.identity.exact_rules import Link, sure_links
from warehouse.identity.pair_contradictions import PairContradictions
from warehouse.identity.record import Key, Record
from warehouse.identity.scored_pairs import Band, ScoredPair
from warehouse.identity.verdicts import Verdicts

DECISION, WEIGHT = "decision", "weight"
_DECIDED = "Entschieden am {day:%d.%m.%Y} von {who}: derselbe Mensch."


@dataclass(frozen=True)
class Evidence:
    """All that speaks for one person: the known records, the decisions, the compared pairs."""

    records: Sequence[Record]
    verdicts: Verdicts
    pairs: Sequence[ScoredPair] = ()


def choose_links(evidence: Evidence) -> tuple[dict[Key, list[Key]], list[Link]]:
    """The groups of records by their first key, and the links that made them.

    Records that are no longer known still join those they were decided to be one with.
    """
    known = {record.identity: record for record in evidence.records}
    contradictions = PairContradictions(evidence.records, evidence.pairs)
    separation = _Separation(known.keys(), evidence.verdicts.apart, contradictions)
    keys = known.keys() | evidence.verdicts.list_keys()
    return group_records(keys, list_links(evidence), separation.may_join)


def list_links(evidence: Evidence) -> Iterator[Link]:
    """All links in the order in which they count, those that cannot be made included.

    What nobody could decide is asked again once it changed, and not linked unasked.
    """
    yield from map(_link_decided, sorted(evidence.verdicts.same, key=lambda one: one.number))
    for link in _list_automatic(evidence):
        if order_pair(link.a, link.b) not in evidence.verdicts.unsure:
            yield link


def _list_automatic(evidence: Evidence) -> Iterator[Link]:
    records = mark_decided(evidence.records, evidence.verdicts)
    yield from keep_consistent(records, list(sure_links(records)))
    torn = _find_torn(evidence)
    for pair in evidence.pairs:
        if pair.band == Band.AUTOMATIC and pair.pair not in torn:
            yield Link(pair.a, pair.b, WEIGHT, f"Verglichen: {'; '.join(pair.because)}.")


def _find_torn(evidence: Evidence) -> set[Pair]:
    """Pairs of a record that is about as like one human being as another one: nobody can choose."""
    contradictions = PairContradictions(evidence.records, evidence.pairs)
    return {
        pair.pair
        for pairs in _list_partners(evidence).values()
        for (one, pair), (other, rival) in permutations(pairs, 2)
        if pair.weight - rival.weight < COMPETES and contradictions.part(one, other)
    }


def _list_partners(evidence: Evidence) -> Mapping[Key, list[tuple[Key, ScoredPair]]]:
    """The records that each one would be linked with, unless they were decided to be two."""
    partners: dict[Key, list[tuple[Key, ScoredPair]]] = defaultdict(list)
    for pair in evidence.pairs:
        if pair.band == Band.AUTOMATIC and pair.b not in evidence.verdicts.apart.get(pair.a, ()):
            partners[pair.a].append((pair.b, pair))
            partners[pair.b].append((pair.a, pair))
    return partners


def mark_decided(records: Sequence[Record], verdicts: Verdicts) -> list[Record]:
    """The records, those of one source that were decided to be one human being marked so."""
    wholes = dict(verdicts.list_wholes())
    return [
        replace(record, decided_as=wholes[record.identity]) if record.identity in wholes else record
        for record in records
    ]


def _link_decided(one: Decision) -> Link:
    why = _DECIDED.format(day=one.decided_at, who=one.decided_by)
    return Link(one.a, one.b, DECISION, why)


@dataclass(frozen=True)
class _Separation:
    """Keeps groups apart; a record that is no longer known occupies no place in its source."""

    known: Collection[Key]
    apart: Mapping[Key, Collection[Key]]
    contradictions: PairContradictions

    def may_join(self, small: Sequence[Key], large: Sequence[Key], link: Link) -> bool:
        """Whether a link may join two groups."""
        others = {other for key in small for other in self.apart.get(key, ())}
        if not others.isdisjoint(large):
            return False
        if link.rule == DECISION:
            return True
        if link.rule == WEIGHT and self._contradict(small, large):
            return False
        sources = {key[0] for key in large if key in self.known}
        return not any(key[0] in sources for key in small if key in self.known)

    def _contradict(self, small: Sequence[Key], large: Sequence[Key]) -> bool:
        """Whether a known record of one group cannot be the human being of one of the other."""
        return any(self.contradictions.part(one, other) for one in small for other in large)
