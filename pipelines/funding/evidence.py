"""The use of grants: per member and grant the times, amounts and costs, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from connectors.documents.funding.evidence_data import (
    GrantEvidence,
    HeldTime,
    MemberEvidence,
)
from mappings.grant_register import LINES
from mappings.grant_terms import GrantTerms, end_after_months
from pipelines.funding.cost_checks import find_excess, find_longer_costs
from pipelines.funding.evidence_rules import EvidenceRules
from pipelines.funding.grant_book import GrantBook, HeldPost, each_day, read_grant_book
from pipelines.funding.posts import list_trainings
from pipelines.funding.rated_times import apply_rates, count_worked_days, find_overwork
from pipelines.funding.recorded_names import Recorded, find_unrecorded
from pipelines.funding.staff_answer import TRAINING_STATES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from warehouse.as_of import KnownAt

_LATE = ("late", "done_late", "unknown")
_OF_A_GRANT = {
    "applicant": "der Antragsteller",
    "begun_on": "der Beginn",
    "ended_on": "das Ende",
    "amount": "der bewilligte Betrag",
}
_NO_NAME = "Kein Name aus einer Quelle; die Auswertung Zeitraum bleibt leer."
_NO_CLASS = "Die Qualifikationsklasse fehlt; der Betrag hängt von ihr ab."
_SENT = {"evidence_sent_on": "Der Verwendungsnachweis", "report_sent_on": "Der Sachbericht"}


@dataclass(frozen=True)
class Ledger:
    """What the evidence of all grants is made from; ``delivered``: source → its newest delivery.

    ``changed``: a sentence where the register's file is another by now. ``recorded``: the names that
    the sources have, each after its source; None: nothing is said of them.
    """

    book: GrantBook
    rules: EvidenceRules
    delivered: Mapping[str, date]
    changed: Sequence[str] = ()
    recorded: frozenset[Recorded] | None = None

    @property
    def terms(self) -> GrantTerms:
        """Rates and deadlines."""
        return self.rules.terms

    @property
    def carriers(self) -> Mapping[str, str]:
        """The carriers' names by key."""
        return self.rules.carriers

    @property
    def today(self) -> date:
        """The day on which the evidence is made."""
        return self.rules.today


def open_ledger(
    connection: Connection, known_at: KnownAt, rules: EvidenceRules, changed: Sequence[str] = ()
) -> Ledger:
    """Reads registers and state of deliveries as known."""
    from warehouse.ledger.deliveries import loaded_until
    from warehouse.marts.deliverers import list_staff_names

    delivered: dict[str, date] = {}
    for delivery in loaded_until(connection, known_at):
        newest = delivered.get(delivery.source, delivery.delivered_on)
        delivered[delivery.source] = max(newest, delivery.delivered_on)
    recorded = list_staff_names(connection, known_at) if rules.tells_excess else None
    return Ledger(read_grant_book(connection, known_at), rules, delivered, changed, recorded)


def collect_evidence(ledger: Ledger, grant: str) -> GrantEvidence:
    """The evidence of one grant; KeyError where the register has no such grant."""
    entry = ledger.book.grants[grant]
    paid = [h for h in ledger.book.holdings if h.grant == grant]
    held = [h for h in paid if _is_within(h, entry)]
    members = [
        _prove_member(ledger, entry, member, [h for h in held if h.member == member])
        for member in dict.fromkeys(h.member for h in held)
    ]
    due = find_due_day(ledger, grant)
    return GrantEvidence(
        grant,
        LINES[entry["line"]],
        ledger.carriers.get(entry["applicant"] or ""),
        entry["begun_on"],
        entry["ended_on"],
        entry["amount"],
        due,
        entry["evidence_sent_on"],
        entry["report_sent_on"],
        members,
        [*ledger.changed, *_find_outside(paid, held), *_find_missing(ledger, entry, members, due)],
    )


def _is_within(held: HeldPost, grant: Mapping[str, Any]) -> bool:
    """Whether a holding has a day in the period of its grant."""
    span = {"begun_on": held.begin, "ended_on": held.end}
    return _overlap(span, grant)


def _find_outside(paid: Sequence[HeldPost], held: Sequence[HeldPost]) -> Iterator[str]:
    for one in paid:
        if one not in held:
            day = f"{one.begin:%d.%m.%Y}"
            yield f"Fachkraft {one.member}: Die Besetzung ab {day} liegt außerhalb der Zuwendung."


def find_due_day(ledger: Ledger, grant: str) -> date | None:
    """When evidence and Sachbericht are due: so many months after the end of the longest-funded
    member, over all grants of the applicant in the same line and time.

    A holding counts for the days in its own grant. None where an end is open.
    """
    grants = ledger.book.grants
    together = {key for key, other in grants.items() if _is_one_report(grants[grant], other)}
    paid = [(h, grants[h.grant]) for h in ledger.book.holdings if h.grant in together]
    if ledger.rules.leaves_out_others:
        paid = [(h, own) for h, own in paid if _is_within(h, own)]
    ends = [_end_of(h, own) for h, own in paid] or [grants[grant]["ended_on"]]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return None
    return end_after_months(max(known), ledger.terms.deadlines.evidence_months.value)


def _is_one_report(own: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether one Sachbericht is made for both grants."""
    if own["key"] == other["key"]:
        return True
    same = all(own[name] == other[name] for name in ("applicant", "line"))
    return own["applicant"] is not None and same and _overlap(own, other)


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _begins_within(one, other) and _begins_within(other, one)


def _begins_within(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether a grant begins before the other one ends."""
    return (one["begun_on"] or date.min) <= (other["ended_on"] or date.max)


def _end_of(held: HeldPost, grant: Mapping[str, Any]) -> date | None:
    """The last day that a grant pays a holding; None: open."""
    ends = [end for end in (held.end, grant["ended_on"]) if end is not None]
    return min(ends) if ends else None


def _prove_member(
    ledger: Ledger, grant: Mapping[str, Any], member: str, held: Sequence[HeldPost]
) -> MemberEvidence:
    times = [_measure_time(ledger.book, h, grant, ledger.today) for h in held]
    worked = count_worked_days(ledger.book, member, times)
    rated = apply_rates(ledger.rules, worked)
    evidence = MemberEvidence(
        member,
        [f"{name} ({source})" for source, name, key in ledger.book.names if key == member],
        ledger.book.members.get(member, {}).get("qualification"),
        min(t.first for t in times),
        max(t.last for t in times),
        times,
        rated,
        _add_all([part.amount for part in rated]),
        add_known([h.staff_cost for h in held]),
        add_known([h.training_cost for h in held]),
        [],
    )
    return replace(evidence, missing=list(_find_gaps(ledger, evidence, held, grant)))


def _measure_time(
    book: GrantBook, held: HeldPost, grant: Mapping[str, Any], today: date
) -> HeldTime:
    """A holding within the period of its grant; one without end is counted until today."""
    first = max(held.begin, grant["begun_on"] or held.begin)
    last = max(_end_of(held, grant) or today, first)
    off = sum(book.is_interrupted(held.member, day) for day in each_day(first, last))
    return HeldTime(held.post, first, last, held.vzae, off)


def add_known(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """The sum of the known amounts; None where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def _add_all(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """The sum of all amounts; None where one is not known."""
    return None if None in amounts else sum((a for a in amounts if a), Decimal(0))


def _find_gaps(
    ledger: Ledger,
    evidence: MemberEvidence,
    held: Sequence[HeldPost],
    grant: Mapping[str, Any],
) -> Iterator[str]:
    """What is missing of a member, as German sentences without the name."""
    who = f"Fachkraft {evidence.member}"
    found = (
        _find_unstated(evidence, held),
        _find_open_times(evidence, held, grant),
        _find_unknown_rates(evidence),
        _find_overwork(ledger, evidence),
        _find_late_sources(ledger, evidence),
        _find_unrecorded(ledger, evidence.member),
        _find_untrained(ledger, evidence),
        _find_shared(ledger, evidence, held),
        _find_pauses(evidence.times),
        *((find_longer_costs(held, grant, evidence.last),) if ledger.rules.tells_excess else ()),
    )
    yield from (f"{who}: {text}" for part in found for text in part)


def _find_unstated(evidence: MemberEvidence, held: Sequence[HeldPost]) -> Iterable[str]:
    unstated = {
        _NO_NAME: not evidence.names,
        _NO_CLASS: not evidence.qualification,
        "Der Umfang in VZÄ fehlt.": None in [h.vzae for h in held],
        "Die Personalkosten fehlen.": None in [h.staff_cost for h in held],
    }
    return [text for text, is_missing in unstated.items() if is_missing]


def _find_open_times(
    evidence: MemberEvidence, held: Sequence[HeldPost], grant: Mapping[str, Any]
) -> Iterator[str]:
    if any(_end_of(h, grant) is None for h in held):
        yield f"Das Ende der Förderung fehlt; gerechnet ist bis {evidence.last:%d.%m.%Y}."
    if any(h.begin < (grant["begun_on"] or h.begin) for h in held):
        day = f"{evidence.first:%d.%m.%Y}"
        yield f"Die Besetzung beginnt vor der Zuwendung; gezählt ist ab {day}."


def _find_unknown_rates(evidence: MemberEvidence) -> Iterator[str]:
    for part in evidence.rated:
        if part.rate is None:
            when = " bis ".join(f"{day:%d.%m.%Y}" for day in part.span or ()) or part.year
            yield f"Für {when} ist kein Satz je VZÄ bekannt."


def _find_overwork(ledger: Ledger, evidence: MemberEvidence) -> Iterator[str]:
    """From when on somebody has more than a full post, of all grants together."""
    edition = ledger.rules.edition
    day = find_overwork(ledger.book, evidence.member, evidence.first, evidence.last, edition)
    if day is not None and edition > 1:
        yield (
            f"Ab {day:%d.%m.%Y} sind zusammen mehr als 1 VZÄ eingetragen; "
            "für den Betrag nach Satz zählt je Zuwendung höchstens 1 VZÄ."
        )


def _find_untrained(ledger: Ledger, evidence: MemberEvidence) -> Iterator[str]:
    until = min(evidence.last, ledger.today)
    for training in list_trainings(ledger.book, ledger.terms, until):
        if training.member == evidence.member and training.state in _LATE:
            state = TRAINING_STATES[training.state]
            begin, end = f"{training.begin_by:%d.%m.%Y}", f"{training.finish_by:%d.%m.%Y}"
            yield f"Nachqualifizierung: {state} (Beginn bis {begin}, Abschluss bis {end})."


def _find_shared(
    ledger: Ledger, evidence: MemberEvidence, held: Sequence[HeldPost]
) -> Iterator[str]:
    """Other grants in the same time: nobody can tell for which of them a conversation was held."""
    own = {"begun_on": evidence.first, "ended_on": evidence.last}
    others = {
        h.grant
        for h in ledger.book.holdings
        if h.member == evidence.member
        and h.grant not in (None, held[0].grant)
        and _is_within(h, own)
    }
    for grant in sorted(filter(None, others)):
        yield (
            f"In dieser Zeit auch aus der Zuwendung {grant} bezahlt; "
            "die Auswertung Zeitraum trennt die Gespräche nicht."
        )


def _find_pauses(times: Sequence[HeldTime]) -> Iterator[str]:
    """Days between two times on a post: the figures of the whole time include them."""
    for before, after in pairwise(sorted(times, key=lambda t: t.first)):
        if (after.first - before.last).days > 1:
            span = f"{before.last:%d.%m.%Y} und {after.first:%d.%m.%Y}"
            yield (
                f"Zwischen {span} war keine Stelle besetzt; "
                "die Auswertung Zeitraum umfasst diese Tage."
            )


def _find_late_sources(ledger: Ledger, evidence: MemberEvidence) -> Iterator[str]:
    sources = {source for source, _, member in ledger.book.names if member == evidence.member}
    for source in sorted(sources):
        newest = ledger.delivered.get(source)
        if newest is None:
            yield f"Von der Quelle {source} ist nichts geladen."
        elif newest < evidence.last:
            day = f"{newest:%d.%m.%Y}"
            yield (
                f"Die letzte Lieferung der Quelle {source} ({day}) "
                "liegt vor dem Ende des Zeitraums."
            )


def _find_unrecorded(ledger: Ledger, member: str) -> Iterable[str]:
    """Names that no record has; of a source without a delivery that is told already."""
    if ledger.recorded is None:
        return []
    names = [one for one in ledger.book.names if one[2] == member and one[0] in ledger.delivered]
    return [text for _, text in find_unrecorded(names, ledger.recorded)]


def _find_missing(
    ledger: Ledger,
    grant: Mapping[str, Any],
    members: Sequence[MemberEvidence],
    due: date | None,
) -> Iterator[str]:
    who = f"Zuwendung {grant['key']}"
    if not members:
        yield f"{who}: Es ist niemand eingetragen, der aus ihr bezahlt wird."
    for field, label in _OF_A_GRANT.items():
        if grant[field] is None:
            yield f"{who}: Es fehlt {label}."
    yield from _tell_deadlines(ledger, grant, due)
    spent = sum((m.spent or Decimal(0) for m in members), Decimal(0))
    if grant["amount"] is not None and spent < grant["amount"]:
        yield f"{who}: Nachgewiesen sind {write_euro(spent)} von {write_euro(grant['amount'])}."
    if ledger.rules.tells_excess:
        for label, total in find_excess(grant["amount"], members):
            approved = f"bewilligt sind {write_euro(grant['amount'])}"
            yield f"{who}: {label} sind zusammen {write_euro(total)}; {approved}."


def list_gaps(ledger: Ledger, evidence: GrantEvidence) -> list[str]:
    """What is missing of the evidence itself; that it is still to be sent is not."""
    grant = ledger.book.grants[evidence.grant]
    unsent = set(_tell_deadlines(ledger, grant, evidence.due_on))
    return [text for text in evidence.all_missing if text not in unsent]


def _tell_deadlines(ledger: Ledger, grant: Mapping[str, Any], due: date | None) -> Iterator[str]:
    who = f"Zuwendung {grant['key']}"
    for field, label in _SENT.items():
        yield from _tell_deadline(who, label, grant[field], due, ledger.today)


def _tell_deadline(
    who: str, label: str, sent: date | None, due: date | None, today: date
) -> Iterator[str]:
    if sent is None and due is not None:
        passed = "war" if today > due else "ist"
        yield f"{who}: {label} fehlt; er {passed} bis {due:%d.%m.%Y} vorzulegen."
    elif sent is None:
        yield f"{who}: {label} fehlt; die Frist ist offen, solange das Ende einer Förderung fehlt."
    elif due is not None and sent > due:
        days = (sent - due) // timedelta(days=1)
        yield f"{who}: {label} kam {days} Tage nach der Frist vom {due:%d.%m.%Y}."


def write_euro(amount: Decimal) -> str:
    """An amount as offices read it."""
    return f"{amount:,.2f} €".translate(str.maketrans(",.", ".,"))
