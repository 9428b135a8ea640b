"""The figures a delivery must come to, counted from its rows before anybody misspelled them.

Names are those of the answers of the hub: `indicator` or `indicator:category`. Persons are counted as the human beings
they are, records as the systems hold them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from examples.labels import (
    HOUSING,
    KINDS,
    NATIONALITIES,
    REFERRALS,
    SETTINGS,
    SEXES,
    TOPICS,
    Labels,
)
from examples.quirks import Raw
from examples.snapshot import Row, Tables

Period = tuple[date, date]


def count_figures(sources: Mapping[str, Tables], period: Period) -> dict[str, int]:
    """Every figure of the period, and the stock of clients on its last day."""
    count: Counter[str] = Counter()
    talks = [
        (source, row)
        for source, tables in sources.items()
        for row in tables.conversations
        if _is_within(row["day"], period)
    ]
    for _, row in talks:
        count["conversations"] += 1
        count[f"conversations_by_setting:{_code_of(SETTINGS, row['setting'])}"] += 1
        if row["kind"]:
            count[f"conversations_by_kind:{_code_of(KINDS, row['kind'])}"] += 1
        for name, labels, values in (
            ("topics", TOPICS, row["topics"]),
            ("referrals", REFERRALS, row["referrals"]),
        ):
            count.update(f"{name}:{_code_of(labels, value)}" for value in values if value in labels)
    count["persons_reached"] = len({person for _, row in talks for person in row["persons"]})
    count["records_reached"] = len(
        {(source, key) for source, row in talks for key in row["clients"]}
    )
    for tables in sources.values():
        count["plans_concluded"] += sum(
            _is_within(row["concluded"], period) for row in tables.plans
        )
        count["goals_reached"] += sum(_is_within(row["reached"], period) for row in tables.goals)
    _count_clients(count, sources, period[1])
    return dict(sorted(count.items()))


def _count_clients(count: Counter[str], sources: Mapping[str, Tables], day: date) -> None:
    open_cases = [
        row
        for source, tables in sources.items()
        for row in tables.cases
        if row["begin"] <= day and (source == "jobkraftwerk" or _is_open(row["end"], day))
    ]
    persons = {row["person"]: row for row in open_cases}
    count["client_records"], count["clients"] = len(open_cases), len(persons)
    by: list[tuple[str, str, Labels]] = [
        ("clients_by_sex", "sex", SEXES),
        ("clients_by_nationality", "nationality", NATIONALITIES),
    ]
    if set(sources) == {"enaio"}:
        by.append(("clients_by_housing", "housing", HOUSING))
    for name, attribute, labels in by:
        count.update(f"{name}:{_code_of(labels, row[attribute])}" for row in persons.values())


def expect_released(
    sources: Mapping[str, Tables], before: Mapping[str, Tables], recipient: str, on: date
) -> dict[str, str]:
    """Per source record with a consent: the groups that may go out, comma-separated, or `!` and the reason why not."""
    fate: dict[str, list[str]] = {}
    for row in sources["enaio"].consents if "enaio" in sources else []:
        fate.setdefault(f"enaio:{row['client']}", []).append(_judge_consent(row, recipient, on))
    answer = {record: _join_groups(found) for record, found in fate.items()}
    earlier = (
        {row["key"] for row in before["jobkraftwerk"].cases if row["groups"]}
        if "jobkraftwerk" in before
        else set()
    )
    for row in sources["jobkraftwerk"].cases if "jobkraftwerk" in sources else []:
        if row["groups"]:
            answer[f"jobkraftwerk:{row['key']}"] = ",".join(row["groups"])
        elif row["key"] in earlier:
            answer[f"jobkraftwerk:{row['key']}"] = "!release_withdrawn"
    return answer


def _judge_consent(row: Row, recipient: str, on: date) -> str:
    if row["recipient"] != recipient:
        return "!other_recipient"
    if not row["purpose"]:
        return "!purpose_missing"
    if row["given"] > on:
        return "!not_yet_valid"
    if row["revoked"]:
        return "!revocation_unreadable" if isinstance(row["revoked"], Raw) else "!revoked"
    if isinstance(row["until"], Raw):
        return "!end_unreadable"
    if row["until"] and row["until"] < on:
        return "!expired"
    if row["secrecy"] != "Ja":
        return "!confidentiality_not_released"
    return ",".join(group for group in row["groups"] if not isinstance(group, Raw)) or "!no_groups"


def _join_groups(found: list[str]) -> str:
    granted = [groups for groups in found if not groups.startswith("!")]
    return (
        ",".join(dict.fromkeys(group for groups in granted for group in groups.split(",")))
        if granted
        else found[0]
    )


def _is_within(day: Any, period: Period) -> bool:
    return isinstance(day, date) and period[0] <= day <= period[1]


def _is_open(end: date | Raw | None, day: date) -> bool:
    return not isinstance(end, date) or end >= day


def _code_of(labels: Labels, value: str) -> str:
    return labels[value][0] if value else "ohne_angabe"
