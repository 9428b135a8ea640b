"""Decides for every client whether they are in the target group, by the rules of the district."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mappings.target_group import (
    NoRule,
    TargetGroupRule,
    choose_rule,
    find_rule,
    shipped_rules,
)
from mappings.target_group_verdict import PersonFacts, Question, Reason, decide_person
from pipelines.failures import Failure, Kind
from warehouse.as_of import KnownAt
from warehouse.ledger.grant_registers import read_extensions
from warehouse.marts.client_facts import ClientFacts, read_clients

if TYPE_CHECKING:
    from pipelines.config import Config
    from pipelines.hub import Hub


class WrongRule(Failure):
    """No rule of the target group fits the question; its text says which there are."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class ClientVerdict:
    """In, out or unknown, by which rule and for which reasons; ids only, no names."""

    person: str
    records: Sequence[str]
    municipality: str | None
    carrier: str | None
    answer: str
    rule: str
    group: str | None
    reasons: Sequence[Reason]


@dataclass(frozen=True)
class RuleBook:
    """The rules that apply on a key date: the district's, and those that go before it."""

    district: TargetGroupRule
    carriers: Mapping[str, TargetGroupRule]
    municipalities: Mapping[str, TargetGroupRule]

    @property
    def rules(self) -> list[TargetGroupRule]:
        """All of them, each once; two files may give their rules the same name."""
        found = (self.district, *self.carriers.values(), *self.municipalities.values())
        return list({id(rule): rule for rule in found}.values())

    def rule_of(self, client: ClientFacts) -> TargetGroupRule:
        """The rule for a client: of the municipality, else of the carrier, else the district's."""
        by_place = self.municipalities.get(client.municipality or "")
        return by_place or self.carriers.get(client.carrier or "") or self.district


def open_rules(config: Config, stichtag: date, instead: str | None = None) -> RuleBook:
    """The rules valid on the key date; ``instead``: this one for everybody.

    Raises WrongRule where a name is unknown or no rule is valid on that day.
    """
    folder, own = config.path.parent, config.funding
    try:
        if instead is not None:
            return RuleBook(choose_rule([instead], folder, stichtag), {}, {})
        return RuleBook(
            choose_rule(own.target_group or shipped_rules("funding"), folder, stichtag),
            _find_valid(own.carriers, folder, stichtag),
            _find_valid(own.municipalities, folder, stichtag),
        )
    except NoRule as error:
        raise WrongRule(str(error)) from None


def _find_valid(
    named: Mapping[str, Sequence[str]], folder: Path, stichtag: date
) -> dict[str, TargetGroupRule]:
    """The rules of carriers or municipalities; where none is valid, the district's counts."""
    found = {key: find_rule(names, folder, stichtag) for key, names in named.items()}
    return {key: rule for key, rule in found.items() if rule is not None}


def decide_clients(
    hub: Hub, asked: Question, known_at: KnownAt, rules: RuleBook
) -> list[ClientVerdict]:
    """The verdict about every known person, in the order of their ids."""
    needing = [rule.name for rule in rules.rules if rule.needs_window]
    if needing and not (asked.first and asked.last):
        raise WrongRule(f"the rule '{needing[0]}' needs a window: name it with --from and --to")
    facts = {fact for rule in rules.rules for fact in rule.facts}
    with hub.store.read() as connection:
        clients = read_clients(connection, known_at, asked.stichtag, facts)
        extensions = read_extensions(connection, known_at)
    return [_decide(client, rules.rule_of(client), asked, extensions) for client in clients]


def _decide(
    client: ClientFacts,
    rule: TargetGroupRule,
    asked: Question,
    extensions: Mapping[str, Sequence[date]],
) -> ClientVerdict:
    reasons = [until for record in client.records for until in extensions.get(record, ())]
    facts = PersonFacts(client.values, reasons)  # type: ignore[arg-type]
    found = decide_person(rule, facts, asked)
    return ClientVerdict(
        client.person,
        client.records,
        client.municipality,
        client.carrier,
        found.answer,
        found.rule,
        found.group,
        found.reasons,
    )


def count_verdicts(verdicts: Sequence[ClientVerdict]) -> dict[str, int]:
    """How many persons got each answer, the ones that nobody got included."""
    return {
        answer: sum(v.answer == answer for v in verdicts) for answer in ("in", "out", "unknown")
    }


def count_by_municipality(verdicts: Sequence[ClientVerdict]) -> Counter[str | None]:
    """The persons who are in, by AGS of their municipality; None: in no known one."""
    return Counter(v.municipality for v in verdicts if v.answer == "in")
