"""Compares what was sent with what is in force now: which earlier recipient has to be told what."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from mappings import recipient_fields
from pipelines.notices.causes import (
    CONSENT_GONE,
    GROUP_GONE,
    OTHER_RECIPIENT,
    PERSON_CHANGED,
    RECORD_GONE,
    VALUES_CHANGED,
    Cause,
    find_cause,
)
from pipelines.transfer.decision import Decision, decide_transfer
from pipelines.transfer.sent_fields import (
    Field,
    list_fields,
    name_field,
    read_values,
    seal_values,
)
from pipelines.transfer.transmissions import SentForm, list_sent_forms
from warehouse.gates.consent import select_grants
from warehouse.gates.question import Gate
from warehouse.identity.key_owners import KeyOwners, read_owners
from warehouse.ledger.entries import Record
from warehouse.schema import person

if TYPE_CHECKING:
    from mappings.recipient_fields import RecipientFields
    from pipelines.hub import Hub

# By field, the keyed hash of its values; None where it is empty.
_Seals = Mapping[str, str | None]
# In place of a field: nothing more is told of the form.
EVERYTHING = "*"
_SIDE = 16


@dataclass
class Told:
    """What notices have told one recipient: form number and field that ended, and corrections.

    ``corrected``: of each record on a form the mark told last, and its fields; ``repeated``: how
    many corrections of a form there were.
    """

    ended: set[tuple[str, str]] = field(default_factory=set)
    corrected: dict[str, tuple[str, Sequence[str]]] = field(default_factory=dict)
    repeated: Counter[str] = field(default_factory=Counter)

    def knows(self, made: DueNotice) -> bool:
        """Whether a correction is what was told last."""
        marks = made.reasons[1:]
        return all(self.corrected.get(name_side(m), ("", ()))[0] == m for m in marks)


@dataclass(frozen=True)
class NoticedForm:
    """A form that a notice is about, with the fields by group, entity and name, never a value."""

    number: str
    sent_on: date
    load: int
    fields: Sequence[str]


@dataclass(frozen=True)
class DueNotice:
    """What a recipient has to be told; ``record`` None: of whom is not kept any more.

    ``reasons``: why, in the words of the gate; a correction also has the mark of the new values.
    """

    recipient: str
    cause: Cause
    reasons: Sequence[str]
    record: Record | None
    forms: Sequence[NoticedForm]


@dataclass(frozen=True)
class Findings:
    """The notices that are due, and of how many forms nothing sure can be said, by recipient.

    ``lost``: recipients of forms who are not configured any more, so that nobody can be told.
    """

    due: Sequence[DueNotice]
    unsure: Mapping[str, int]
    lost: Sequence[str]


@dataclass(frozen=True)
class _Standing:
    """What stands of a record's consent: the groups granted, or the cause by which it ended."""

    groups: Collection[str]
    cause: Cause | None
    reasons: Sequence[str]


def find_due_notices(
    hub: Hub, told: Mapping[str, Told], recipients: Collection[str] | None = None
) -> Findings:
    """The notices that are due now to these recipients (None: to all).

    ``told``: by recipient, what earlier notices have told.

    Changes nothing. Where a source is not current or a consent cannot be read, nothing is due.
    """
    with hub.store.read() as connection:
        sent = list_sent_forms(connection)
    due: list[DueNotice] = []
    unsure: dict[str, int] = {}
    reached = {form.recipient for form in sent}
    asked = reached if recipients is None else reached.intersection(recipients)
    for recipient in sorted(asked & hub.config.recipients.keys()):
        own = [form for form in sent if form.recipient == recipient]
        comparison = _Comparison(hub, recipient, own, told.get(recipient, Told()))
        due += comparison.list_notices()
        unsure |= {recipient: comparison.unsure} if comparison.unsure else {}
    return Findings(due, unsure, sorted(asked - hub.config.recipients.keys()))


class _Comparison:
    """What one recipient was sent, compared with what the gate releases to it today."""

    def __init__(self, hub: Hub, recipient: str, sent: Sequence[SentForm], told: Told) -> None:
        self.terms = recipient_fields.load_handover(hub.config.recipients[recipient].kind)
        self.decision = decide_transfer(hub, recipient, hub.today, settle_seconds=0)
        self.recipient, self.told, self.unsure = recipient, told, 0
        self.by_record = _group_by_record(sent)
        gate = self.decision.gate
        with hub.store.read() as connection:
            self.values = read_values(connection, gate, self.terms, self.by_record)
            self.granted = _read_granted(connection, gate)
            self.known = _read_known(connection, self.decision)
            self.owners = read_owners(connection)
        self.parted = _find_parted(sent, self.decision.persons)
        self.sources = set(hub.config.sources) - set(self.decision.stale)
        self.is_renamed = _is_renamed(self.decision, self.by_record)

    def list_notices(self) -> list[DueNotice]:
        """The notices of all records, those about one form together."""
        found: list[DueNotice] = []
        for record, forms in self.by_record.items():
            standing = self._judge(record, forms)
            if standing is None:
                self.unsure += len(forms)
                continue
            found += self._list_of(record, forms, standing)
        return _join_notices(found)

    def _judge(self, record: Record, forms: Sequence[SentForm]) -> _Standing | None:
        """What stands of the record's consent; None where nothing sure can be said."""
        if record[0] not in self.sources:
            # What the source may not say any more takes nothing back of what ended before.
            return self._judge_refused(record) if record in self.decision.refused else None
        if record in self.parted or not _is_same_human(self.owners, record, forms, self.decision):
            return _Standing((), Cause.SPLIT, [PERSON_CHANGED])
        if record in self.decision.ungrounded:
            # Only the configuration lacks the ground now; the person took nothing back.
            return None
        if record in self.decision.released:
            return _Standing(self.decision.released[record], None, [])
        if record in self.decision.refused:
            return self._judge_refused(record)
        if record not in self.known:
            return _Standing((), Cause.ERASURE, [RECORD_GONE])
        return _Standing((), Cause.REVOCATION, [CONSENT_GONE])

    def _judge_refused(self, record: Record) -> _Standing | None:
        reasons = self.decision.refused[record]
        cause = find_cause(reasons)
        # What the gate grants and the decision holds back all the same is in doubt, unless somebody
        # asked for it.
        if cause is None or (record in self.granted and cause is not Cause.RESTRICTION):
            return None
        if self.is_renamed and set(reasons) == {OTHER_RECIPIENT}:
            return None
        return _Standing((), cause, reasons)

    def _list_of(
        self, record: Record, forms: Sequence[SentForm], standing: _Standing
    ) -> Iterator[DueNotice]:
        ended = [self._note_ended(form, standing.groups) for form in forms]
        if any(form.fields for form in ended):
            cause, reasons = standing.cause or Cause.REVOCATION, standing.reasons or [GROUP_GONE]
            told = [form for form in ended if form.fields]
            yield DueNotice(self.recipient, cause, reasons, record, told)
        if standing.cause is None:
            yield from self._list_corrections(record, forms[-1], standing.groups)

    def _note_ended(self, form: SentForm, groups: Collection[str]) -> NoticedForm:
        """The form with the fields that nobody may use any more and that were not told yet."""
        is_closed = (form.number, EVERYTHING) in self.told.ended
        fields = [
            name
            for name in ([] if is_closed else _name_fields(form, self.terms))
            if name.partition(".")[0] not in groups and (form.number, name) not in self.told.ended
        ]
        return NoticedForm(form.number, form.sent_on, form.load, fields)

    def _list_corrections(
        self, record: Record, form: SentForm, groups: Collection[str]
    ) -> Iterator[DueNotice]:
        """The notice of values that are others now than the recipient was told last."""
        values = self.values.get(record, {})
        now = {
            name_field(field): seal_values(form.seal_key, values.get(field, ()))
            for field in list_fields(self.terms, groups)
        }
        changed = _find_changed(form.fields or {}, now)
        unchanged, mark = _mark_values(form, {}), _mark_values(form, changed)
        last, before = self.told.corrected.get(name_side(mark), (unchanged, ()))
        if mark != last:
            # What was corrected before and is as on the form again has to be told as well.
            fields = list(dict.fromkeys([*changed, *(f for f in before if f in now)]))
            noticed = NoticedForm(form.number, form.sent_on, form.load, fields)
            reasons = [VALUES_CHANGED, mark]
            yield DueNotice(self.recipient, Cause.CORRECTION, reasons, record, [noticed])


def _is_renamed(decision: Decision, sent: Collection[Record]) -> bool:
    """Whether every consent is for somebody else now: the configuration names another recipient."""
    others = [decision.refused.get(record, ()) for record in sent]
    return not decision.released and all(OTHER_RECIPIENT in reasons for reasons in others)


def _read_known(connection: Connection, decision: Decision) -> set[Record]:
    """The records of persons that are known now."""
    rows = decision.gate.known_at.select_rows(person)
    return {
        (source, key)
        for source, key in connection.execute(select(rows.c.source, rows.c.source_key))
    }


def _group_by_record(sent: Iterable[SentForm]) -> dict[Record, list[SentForm]]:
    of_record: dict[Record, list[SentForm]] = defaultdict(list)
    for form in sent:
        of_record[form.record].append(form)
    return of_record


def _read_granted(connection: Connection, gate: Gate) -> set[Record]:
    return {(source, key) for source, key, _ in connection.execute(select_grants(gate))}


def _find_changed(sent: _Seals, now: _Seals) -> dict[str, str | None]:
    """The fields of a form with the seals of their values now, where these are others."""
    return {n: now[n] for n, seal in sent.items() if seal and n in now and now[n] != seal}


def _find_parted(sent: Iterable[SentForm], persons: Mapping[Record, str]) -> set[Record]:
    """The records whose form was of several, which are no longer one human being."""
    of_form: dict[str, set[Record]] = defaultdict(set)
    for form in sent:
        of_form[form.number].add(form.record)
    return {
        record
        for records in of_form.values()
        if len({persons.get(one, ":".join(one)) for one in records}) > 1
        for record in records
    }


def _is_same_human(
    owners: KeyOwners, record: Record, forms: Sequence[SentForm], decision: Decision
) -> bool:
    """Whether the key means the human being of all these forms still."""
    now = decision.gate.known_at.load
    return all(owners.are_same(record, form.load, now) for form in forms)


def _name_fields(form: SentForm, terms: RecipientFields) -> list[str]:
    """The fields that a form showed; of one made before they were entered, all of its groups."""
    if form.fields is not None:
        return form.list_shown()
    fields: list[Field] = list_fields(terms, form.groups)
    return [name_field(field) for field in fields]


def _mark_values(form: SentForm, seals: _Seals) -> str:
    """A mark of the new values of one record on a form, which gives nothing of them away."""
    text = "\x1f".join([form.number, *(f"{name} {seal}" for name, seal in sorted(seals.items()))])
    side = hashlib.sha256(form.seal_key + form.number.encode()).hexdigest()[:_SIDE]
    return side + hashlib.sha256(text.encode()).hexdigest()


def name_side(mark: str) -> str:
    """Which record on which form a mark is of."""
    return mark[:_SIDE]


def _join_notices(notices: Sequence[DueNotice]) -> list[DueNotice]:
    """One notice for the records of one human being that went out on one form."""
    joined: dict[tuple[Cause, str], DueNotice] = {}
    for notice in notices:
        key = notice.cause, notice.forms[-1].number
        if key in joined:
            notice = _join_two(joined[key], notice)
        joined[key] = notice
    return list(joined.values())


def _join_two(one: DueNotice, other: DueNotice) -> DueNotice:
    forms = {form.number: form for form in one.forms}
    for form in other.forms:
        before = forms[form.number].fields if form.number in forms else ()
        fields = list(dict.fromkeys([*before, *form.fields]))
        forms[form.number] = NoticedForm(form.number, form.sent_on, form.load, fields)
    reasons = list(dict.fromkeys([*one.reasons, *other.reasons]))
    ordered = sorted(forms.values(), key=lambda form: (form.sent_on, form.number))
    return DueNotice(one.recipient, one.cause, reasons, one.record, ordered)
