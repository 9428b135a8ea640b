"""Makes the package of the evidence of one grant: the same ledger entry gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from connectors.documents.package.bag import make_bag
from connectors.documents.package.crate import CRATE, describe_crate
from connectors.documents.package.statement import STATEMENT
from pipelines.funding.evidence import Ledger, collect_evidence, list_gaps, open_ledger
from pipelines.funding.evidence_rules import EvidenceRules
from pipelines.funding.grant_files import (
    GrantFiles,
    check_grant,
    find_grant_period,
    make_grant_files,
    make_member_books,
)
from pipelines.submission.counted_things import Line
from pipelines.submission.figure_files import write_json
from pipelines.submission.made_of import write_made_of
from warehouse.as_of import KnownAt
from warehouse.ledger.submissions import Submission

if TYPE_CHECKING:
    from datetime import date

    from connectors.documents.kennzahlen.book import KennzahlenBook
    from pipelines.hub import Hub

PRODUCT = "evidence"
EVIDENCE = "evidence.json"
# The name by which a member stands in a figure of the evidence.
MEMBER = "staff_member"
_MEANINGS = {
    "uebersicht.xlsx": "Übersicht der Zuwendung",
    EVIDENCE: "Nachweis und Auswertung Zeitraum als JSON",
    "rules.json": "Sätze, Fristen, Kataloge und Beschriftungen",
    STATEMENT: "woraus das Paket gemacht ist (in-toto Statement)",
}
_OF_A_MEMBER = {
    ".xlsx": "Verwendungsnachweis mit Auswertung Zeitraum",
    ".pdf": "Verwendungsnachweis als Ausdruck",
}


def make_evidence_package(hub: Hub, made: Submission) -> dict[str, bytes]:
    """All files of the package by their path in it.

    They depend on the warehouse as known at the load and on what the ledger has of the submission.
    """
    ledger, grant = _open_frozen(hub, made.load_number, made), name_grant(made)
    content = make_grant_files(hub, ledger, grant, KnownAt(made.load_number))
    payload = {
        **content.files,
        EVIDENCE: write_json(_describe_evidence(made, content)),
        "rules.json": made.rules.encode(),
    }
    payload[STATEMENT] = write_made_of(hub, made, payload)
    title, day = f"Verwendungsnachweis der Zuwendung {grant}", made.prepared_at.date()
    crate = describe_crate(payload, _name_files(payload), title, content.evidence.line, day)
    return make_bag(payload | {CRATE: crate}, day, f"{title}, {ledger.rules.district}")


def name_grant(made: Submission) -> str:
    """The key of the grant that the submission is the evidence of."""
    (grant,) = json.loads(made.units)
    return str(grant)


def examine_grant(
    hub: Hub, known_at: KnownAt, grant: str, rules: EvidenceRules
) -> tuple[date, date, list[str]]:
    """First and last day of a grant, and what is missing of its evidence.

    NoEvidence where the register has no such grant.
    """
    with hub.store.read() as connection:
        ledger = open_ledger(connection, known_at, rules)
    check_grant(ledger, grant)
    evidence = collect_evidence(ledger, grant)
    return *find_grant_period(evidence, ledger), list_gaps(ledger, evidence)


def count_evidence(hub: Hub, made: Submission, number: int) -> dict[Line, int]:
    """The figures of the members as known at a load, by the rules of the submission."""
    ledger, grant = _open_frozen(hub, number, made), name_grant(made)
    if grant not in ledger.book.grants:
        return {}
    evidence = collect_evidence(ledger, grant)
    books = make_member_books(hub, ledger, evidence, KnownAt(number))
    return {
        Line(figure.indicator, figure.category, ((MEMBER, member),)): figure.value
        for member, book in books.items()
        for figure in book.figures
    }


def _open_frozen(hub: Hub, number: int, made: Submission) -> Ledger:
    with hub.store.read() as connection:
        return open_ledger(connection, KnownAt(number), EvidenceRules.from_json(made.rules))


def _describe_evidence(made: Submission, content: GrantFiles) -> dict[str, Any]:
    grant = content.evidence
    return {
        "submission": made.submission_id,
        "load": made.load_number,
        **_write_values(asdict(grant, dict_factory=_leave_out_spans)),
        "missing": grant.all_missing,
        "figures": [
            line for member, book in content.books.items() for line in _list_figures(member, book)
        ],
    }


def _leave_out_spans(items: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A rate of a whole year names no days, as in packages made before there were others."""
    return {name: value for name, value in items if name != "span" or value is not None}


def _write_values(parts: Mapping[str, Any]) -> Any:
    """Days as ISO dates and amounts as text, as they are in every answer."""
    return json.loads(json.dumps(parts, default=str))


def _list_figures(member: str, book: KennzahlenBook) -> Iterator[dict[str, Any]]:
    for figure in book.figures:
        yield {**vars(figure), "unit": {MEMBER: member}}


def _name_files(names: Iterable[str]) -> dict[str, str]:
    """What each file of the package is, for people."""
    return {name: _MEANINGS.get(name) or _name_member_file(name) for name in names}


def _name_member_file(name: str) -> str:
    return next(text for suffix, text in _OF_A_MEMBER.items() if name.endswith(suffix))
