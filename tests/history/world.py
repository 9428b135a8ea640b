"""What sources may deliver: small worlds of records, and how they arrive as tables. Taking them in and keeping them stand elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hypothesis import strategies as st

# The rows of one record by entity, each without its key.
Record = Mapping[str, Sequence[Mapping[str, Any]]]
Content = dict[tuple[str, str], Record]

SOURCES = ("enaio", "jobkraftwerk", "tau")
CARRIERS = {"enaio": "kreis", "jobkraftwerk": "stadt", "tau": "kreis"}
TEAMS = {"08999001": "Nord", "08999002": "Nord", "08999003": None}
DAYS = [
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 6, 30),
    date(2024, 7, 1),
    date(2024, 12, 31),
]
_PROFILE = ("person", "housing", "case")
_TALK = ("conversation", "conversation_participant", "conversation_topic")
_RELEASE = ("consent", "consent_data_group")
# No two systems know the same of a person.
FEEDS: dict[str, dict[str, tuple[str, ...]]] = {
    "enaio": {
        "case": (*_PROFILE, "residence_status", "language_level", "education_work"),
        "conversation": (*_TALK, "conversation_referral"),
        "plan": ("plan", "plan_participant"),
        "goal": ("goal",),
        "consent": _RELEASE,
    },
    "jobkraftwerk": {
        "case": (*_PROFILE, "municipality_residence", *_RELEASE),
        "conversation": _TALK,
        "goal": ("goal",),
        "consent": _RELEASE,
        "household": ("household", "household_member"),
    },
    "tau": {
        "case": (*_PROFILE, "residence_status", *_RELEASE),
        "conversation": (*_TALK, "conversation_referral"),
        "goal": ("goal",),
    },
}
KEYS = {
    "case": ["P1", "P2", "P3"],
    "household": ["H1"],
    "conversation": ["B1", "B2", "B3"],
    "plan": ["L1", "L2"],
    "goal": ["Z1", "Z2"],
    "consent": ["E1", "P2"],
}


@dataclass(frozen=True)
class Table:
    """One table of a delivery: the records on its rows, and how many rows went elsewhere. ``readable``: False where it broke."""

    file: str
    kind: str
    rows: tuple[tuple[str, Record], ...]
    rejected: int = 0
    repeated: int = 0
    readable: bool = True


@dataclass(frozen=True)
class Delivery:
    """What a source delivers on a day, as understood by one version of its mapping."""

    source: str
    on: date
    full: bool
    tables: tuple[Table, ...]
    mapping: int = 0

    @property
    def id(self) -> str:
        """Names these bytes on this day, however they are understood."""
        return hashlib.sha256(
            repr((self.source, self.on, self.full, self.tables)).encode()
        ).hexdigest()

    def understood(self, mapping: int) -> Delivery:
        """The same delivery under another version of the mapping."""
        return replace(self, mapping=mapping)

    def feeds(self, table: Table) -> tuple[str, ...]:
        """The entities that this source feeds from such a table."""
        return FEEDS[self.source][table.kind]

    def together(self, table: Table) -> dict[str, tuple[str, ...]]:
        """A release noted on a profile changes with the case on whose row it stands."""
        return {"case": _RELEASE} if table.kind == "case" and "consent" in self.feeds(table) else {}

    def rows(self, table: Table) -> dict[str, list[dict[str, Any]]]:
        """The rows of every entity the table feeds, as this version of the mapping gives them."""
        found: dict[str, list[dict[str, Any]]] = {entity: [] for entity in self.feeds(table)}
        for key, record in table.rows:
            for entity, rows in record.items():
                if entity not in found:
                    continue
                found[entity] += [
                    _understood(entity, {"key": key, **row}, self.mapping) for row in rows
                ]
        return found


def _understood(entity: str, row: dict[str, Any], mapping: int) -> dict[str, Any]:
    if entity == "consent" and row["basis"] == "release":
        return {**row, "person_key": row["key"]}
    # The second version of a mapping knows the kinds of conversations, which the first could not read.
    if entity == "conversation" and mapping == 0:
        return {**row, "kind": None}
    return row


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def _some(name: str, values: Sequence[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    chosen = st.frozensets(st.sampled_from(values), max_size=2)
    return chosen.map(lambda found: [{name: value} for value in sorted(found)])


def _some_rows(rows: st.SearchStrategy[dict[str, Any]], key: str) -> Any:
    return st.lists(rows, max_size=2, unique_by=lambda row: row[key])


def _one(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.fixed_dictionaries(fields).map(lambda row: [row])


def _optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.just([]) | _one(**fields)


_DAY, _PEOPLE, _STAFF = (
    st.sampled_from(DAYS),
    [*KEYS["case"], "P9"],
    _maybe(st.sampled_from(["Anna", "Berta"])),
)
_PERSON = {
    "last_name": st.sampled_from(["Şahin", "SAHIN", "Weber"]),
    "first_name": st.sampled_from(["Probe", "Probe", "Prova", "Baby"]),
    "birth_date": _maybe(st.sampled_from([date(1990, 5, 5), date(1985, 1, 1), date(1991, 6, 6)])),
    "sex": _maybe(st.sampled_from(["m", "w", "ohne_angabe"])),
    "nationality": _maybe(st.sampled_from(["SYR", "IRQ"])),
    "entry_date": _maybe(st.sampled_from([date(2016, 1, 1), date(2017, 2, 2)])),
    "official_number": _maybe(
        st.sampled_from(["160512012345", "160512012353", "L 47115", "beantragt 2024"])
    ),
}
_RELEASES = st.one_of(
    st.just({}),
    _some("data_group", ["beruf", "sprache"]).map(
        lambda g: {"consent": [{"basis": "release"}], "consent_data_group": g}
    ),
)


def _without_unread_end(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An end that cannot be read is no day."""
    return [{**row, "ended_on": None} if row["ended_on_unreadable"] else row for row in rows]


_CASE = st.builds(
    lambda record, release: {**record, **release},
    st.fixed_dictionaries(
        {
            "case": _one(
                begun_on=_maybe(_DAY),
                ended_on=_maybe(_DAY),
                ended_on_unreadable=_maybe(st.just(True)),
                municipality=_maybe(st.sampled_from(list(TEAMS))),
                staff=_STAFF,
            ).map(_without_unread_end),
            "person": _optional(**_PERSON),
            "residence_status": _optional(
                status=_maybe(st.sampled_from(["duldung", "aufenthaltsgestattung"]))
            ),
            "housing": _optional(
                kind=_maybe(st.sampled_from(["privat", "anschluss"])), assigned_on=_maybe(_DAY)
            ),
            "municipality_residence": _optional(municipality=_maybe(st.sampled_from(list(TEAMS)))),
            "language_level": _some("language", ["Deutsch", "Dari"]),
            "education_work": _optional(integration_course=_maybe(st.booleans())),
        }
    ),
    _RELEASES,
)
_REFERRALS = _some_rows(
    st.fixed_dictionaries(
        {
            "target": st.sampled_from(["jobcenter", "andere"]),
            "had_result": _maybe(st.booleans()),
        }
    ),
    "target",
)
RECORDS: dict[str, st.SearchStrategy[Record]] = {
    "case": _CASE,
    "household": st.fixed_dictionaries(
        {
            "household": _one(label=st.sampled_from(["H", "h"])),
            "household_member": _some("person_key", _PEOPLE),
        }
    ),
    "conversation": st.fixed_dictionaries(
        {
            "conversation": _one(
                held_on=_DAY,
                minutes=_maybe(st.just(20)),
                setting=_maybe(st.sampled_from(["einzelperson", "familie"])),
                kind=st.sampled_from(["clearing", "beratung"]),
                channel=_maybe(st.sampled_from(["telefonisch", "email"])),
                staff=_STAFF,
            ),
            "conversation_participant": _some("person_key", _PEOPLE),
            "conversation_topic": _some("topic", ["arbeit", "kinder", "wohnen"]),
            "conversation_referral": _REFERRALS,
        }
    ),
    "plan": st.fixed_dictionaries(
        {"plan": _one(concluded_on=_maybe(_DAY)), "plan_participant": _some("person_key", _PEOPLE)}
    ),
    "goal": st.fixed_dictionaries(
        {
            "goal": _one(
                plan_key=_maybe(st.sampled_from(KEYS["plan"])),
                person_key=_maybe(st.sampled_from(_PEOPLE)),
                area=_maybe(st.sampled_from(["arbeit", "wohnen"])),
                begun_on=_maybe(_DAY),
                status=st.sampled_from(["erreicht", "offen"]),
                reached_on=_maybe(_DAY),
            )
        }
    ),
    "consent": st.fixed_dictionaries(
        {
            "consent": _one(
                basis=st.just("form"),
                person_key=st.just("P1"),
                recipient=st.just("jobcenter"),
                given_on=_maybe(_DAY),
            ),
            "consent_data_group": _some("data_group", ["beruf", "sprache", "stammdaten"]),
        }
    ),
}
_KINDS = ["case"] * 3 + ["conversation"] * 3 + ["plan", "goal", "consent", "household"]
_EDIT = st.sampled_from(_KINDS).flatmap(
    lambda kind: st.tuples(
        st.just(kind),
        st.sampled_from(KEYS[kind]),
        st.one_of(RECORDS[kind], RECORDS[kind], RECORDS[kind], st.none()),
    )
)
EDITS = st.lists(_EDIT, max_size=4)
# What sources begin with: enough for links, figures and the guard.
BEGINNING = st.lists(_EDIT, min_size=5, max_size=9)
