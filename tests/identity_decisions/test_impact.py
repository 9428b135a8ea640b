"""What is said before a decision is what the figures, shares, releases and forms show after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from examples.generate import simulate_district
from pipelines.config import load_config
from pipelines.figures.impact_sentences import describe_impact
from pipelines.figures.pair_impact import PairImpact, PersonsNow, funding_window
from pipelines.hub import Hub
from pipelines.intake.identity_decisions import RehearsedDecision, decide_pair, undo_decision
from pipelines.intake.run import run_intake
from pipelines.submission.submissions import advance_submission, prepare_kennzahlen
from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.hand_over import hand_over
from warehouse.as_of import resolve_moment
from warehouse.identity.decisions import Pair, Verdict, name_record, order_pair
from warehouse.identity.waiting_pairs import read_person_ids
from warehouse.ledger.submissions import State
from warehouse.marts.clients import clients
from warehouse.marts.conversations import persons_reached
from warehouse.marts.counted_persons import UNITS
from warehouse.marts.funding import count_target_group, split_amount
from warehouse.marts.scope import Scope
from warehouse.schema import identity_decision, load

pytestmark = pytest.mark.thorough

PERIOD = (date(2024, 1, 1), date(2024, 6, 30))
FUNDING = """
funding: {stichtag: 2025-01-01, from: 2015-01-01, to: 2024-12-31, amount: 100000.00}
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A small district of four systems: forms of some of its persons and the figures of a year were handed over."""
    made = simulate_district(tmp_path_factory.mktemp("impact"), seed=4, persons=70, deliveries=1)
    with made.config.open("a", encoding="utf-8") as configuration:
        configuration.write(FUNDING)
    with Hub(load_config(made.config), day=made.transfer_on) as opened:
        run_intake(opened)
        decision = decide_transfer(opened, "jobcenter", opened.today)
        hand_over(opened, decision, made.out / "transfer")
        submitted = prepare_kennzahlen(opened, *PERIOD).id
        for state in (State.APPROVED, State.HANDED_OVER):
            advance_submission(opened, submitted, state, "geprüft")
        yield opened


@dataclass(frozen=True)
class Answers:
    """What others ask the hub for."""

    figures: Counter[tuple[Any, ...]]
    group: Counter[str | None]
    shares: dict[str, Decimal]
    released: dict[str, tuple[str, ...]]
    persons: int
    submitted: Counter[tuple[Any, ...]]


def ask(hub: Hub) -> Answers:
    figures: Counter[tuple[Any, ...]] = Counter()
    submitted: Counter[tuple[Any, ...]] = Counter()
    with hub.store.read() as connection:
        known_at = resolve_moment(connection, None)
        for by in UNITS:
            for found_in, period in ((figures, (None, hub.today)), (submitted, PERIOD)):
                scope = Scope(*period, known_at, by)
                for name, indicator in (("clients", clients), ("reached", persons_reached)):
                    for row in connection.execute(indicator(scope)).mappings():
                        unit = (by, row[by]) if by else ()
                        found_in[name, unit] = row["value"]
        found = count_target_group(connection, funding_window(hub), known_at)
        persons = len(set(read_person_ids(connection).values()))
    places = {group.municipality: group.persons for group in found.municipalities}
    released = decide_transfer(hub, "jobcenter", hub.today, settle_seconds=0).released
    return Answers(
        figures,
        Counter({**places, None: found.unknown}),
        split_amount(Decimal("100000.00"), places),
        {name_record(record): groups for record, groups in released.items()},
        persons,
        submitted,
    )


def check(before: Answers, after: Answers, impact: PairImpact) -> None:
    """The difference of the answers is what was said."""
    assert after.persons - before.persons == impact.persons
    told: Counter[tuple[Any, ...]] = Counter()
    told["clients", ()], told["reached", ()] = impact.clients, impact.reached
    for change in impact.units:
        (unit,) = change.unit.items()
        told["clients", unit], told["reached", unit] = change.clients, change.reached
    for line in {*before.figures, *after.figures, *told}:
        assert after.figures[line] - before.figures[line] == told[line], line
    assert bool(impact.submissions) == (before.submitted != after.submitted)
    group = Counter({change.municipality: change.persons for change in impact.target_group})
    for place in {*before.group, *after.group, *group}:
        assert after.group[place] - before.group[place] == group[place]
    money = {change.municipality: Decimal(change.amount) for change in impact.money or ()}
    for place in {*before.shares, *after.shares, *money}:
        assert after.shares.get(place, 0) - before.shares.get(place, 0) == money.get(place, 0)
    releases = {change.record: set(change.after) for change in impact.releases}
    for record in {*before.released, *after.released, *releases}:
        now = set(after.released.get(record, ()))
        assert now == releases.get(record, set(before.released.get(record, ())))


def choose_pairs(hub: Hub) -> list[Pair]:
    """Records of two systems that are two persons; in most of the pairs one was handed over."""
    rng = Random(13)
    with hub.store.read() as connection:
        persons = read_person_ids(connection)
    released = sorted(decide_transfer(hub, "jobcenter", hub.today).released)
    firsts = [*rng.sample(released, 3), *rng.sample(sorted(persons), 2)]
    pairs = []
    for one in firsts:
        others = [k for k in sorted(persons) if k[0] != one[0] and persons[k] != persons[one]]
        pairs.append(order_pair(one, rng.choice(others)))
    pairs.append(
        order_pair(
            released[0], next(k for k in released if k[0] == released[0][0] and k != released[0])
        )
    )
    return pairs


def rehearse(hub: Hub, pair: Pair, verdict: Verdict) -> PairImpact:
    made = decide_pair(hub, *map(name_record, pair), verdict, "", rehearse=True)
    assert isinstance(made, RehearsedDecision) and made.load is None
    return made.impact


def test_joining_two_persons(hub: Hub) -> None:
    seen = Counter[str]()
    for pair in choose_pairs(hub):
        # Anew for each: a refusal counts in all records that were ever linked.
        before = ask(hub)
        with hub.store.read() as connection:
            listed = PersonsNow(hub, connection).compare_joined(pair)
        exact = rehearse(hub, pair, Verdict.SAME)
        # Where a person would have two records of one system, other links may fall.
        assert listed.doubled or exact == listed
        made = decide_pair(hub, *map(name_record, pair), Verdict.SAME, "geprüft")
        check(before, ask(hub), exact)
        undo_decision(hub, [str(made.number)], "zurück")
        seen.update(name for name, value in vars(listed).items() if value)
        assert describe_impact(hub, listed)
    # The pairs are worth something only if they change everything at least once.
    assert not set(vars(listed)) - seen.keys()


@pytest.mark.slow
def test_parting_one_person(hub: Hub) -> None:
    with hub.store.read() as connection:
        persons = read_person_ids(connection)
    records = sorted(persons)
    linked = [
        (a, b) for n, a in enumerate(records) for b in records[n + 1 :] if persons[a] == persons[b]
    ]
    assert linked
    for pair in linked[:2]:
        before, impact = ask(hub), rehearse(hub, pair, Verdict.DIFFERENT)
        assert impact.persons == 1
        made = decide_pair(hub, *map(name_record, pair), Verdict.DIFFERENT, "geprüft")
        check(before, ask(hub), impact)
        undone = undo_decision(hub, [str(made.number)], "", rehearse=True)
        assert isinstance(undone, RehearsedDecision)
        assert undone.impact.persons == -1 and undone.impact.clients == -impact.clients
        undo_decision(hub, [str(made.number)], "zurück")


def test_a_rehearsal_keeps_nothing(hub: Hub) -> None:
    def kept() -> list[Any]:
        with hub.store.read() as connection:
            return [connection.execute(select(t)).all() for t in (identity_decision, load)]

    before = kept()
    for pair in choose_pairs(hub)[:2]:
        rehearse(hub, pair, Verdict.SAME)
    assert kept() == before
