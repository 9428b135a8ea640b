"""Decides who may be handed over to a recipient on a day, by the consent gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select, union

from mappings import code_lists, recipient_fields
from mappings.engine.clean import clean_line
from mappings.problems import YamlProblems
from mappings.source_yaml import FieldPart
from pipelines.config.models import OfficerDecision
from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from pipelines.intake.freshness import find_obstacles
from pipelines.transfer.doubt_sentences import describe_doubts
from pipelines.transfer.lookalikes import (
    Doubtful,
    Lookalikes,
    describe_lookalike,
    find_lookalikes,
)
from pipelines.transfer.recipient_name import RecipientName
from warehouse.as_of import KnownAt, Moment, resolve_moment
from warehouse.gates.consent import (
    hold_judgement,
    select_grants_by_basis,
    select_refusals,
    select_refusing,
    select_withdrawn,
)
from warehouse.gates.question import (
    OTHER_RECORD,
    REASONS,
    RESTRICTED,
    STALE,
    UNGROUNDED,
    Gate,
    Reason,
)
from warehouse.rights.record_marks import read_restricted
from warehouse.rights.rights_key import RightsKey, open_rights_key
from warehouse.schema import (
    consent,
    consent_statement,
    person,
    person_link,
)

Record = tuple[str, str]


class NotToday(Failure):
    """Forms were asked for a day other than today: what was revoked since would go out."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class PersonRelease:
    """What may be handed over of a human being: the records released together, and the groups.

    ``number`` is that of the form: the same for the same person, recipient and day, and it gives
    nothing of the person away.
    """

    person: str
    records: tuple[Record, ...]
    groups: tuple[str, ...]
    number: str


@dataclass(frozen=True)
class ReleasedForm:
    """A form that may be sent: its person, data groups, and file names in the parcel."""

    person: str
    records: Sequence[str]
    groups: Sequence[str]
    files: Sequence[str]


@dataclass(frozen=True)
class RefusedRecord:
    """A record of which nothing may be sent; ``reason`` is the first of the ``reasons``.

    ``because``: German sentences on what is in doubt, on the records that may be the same human
    being, and on what decides.
    """

    person: str
    records: Sequence[str]
    reason: str
    reasons: Sequence[str]
    because: Sequence[str] = ()


@dataclass(frozen=True)
class Transfer:
    """Who may be handed over to a recipient on a day, as known at a load, and who not and why.

    ``grounds_missing``: those of the released of whom no form is made, as they only released
    something in a system, and no decision of the data protection officer is configured for that.
    """

    recipient: str
    on: date
    load: int
    released: Sequence[ReleasedForm]
    refused: Sequence[RefusedRecord]
    grounds_missing: Sequence[str]


@dataclass(frozen=True)
class AllowedStale:
    """A source of which is handed over although its newest delivery is old, and why."""

    source: str
    reason: str
    by: str


@dataclass(frozen=True)
class Decision:
    """What the gate decided for one day: per record the groups released, or the reasons why none.

    ``numbers``: the key by which forms are numbered. ``fresh_on``: the day up to which deliveries
    had to be loaded. ``stale``: sources that may not speak for their persons, with the reason
    (German): a revocation may be in what is not loaded, so nothing of these sources and persons is
    released. ``ungrounded``: records released by their persons in a system alone, where ``ground``,
    the decision of the data protection officer that stands for that, is missing. ``allowed``: the
    old sources that somebody let through. ``because``: of the refused records that are in doubt, or
    may be somebody who said no, why (German).
    """

    gate: Gate
    key: str
    numbers: RightsKey = field(compare=False)
    persons: dict[Record, str]
    fresh_on: date
    stale: dict[str, str]
    released: dict[Record, tuple[str, ...]]
    refused: dict[Record, tuple[str, ...]]
    ungrounded: frozenset[Record] = frozenset()
    ground: OfficerDecision | None = None
    allowed: tuple[AllowedStale, ...] = ()
    because: Mapping[Record, Sequence[str]] = field(default_factory=dict)

    def as_answer(self) -> Transfer:
        """The decision: one form per human being, and each record of which nothing goes out."""
        released, refused = self._list_released(), self._list_refused()
        missing = [":".join(record) for record in self.released if record in self.ungrounded]
        return Transfer(self.key, self.gate.on, self.gate.known_at.load, released, refused, missing)

    def _list_released(self) -> list[ReleasedForm]:
        return [
            ReleasedForm(one.person, list(map(":".join, one.records)), one.groups, [_file(one)])
            for one in self.list_persons()
        ]

    def _list_refused(self) -> list[RefusedRecord]:
        return [
            RefusedRecord(
                self.name_person(record),
                [":".join(record)],
                reasons[0],
                reasons,
                self.because.get(record, ()),
            )
            for record, reasons in self.refused.items()
        ]

    def for_forms(self) -> Decision:
        """The decision by which forms are made: what lacks a ground is refused."""
        return self.without([r for r in self.released if r in self.ungrounded], UNGROUNDED)

    def list_persons(self) -> list[PersonRelease]:
        """The human beings of whom something is released, by their first record.

        Of a data group that is not released of each of the records, nothing is: the narrower wins.
        """
        together: dict[str, list[Record]] = defaultdict(list)
        for record in self.released:
            together[self.name_person(record)].append(record)
        return [self._release_person(*each) for each in together.items()]

    def without(self, records: Collection[Record], reason: Reason) -> Decision:
        """The decision with these records refused for a reason that the gate does not know."""
        reasons = dict.fromkeys(records, (reason,))
        released = {r: groups for r, groups in self.released.items() if r not in reasons}
        return replace(self, released=released, refused={**self.refused, **reasons})

    def form_number(self, record: Record) -> str:
        """The number of the form that a record is on: without the key nobody computes it."""
        return self.numbers.number_form(self.key, self.gate.on, self.name_person(record))

    def name_person(self, record: Record) -> str:
        """The id of the human being; a record that is not linked stands for itself."""
        return self.persons.get(record, ":".join(record))

    def _release_person(self, person: str, records: Sequence[Record]) -> PersonRelease:
        first = self.released[records[0]]
        groups = tuple(g for g in first if all(g in self.released[record] for record in records))
        return PersonRelease(person, tuple(records), groups, self.form_number(records[0]))


def _file(release: PersonRelease) -> str:
    return f"{release.number}.pdf"


def decide_transfer(
    hub: Hub,
    recipient: str,
    on: date,
    as_of: Moment | None = None,
    settle_seconds: float = 0.5,
    allow_stale: Sequence[AllowedStale] = (),
) -> Decision:
    """Asks the gate for every person, as known now (or as of a day or load).

    ``allow_stale``: sources that may speak although their newest delivery is old, if nothing else
    is wrong with them. A past day looks back: what was granted on it, and whether the sources were
    current then. So does a past state of knowledge: whether they were current when it was the
    newest. Raises NotToday for a day to come.
    """
    if on > hub.today:
        raise NotToday(f"{on} lies after today: until then a consent may be withdrawn")
    gate = _open_gate_as_of(hub, recipient, on, as_of)
    despite_age = [allowed.source for allowed in allow_stale]
    stale = _find_stale(hub, gate, as_of, settle_seconds, despite_age)
    with hub.store.read() as connection:
        words = _ask_gate(connection, gate, stale)
        _hold_back(words, stale)
        because = _tell_because(connection, gate, words)
    ground = hub.config.grounded_releases(recipient, on)
    groups = list(code_lists.load_code_list("data_group").labels)
    return Decision(
        gate,
        recipient,
        open_rights_key(hub.config.data_folder.rights),
        words.persons,
        _freshness_day(hub, gate, as_of),
        stale,
        _arrange_values(words.released, groups),
        _arrange_values(words.refused, REASONS),
        _find_ungrounded(words) if ground is None else frozenset(),
        ground,
        tuple(allow_stale),
        because,
    )


@dataclass(frozen=True)
class _Answers:
    """What the gate answered, by record, and which records have to be held back beside.

    ``signed``: released by a form; ``silent``: of persons who may have said something in what is
    not loaded; ``alike``: of persons who may be somebody that is ``doubtful``; ``restricted``: by
    Art. 18.
    """

    released: dict[Record, set[str]]
    refused: dict[Record, set[str]]
    persons: dict[Record, str]
    signed: Collection[Record]
    silent: Collection[Record]
    alike: Lookalikes
    doubtful: Doubtful
    restricted: Collection[Record]


def _ask_gate(connection: Connection, gate: Gate, stale: Collection[str]) -> _Answers:
    with hold_judgement(connection, gate) as judged:
        granted = connection.execute(select_grants_by_basis(gate, judged)).all()
        refused = connection.execute(select_refusals(gate, judged)).all()
        refusing = connection.execute(select_refusing(gate, judged)).all()
        withdrawn = connection.execute(select_withdrawn(gate, judged)).all()
    released, restricted = _collect_by_record(granted), read_restricted(connection)
    # Whose use is restricted, of that person nothing goes out under another key either.
    doubtful = Doubtful(
        {*map(_name_record, refusing), *restricted},
        {*map(_name_record, withdrawn), *restricted},
        _list_records(connection, gate, stale),
    )
    persons = _read_persons(connection, gate)
    return _Answers(
        released,
        _collect_by_record(refused),
        persons,
        {(row.source, row.person_key) for row in granted if row.is_form},
        _find_silent_records(connection, gate, stale),
        find_lookalikes(connection, gate, released.keys(), persons, doubtful),
        doubtful,
        restricted,
    )


def _name_record(row: Any) -> Record:
    return row.source, row.person_key


def _list_records(connection: Connection, gate: Gate, sources: Collection[str]) -> set[Record]:
    """The persons that sources ever delivered."""
    c = person.c
    rows = select(c.source, c.source_key).where(c.source.in_(sorted(sources)))
    known = rows.where(gate.known_at.includes(c.known_from)).distinct()
    return {(source, key) for source, key in connection.execute(known)} if sources else set()


def _tell_because(
    connection: Connection, gate: Gate, words: _Answers
) -> dict[Record, Sequence[str]]:
    """Of the refused records, what is in doubt, and whose human being they may be."""
    alike = _describe_lookalikes(words)
    doubts = describe_doubts(connection, gate, words.refused)
    return {
        record: [*doubts.get(record, ()), *alike.get(record, ())]
        for record in doubts.keys() | alike.keys()
    }


def _describe_lookalikes(words: _Answers) -> dict[Record, list[str]]:
    """Of the refused who may be somebody else's human being, why and what decides."""
    return {
        record: [describe_lookalike(pair, words.doubtful, words.persons) for pair in pairs]
        for record, pairs in words.alike.items()
    }


def _find_ungrounded(words: _Answers) -> frozenset[Record]:
    """The records of which only a release in the source speaks, and no signed consent."""
    return frozenset(words.released.keys() - words.signed)


def _hold_back(words: _Answers, stale: Collection[str]) -> None:
    """Refuses of what the gate would release what is restricted, or not known well enough."""
    silent = {r for r in words.released if r[0] in stale} | set(words.silent)
    silenced = {r for r, pairs in words.alike.items() if not _refuses(pairs, words.doubtful)}
    held = {RESTRICTED: words.restricted, STALE: silent | silenced, OTHER_RECORD: words.alike}
    for reason, records in held.items():
        for record in words.released.keys() & set(records):
            words.refused[record] = {reason}
            del words.released[record]


def _refuses(pairs: Iterable[tuple[Record, Record]], doubtful: Doubtful) -> bool:
    """Whether one of those who may be the same human being says no, and is not silent only."""
    return any(other not in doubtful.silent or other in doubtful.refusing for _, other in pairs)


def _open_gate_as_of(hub: Hub, recipient: str, on: date, as_of: Moment | None) -> Gate:
    with hub.store.read() as connection:
        return open_gate(hub, connection, recipient, on, resolve_moment(connection, as_of))


def open_gate(
    hub: Hub, connection: Connection, recipient: str, on: date, known_at: KnownAt
) -> Gate:
    """The question of who may be released to a recipient on a day."""
    config = hub.config
    years, days = config.consents.max_years, config.consents.after_case_days
    settings = config.recipients[recipient]
    written = _list_written(connection)
    name = _describe_name(hub, recipient)
    return Gate(
        clean_line(settings.name),
        frozenset(text for text in written if name.may_be_meant(text)),
        frozenset(text for text in written if name.may_be_spoken_of(text)),
        config.release_sources(recipient),
        on,
        known_at,
        looks_back=on < hub.today or not known_at.current,
        oldest=subtract_years(on, years),
        closed_since=None if days is None else on - timedelta(days=days),
        unrevocable=frozenset(_list_unrevocable(hub)),
        key=recipient,
    )


def _describe_name(hub: Hub, recipient: str) -> RecipientName:
    """What is known of the recipient's name, beside the names of all others."""
    settings, others = hub.config.recipients[recipient], _list_other_names(hub, recipient)
    terms = recipient_fields.load_handover(settings.kind)
    words = (terms.named_as, terms.everyone, others, terms.others_as)
    places, neighbours = _list_places(hub), hub.config.district.neighbours
    return RecipientName(settings.name, *words, places, terms.beside_places, neighbours)


def _list_places(hub: Hub) -> list[str]:
    """The district and its municipalities, each in all its spellings."""
    known = hub.config.municipalities.values()
    return [hub.config.district.name, *(text for one in known for text in (one.name, *one.also))]


def _list_other_names(hub: Hub, recipient: str) -> list[str]:
    return [other.name for key, other in hub.config.recipients.items() if key != recipient]


def _list_written(connection: Connection) -> list[str]:
    """The names of recipients in consents, of the sources and by hand."""
    rows = union(select(consent.c.recipient), select(consent_statement.c.recipient_name))
    return sorted(text for text in connection.execute(rows).scalars() if text)


def _list_unrevocable(hub: Hub) -> Iterator[tuple[str, str]]:
    """The sources, each with a basis of consents, that have no column of revocations."""
    for source in hub.config.sources:
        try:
            tables = hub.read_mapping(source).file.tables.values()
        except YamlProblems:
            # The source may not speak; there is no better reason to give.
            continue
        fed = [table.feeds["consent"].fields for table in tables if "consent" in table.feeds]
        yield from ((source, basis) for basis in _list_bases(fed))


def _list_bases(fed: Sequence[Mapping[str, FieldPart]]) -> Iterator[str]:
    """The bases of consents, by the fields of their tables, that nothing revokes."""
    revocable = {str(fields["basis"].constant) for fields in fed if "revoked_on" in fields}
    for fields in fed:
        basis = str(fields["basis"].constant)
        if basis not in revocable:
            yield basis


def subtract_years(day: date, years: int) -> date:
    """The same day so many years before; 28 February for the 29th where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _find_stale(
    hub: Hub,
    gate: Gate,
    as_of: Moment | None,
    settle_seconds: float,
    despite_age: Collection[str],
) -> dict[str, str]:
    """The sources that may not speak, with the reasons, as of the gate's state of knowledge."""
    found = find_obstacles(
        hub,
        _freshness_day(hub, gate, as_of),
        settle_seconds=settle_seconds,
        known_at=None if as_of is None else gate.known_at,
        despite_age=despite_age,
    )
    return {source: " ".join(reasons) for source, reasons in found.items()}


def _freshness_day(hub: Hub, gate: Gate, as_of: Moment | None) -> date:
    """The day up to which deliveries have to be loaded: of a load, the day of its delivery.

    The newest load is what is known now.
    """
    if as_of is None or as_of == hub.known_at(None).load:
        return gate.on
    return min(gate.on, hub.date_of(as_of) if isinstance(as_of, int) else as_of)


def _find_silent_records(connection: Connection, gate: Gate, stale: Collection[str]) -> set[Record]:
    """The records of human beings who may have said something in a source that is not current.

    It need not have consents: a note may say it. Every link that was ever known counts: it may be
    gone with what is not loaded.
    """
    c = person_link.c
    links = select(c.source, c.source_key, c.person_id).where(gate.known_at.includes(c.known_from))
    ever = [tuple(row) for row in connection.execute(links.distinct())]
    silent = {person for source, _, person in ever if source in stale}
    return {(source, key) for source, key, person in ever if person in silent}


def _collect_by_record(rows: Iterable[Any]) -> dict[Record, set[str]]:
    """The last column (data group or reason) by the first two, source and person key."""
    found: dict[Record, set[str]] = defaultdict(set)
    for row in rows:
        found[row[0], row[1]].add(row[-1])
    return found


def _read_persons(connection: Connection, gate: Gate) -> dict[Record, str]:
    links = gate.known_at.select_rows(person_link)
    return {(r.source, r.source_key): r.person_id for r in connection.execute(select(links))}


def _arrange_values(
    found: dict[Record, set[str]], order: Sequence[str]
) -> dict[Record, tuple[str, ...]]:
    """The records sorted, the values of each in the given order."""
    return {
        record: tuple(value for value in order if value in values)
        for record, values in sorted(found.items())
    }
