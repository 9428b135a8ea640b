"""Counts the figures a hub must find in a delivery, from its rows before they are misspelled.

Names are those of the hub's answers: `indicator` or `indicator:category`. Persons are counted as
human beings, records as the systems hold them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from examples.labels import LISTS
from examples.quirks import Raw
from examples.snapshot import Row, Tables

Period = tuple[date, date]


def count_figures(sources: Mapping[str, Tables], period: Period) -> dict[str, int]:
    """Every figure of the period, and the stock of clients on its last day."""
    count: Counter[str] = Counter()
    persons: set[int] = set()
    records: set[tuple[str, str]] = set()
    for source, tables in sources.items():
        for row in tables.conversations:
            if _is_within(row["day"], period):
                _count_conversation(count, row)
                persons.update(row["persons"])
                records.update((source, key) for key in row["clients"])
        count["plans_concluded"] += _count_within(tables.plans, "concluded", period)
        count["goals_reached"] += _count_within(tables.goals, "reached", period)
    count["persons_reached"], count["records_reached"] = len(persons), len(records)
    _count_clients(count, sources, period[1])
    return dict(sorted(count.items()))


def _count_conversation(count: Counter[str], row: Row) -> None:
    count["conversations"] += 1
    _count_labels(count, "conversations_by_setting", "setting", [row["setting"]])
    if row["kind"]:
        _count_labels(count, "conversations_by_kind", "kind", [row["kind"]])
    _count_labels(count, "topics", "topic", row["topics"])
    _count_labels(count, "referrals", "referral", row["referrals"])


def _count_labels(count: Counter[str], indicator: str, name: str, values: Iterable[str]) -> None:
    """Counts by code; spoiled values are not in the list and do not count."""
    for value in values:
        if not isinstance(value, Raw):
            code = LISTS[name][value].code if value else "ohne_angabe"
            count[f"{indicator}:{code}"] += 1


def _count_within(rows: Iterable[Row], name: str, period: Period) -> int:
    return sum(_is_within(row[name], period) for row in rows)


def _count_clients(count: Counter[str], sources: Mapping[str, Tables], day: date) -> None:
    open_cases = [
        row
        for source, tables in sources.items()
        for row in tables.cases
        if row["begin"] <= day and (source == "jobkraftwerk" or _is_open(row["end"], day))
    ]
    persons = {row["person"]: row for row in open_cases}.values()
    count["client_records"], count["clients"] = len(open_cases), len(persons)
    names = ["sex", "nationality"]
    if set(sources) == {"enaio"}:
        names.append("housing")
    for name in names:
        _count_labels(count, f"clients_by_{name}", name, (row[name] for row in persons))


def expect_released(
    sources: Mapping[str, Tables], before: Mapping[str, Tables], recipient: str, on: date
) -> dict[str, str]:
    """The groups that may go out, comma-separated, or `!` and the reason against it.

    By source record; records without a consent or release are left out.
    """
    answer: dict[str, str] = {}
    if "enaio" in sources:
        answer |= _judge_consents(sources["enaio"].consents, recipient, on)
    if "jobkraftwerk" in sources:
        earlier = before["jobkraftwerk"].cases if "jobkraftwerk" in before else []
        answer |= _judge_releases(sources["jobkraftwerk"].cases, earlier)
    return answer


def _judge_consents(consents: Iterable[Row], recipient: str, on: date) -> dict[str, str]:
    verdicts: dict[str, list[str]] = {}
    for row in consents:
        verdict = _judge_consent(row, recipient, on)
        verdicts.setdefault(f"enaio:{row['client']}", []).append(verdict)
    return {record: _join_groups(found) for record, found in verdicts.items()}


def _judge_releases(cases: Iterable[Row], earlier: Iterable[Row]) -> dict[str, str]:
    released_before = {row["key"] for row in earlier if row["groups"]}
    answer = {}
    for row in cases:
        if row["groups"] or row["key"] in released_before:
            groups = ",".join(row["groups"])
            answer[f"jobkraftwerk:{row['key']}"] = groups or "!release_withdrawn"
    return answer


def _judge_consent(row: Row, recipient: str, on: date) -> str:
    if row["recipient"] != recipient:
        return "!other_recipient"
    if not row["purpose"]:
        return "!purpose_missing"
    if reason := _judge_days(row, on):
        return reason
    if row["secrecy"] != "Ja":
        return "!confidentiality_not_released"
    return ",".join(group for group in row["groups"] if not isinstance(group, Raw)) or "!no_groups"


def _judge_days(row: Row, on: date) -> str:
    """Why the days of a consent speak against it, or ''."""
    if row["given"] > on:
        return "!not_yet_valid"
    if row["revoked"]:
        return "!revocation_unreadable" if isinstance(row["revoked"], Raw) else "!revoked"
    if isinstance(row["until"], Raw):
        return "!end_unreadable"
    return "!expired" if row["until"] and row["until"] < on else ""


def _join_groups(found: list[str]) -> str:
    granted = [groups for groups in found if not groups.startswith("!")]
    if not granted:
        return found[0]
    return ",".join(dict.fromkeys(",".join(granted).split(",")))


def _is_within(day: Any, period: Period) -> bool:
    return isinstance(day, date) and period[0] <= day <= period[1]


def _is_open(end: date | Raw | None, day: date) -> bool:
    return not isinstance(end, date) or end >= day
