"""Makes the files of the evidence of one grant: workbook and PDF per member, and an overview."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from connectors.documents.funding.evidence_data import GrantEvidence, MemberEvidence
from connectors.documents.funding.evidence_pdf import make_member_pdf
from connectors.documents.funding.evidence_workbook import (
    make_grant_workbook,
    make_member_workbook,
)
from connectors.documents.kennzahlen.book import KennzahlenBook
from mappings.engine.clean import fold_text
from mappings.problems import add_suggestion
from pipelines.failures import Failure, Kind
from pipelines.figures.document_content import group_catalogue, record_labels
from pipelines.figures.undelivered import without_empty_lines
from pipelines.funding.evidence import Ledger, collect_evidence
from pipelines.funding.member_figures import count_member, list_member_gaps, open_member_scope
from warehouse.ledger import deliveries
from warehouse.schema import load

if TYPE_CHECKING:
    from pipelines.figures.figure_rules import FigureRules
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt

_SHORTEST_NAME = 3


class NoEvidence(Failure):
    """There is nothing to prove; its text says why."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class GrantFiles:
    """The evidence of a grant, the figures of its members by their keys, and its files by name."""

    evidence: GrantEvidence
    books: Mapping[str, KennzahlenBook]
    files: Mapping[str, bytes]


def check_grant(ledger: Ledger, key: str) -> None:
    """Raises NoEvidence where the register has no such grant."""
    known = ledger.book.grants
    if key not in known:
        raise NoEvidence(add_suggestion(f"there is no grant '{key}'", key, known))


def make_grant_files(hub: Hub, ledger: Ledger, key: str, known_at: KnownAt) -> GrantFiles:
    """All files of the evidence; the same ledger and load give the same bytes."""
    grant = collect_evidence(ledger, key)
    files: dict[str, bytes] = {}
    names = name_files([m.member for m in grant.members], ledger)
    books = make_member_books(hub, ledger, grant, known_at)
    for member in grant.members:
        stem, book = f"verwendungsnachweis-{names[member.member]}", books[member.member]
        files[f"{stem}.xlsx"] = make_member_workbook(grant, member, book)
        files[f"{stem}.pdf"] = make_member_pdf(grant, member, book)
    first, last = find_grant_period(grant, ledger)
    overview = _make_book(hub, ledger.rules.choose_rules(last), first, last, known_at)
    files["uebersicht.xlsx"] = make_grant_workbook(grant, overview)
    return GrantFiles(grant, books, files)


def make_member_books(
    hub: Hub, ledger: Ledger, grant: GrantEvidence, known_at: KnownAt
) -> dict[str, KennzahlenBook]:
    """The figures of each member in the time of the grant, by the member's key."""
    return {m.member: _make_member_book(hub, ledger, m, known_at) for m in grant.members}


def find_grant_period(grant: GrantEvidence, ledger: Ledger) -> tuple[date, date]:
    """First and last day; today where the register leaves one open."""
    first, last = grant.first or ledger.today, grant.last or ledger.today
    return first, max(first, last)


def name_files(keys: Sequence[str], ledger: Ledger) -> dict[str, str]:
    """A name for files per key: the key itself, or a number that names nobody.

    A key with a part of a recorded name in it is not used, nor one that no file can have.
    """
    words = {
        word
        for _, name, _ in ledger.book.names
        for word in re.findall(r"\w+", fold_text(name))
        if len(word) >= _SHORTEST_NAME
    }
    named: dict[str, str] = {}
    for key in keys:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", key).strip("-")[:60]
        is_unfit = not plain or plain in named.values() or _holds_a_name(key, words)
        digest = hashlib.sha256(key.encode()).hexdigest()
        named[key] = f"nr-{digest[:12]}" if is_unfit else plain
    return named


def _holds_a_name(key: str, words: Collection[str]) -> bool:
    folded = fold_text(key)
    return any(word in folded for word in words)


def _make_member_book(
    hub: Hub, ledger: Ledger, member: MemberEvidence, known_at: KnownAt
) -> KennzahlenBook:
    """The member's figures in the time of the grant, as a workbook shows them."""
    names = {(name, source) for source, name, key in ledger.book.names if key == member.member}
    rules = ledger.rules.choose_rules(member.last)
    scope = open_member_scope(hub, member.first, member.last, known_at, rules)
    with hub.store.read() as connection:
        figures = count_member(connection, scope, rules.catalogue, names)
        gaps = list_member_gaps(connection, scope, rules.catalogue, names)
    shown = without_empty_lines(figures, gaps)
    return _make_book(
        hub,
        rules,
        member.first,
        member.last,
        known_at,
        figures=shown,
        gaps=gaps,
        counted_on=scope.counted_on,
    )


def _make_book(
    hub: Hub,
    rules: FigureRules,
    first: date,
    last: date,
    known_at: KnownAt,
    *,
    figures: Sequence[Any] = (),
    gaps: Sequence[Any] = (),
    counted_on: date | None = None,
) -> KennzahlenBook:
    catalogue = rules.catalogue
    with hub.store.read() as connection:
        loaded = deliveries.loaded_until(connection, known_at)
        stamp = select(load.c.loaded_at).where(load.c.number == known_at.load)
        created = connection.execute(stamp).scalar_one()
    return KennzahlenBook(
        district=rules.district,
        period_from=first,
        period_to=last,
        counted_on=counted_on or last,
        as_of=hub.date_of(known_at.load),
        load=known_at.load,
        created=created,
        catalogue_version=catalogue.name,
        catalogue=group_catalogue(figures, catalogue),
        figures=figures,
        gaps=gaps,
        deliveries=loaded,
        entity_labels=record_labels(),
    )
