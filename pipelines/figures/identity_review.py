"""Answers which pairs of records a person should decide on, and what is known about one pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from pipelines.figures.pair_impact import PairImpact, PersonsNow
from pipelines.hub import Hub
from warehouse.as_of import read_newest_load, resolve_moment
from warehouse.identity.decisions import (
    Decision,
    Pair,
    describe_chain,
    find_standing,
    keep_valid,
    list_decisions,
    name_record,
    order_pair,
)
from warehouse.identity.key_owners import read_owners
from warehouse.identity.person_links import ListedLink, list_links, read_verdicts
from warehouse.identity.record import Key
from warehouse.identity.scored_pairs import ScoredPair, find_pair, rank_pair
from warehouse.identity.waiting_pairs import list_waiting, read_person_ids
from warehouse.marts.contradictions import Contradiction, list_contradictions
from warehouse.marts.scope import Scope


@dataclass(frozen=True)
class ReviewPair:
    """A pair to decide on; ``because`` and ``against`` are German sentences without values."""

    a: str
    b: str
    band: str
    weight: float
    because: Sequence[str]
    against: Sequence[str]
    impact: PairImpact


@dataclass(frozen=True)
class ListedDecision:
    """A decision; ``state``: it counts, was taken back or replaced, or a key changed hands since."""

    number: int
    a: str
    b: str
    verdict: str
    state: str
    decided_by: str
    decided_on: date
    undoes: int | None


@dataclass(frozen=True)
class ExplainedPair:
    """Why two records are one person, or are not.

    ``persons``: those that the two belong to, None for a record that is not known. ``compared``:
    band, weight and sentences, None for a pair that was not found alike. ``links`` lead from one to
    the other. ``decided``: the decisions that make them one person or keep them apart.
    """

    a: str
    b: str
    one_person: bool
    persons: tuple[str | None, str | None]
    compared: Mapping[str, Any] | None
    links: Sequence[ListedLink]
    decided: str
    decisions: Sequence[ListedDecision]


def list_review(hub: Hub, *, within_source: bool = False) -> list[ReviewPair]:
    """The pairs to decide on, by what would change: consents, money, figures, then by weight."""
    with hub.store.read() as connection:
        waiting = list_waiting(connection, within_source=within_source)
        if not waiting:
            return []
        now = PersonsNow(hub, connection)
        found = [(pair, now.compare_joined(pair.pair)) for pair in waiting]
    found.sort(key=lambda one: (one[1].rank(), rank_pair(one[0])))
    return [_describe_pair(pair, impact) for pair, impact in found]


def _describe_pair(pair: ScoredPair, impact: PairImpact) -> ReviewPair:
    a, b = map(name_record, pair.pair)
    return ReviewPair(a, b, pair.band, pair.weight, pair.because, pair.against, impact)


@dataclass(frozen=True)
class ListedContradiction:
    """What the records of one person say differently; ``counts``: the record that figures go by."""

    person: str
    attribute: str
    records: Sequence[str]
    counts: str | None


def list_contradicting(hub: Hub) -> list[tuple[ListedContradiction, list[str]]]:
    """What systems say differently of one person, each with the values of its records."""
    with hub.store.read() as connection:
        if not read_newest_load(connection):
            return []
        scope = Scope(None, hub.today, resolve_moment(connection, None))
        found = list_contradictions(connection, scope)
    return [(_describe_contradiction(one), list(map(str, one.said.values()))) for one in found]


def _describe_contradiction(one: Contradiction) -> ListedContradiction:
    records = [name_record(key) for key in one.said]
    counts = name_record(one.counts) if one.counts else None
    return ListedContradiction(one.person, one.attribute, records, counts)


def list_all_decisions(hub: Hub) -> list[tuple[ListedDecision, str]]:
    """All decisions in order, each with the reason that was given for it."""
    with hub.store.read() as connection:
        return list(_describe_decisions(connection))


def _describe_decisions(connection: Connection) -> Iterator[tuple[ListedDecision, str]]:
    decisions = list_decisions(connection)
    states = _find_states(connection, decisions)
    for one in decisions:
        yield _list_decision(one, states[one.number]), one.reason


def _list_decision(one: Decision, state: str) -> ListedDecision:
    return ListedDecision(
        one.number,
        name_record(one.a),
        name_record(one.b),
        one.verdict,
        state,
        one.decided_by,
        one.decided_at.date(),
        one.undoes,
    )


def _find_states(connection: Connection, decisions: Sequence[Decision]) -> dict[int, str]:
    """The state of each decision by its number."""
    standing = find_standing(decisions).values()
    valid = keep_valid(standing, read_owners(connection), read_newest_load(connection))
    taking = [one for one in decisions if one.undoes is not None]
    return (
        {one.number: "replaced" for one in decisions}
        | {one.number: "key reused" for one in standing}
        | {one.number: "counts" for one in valid}
        | {one.number: "" for one in taking}
        | {one.undoes: f"undone by {one.number}" for one in taking if one.undoes}
    )


def explain_pair(hub: Hub, one: Key, other: Key) -> ExplainedPair:
    """What is known about two records: links, decisions, comparison."""
    pair = order_pair(one, other)
    a, b = map(name_record, pair)
    with hub.store.read() as connection:
        scored, ids = find_pair(connection, pair), read_person_ids(connection)
        persons = ids.get(pair[0]), ids.get(pair[1])
        links = [link for link in list_links(connection) if link.person == persons[0]]
        listed = [one for one, _ in _describe_decisions(connection) if (one.a, one.b) == (a, b)]
        decided = _describe_chains(connection, pair)
    return ExplainedPair(
        a,
        b,
        one_person=persons[0] is not None and persons[0] == persons[1],
        persons=persons,
        compared=scored.as_seen() if scored else None,
        links=_find_way(links, a, b),
        decided=decided,
        decisions=listed,
    )


def _describe_chains(connection: Connection, pair: Pair) -> str:
    """The decisions that make two records one human being, or keep them apart.

    Both where they contradict each other, as a source returned to an earlier load.
    """
    verdicts = read_verdicts(connection, read_owners(connection), read_newest_load(connection))
    chains = (verdicts.explain_same(*pair), verdicts.explain_different(*pair))
    return "; but: ".join(describe_chain(pair[0], chain) for chain in chains if chain)


def _find_way(links: Sequence[ListedLink], a: str, b: str) -> Sequence[ListedLink]:
    """The links from one record to another one of the same person; empty where there are none."""
    neighbours: Mapping[str, list[tuple[str, ListedLink]]] = defaultdict(list)
    for link in links:
        neighbours[link.a].append((link.b, link))
        neighbours[link.b].append((link.a, link))
    ways: dict[str, tuple[ListedLink, ...]] = {a: ()}
    waiting = [a]
    for at in waiting:
        for other, link in neighbours.get(at, ()):
            if other not in ways:
                ways[other] = (*ways[at], link)
                waiting.append(other)
    return ways.get(b, ())
