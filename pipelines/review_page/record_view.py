"""Reads what a person sees of two records side by side: values, household, cases, other candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, func, select

from mappings.code_lists import load_code_list
from pipelines.hub import Hub
from warehouse.identity.decisions import Pair, name_record, order_pair
from warehouse.identity.names import search_form
from warehouse.identity.record import Key
from warehouse.identity.unsure_pairs import read_versions
from warehouse.identity.waiting_pairs import list_waiting, read_person_ids
from warehouse.schema import (
    conversation_participant,
    counselling_case,
    household_member,
    municipality_residence,
    person,
)

_FIELDS = (
    "last_name",
    "first_name",
    "birth_date",
    "sex",
    "nationality",
    "marital_status",
    "entry_date",
    "official_number",
)
_NAMES = ("last_name", "first_name")
_MOST_OTHERS = 8


@dataclass(frozen=True)
class ComparedValue:
    """One line of the comparison; ``sign``: "=", "≈" for other case, accents or hyphens of a name,
    "≠", or "" where a side is not known."""

    label: str
    a: str
    b: str
    sign: str


@dataclass(frozen=True)
class RecordView:
    """One record beside its values; ``others`` are records that are the same person already."""

    record: str
    source: str
    carrier: str
    household: Sequence[str]
    others: Sequence[str]
    candidates: Sequence[str]


@dataclass(frozen=True)
class PairView:
    """Two records side by side, with the personal values that a decision needs.

    ``versions`` names what both say.
    """

    a: RecordView
    b: RecordView
    values: Sequence[ComparedValue]
    versions: str


def view_pair(hub: Hub, one: Key, other: Key) -> PairView | None:
    """The two records as known now; None where one is not known any more."""
    pair = order_pair(one, other)
    with hub.store.read() as connection:
        rows = [row for key in pair if (row := _read_person(connection, key)) is not None]
        if len(rows) < len(pair):
            return None
        more = [_read_more(hub, connection, key) for key in pair]
        # Both read the whole district, so once for both sides.
        persons, waiting = read_person_ids(connection), list_waiting(connection)
        others = [other.pair for other in waiting if other.pair != pair]
        views = [_view_record(hub, connection, key, persons, others) for key in pair]
        versions = read_versions(connection, pair)
    values = [*_compare_fields(*rows), *_compare_more(*more)]
    return PairView(views[0], views[1], values, versions)


def _read_person(connection: Connection, key: Key) -> Mapping[str, Any] | None:
    c = person.c
    wanted = select(*(c[name] for name in _FIELDS)).where(*_is_record(person, key, "source_key"))
    row = connection.execute(wanted).mappings().first()
    return dict(row) if row is not None else None


def _is_record(table: Table, key: Key, column: str) -> tuple[Any, ...]:
    c = table.c
    return (c.source == key[0], c[column] == key[1], c.known_to.is_(None))


def _compare_fields(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[ComparedValue]:
    for name in _FIELDS:
        column = person.c[name]
        texts = [_write_value(column.info.get("codes"), row[name]) for row in (a, b)]
        compared = _compare_texts(str(column.info["label"]), *texts)
        yield _soften_sign(compared, texts) if name in _NAMES else compared


def _soften_sign(compared: ComparedValue, texts: Sequence[str]) -> ComparedValue:
    """Names that differ in their spelling only are alike."""
    if compared.sign == "≠" and len(set(map(search_form, texts))) == 1:
        return replace(compared, sign="≈")
    return compared


def _write_value(codes: str | None, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return str(load_code_list(codes).labels.get(value, value)) if codes else str(value)


def _compare_texts(label: str, a: str, b: str) -> ComparedValue:
    sign = "" if not (a and b) else "=" if a == b else "≠"
    return ComparedValue(label, a, b, sign)


def _read_more(hub: Hub, connection: Connection, key: Key) -> dict[str, str]:
    """Municipality, case and conversations of a record, as texts by their label."""
    places = hub.municipalities.labels
    of_case = _is_record(counselling_case, key, "person_key")
    c = counselling_case.c
    cases = connection.execute(
        select(c.municipality, c.begun_on, c.ended_on).where(*of_case).order_by(c.begun_on)
    ).all()
    lived = connection.execute(
        select(municipality_residence.c.municipality).where(
            *_is_record(municipality_residence, key, "person_key")
        )
    ).scalars()
    codes = [row.municipality for row in cases] + list(lived)
    names = dict.fromkeys(places.get(code, code) for code in codes if code)
    talks = select(func.count()).where(*_is_record(conversation_participant, key, "person_key"))
    return {
        "Gemeinde": ", ".join(names),
        "Betreuung": "; ".join(_write_span(row.begun_on, row.ended_on) for row in cases),
        "Gespräche": str(connection.execute(talks).scalar_one()),
    }


def _write_span(begun: date | None, ended: date | None) -> str:
    start = f"seit {begun:%d.%m.%Y}" if begun else "Beginn nicht bekannt"
    return f"{start} bis {ended:%d.%m.%Y}" if ended else start


def _compare_more(a: Mapping[str, str], b: Mapping[str, str]) -> Iterator[ComparedValue]:
    for label in a:
        # Two counts or spans that agree say nothing about who it is.
        sign = _compare_texts(label, a[label], b[label]).sign if label == "Gemeinde" else ""
        yield ComparedValue(label, a[label], b[label], sign)


def _view_record(
    hub: Hub,
    connection: Connection,
    key: Key,
    persons: Mapping[Key, str],
    waiting: Sequence[Pair],
) -> RecordView:
    others = [k for k, found in persons.items() if found == persons.get(key) and k != key]
    candidates = [b if a == key else a for a, b in waiting if key in (a, b)]
    settings = hub.config.sources.get(key[0])
    carrier = hub.config.carriers.get(settings.carrier or "") if settings else None
    return RecordView(
        name_record(key),
        key[0],
        carrier.name if carrier else "",
        _describe_records(connection, _list_household(connection, key)),
        _describe_records(connection, others),
        _describe_records(connection, candidates),
    )


def _list_household(connection: Connection, key: Key) -> list[Key]:
    """The other members of the record's household."""
    c = household_member.c
    homes = select(c.household_key).where(*_is_record(household_member, key, "person_key"))
    members = select(c.person_key).where(
        c.source == key[0], c.household_key.in_(homes), c.known_to.is_(None)
    )
    found = connection.execute(members.distinct().order_by(c.person_key)).scalars()
    return [(key[0], member) for member in found if member != key[1]]


def _describe_records(connection: Connection, keys: Sequence[Key]) -> list[str]:
    """Name, birth date and key of each record, at most so many."""
    texts = []
    for key in sorted(keys)[:_MOST_OTHERS]:
        row = _read_person(connection, key)
        if row is not None:
            name = " ".join(filter(None, (row["first_name"], row["last_name"])))
            born = f", geboren {row['birth_date']:%d.%m.%Y}" if row["birth_date"] else ""
            texts.append(f"{name or 'ohne Namen'}{born} ({name_record(key)})")
    left = len(keys) - _MOST_OTHERS
    return [*texts, f"und {left} weitere"] if left > 0 else texts
