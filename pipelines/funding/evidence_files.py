"""Writes the evidence of grants: one folder per grant, and the Gesamtverwendungsnachweis."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from connectors.documents.atomic_file import open_draft, write_atomically, write_through
from connectors.documents.funding.evidence_data import GrantEvidence, MemberEvidence
from connectors.documents.funding.evidence_pdf import make_member_pdf
from connectors.documents.funding.evidence_workbook import (
    make_grant_workbook,
    make_member_workbook,
    make_total_workbook,
)
from connectors.documents.kennzahlen.book import KennzahlenBook
from mappings.catalogue import choose_catalogue
from mappings.engine.clean import fold_text
from mappings.problems import did_you_mean
from pipelines.failures import Failure, Kind
from pipelines.figures.document_content import collect_content, group_catalogue, record_labels
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.figures.undelivered import without_empty_lines
from pipelines.figures.workbook import build_book
from pipelines.funding.evidence import Ledger, collect_evidence, open_ledger
from pipelines.funding.member_figures import count_member, list_member_gaps, open_member_scope
from warehouse.ledger import deliveries
from warehouse.schema import load

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt, Moment

MANIFEST = "manifest.json"
_SHORTEST_NAME = 3


class NoEvidence(Failure):
    """There is nothing to prove; its text says why."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class WrittenGrant:
    """The folder of a grant; ``files`` by name, without any personal value; what is missing."""

    grant: str
    due_on: date | None
    folder: str
    files: Sequence[str]
    missing: Sequence[str]


@dataclass(frozen=True)
class TotalEvidence:
    """The Gesamtverwendungsnachweis of a year: the grants in it, and what is missing from whom."""

    year: int
    grants: Sequence[Mapping[str, Any]]
    missing: Sequence[str]
    file: str | None


def write_evidence(
    hub: Hub, out: Path, known_at: KnownAt, wanted: Collection[str] = ()
) -> list[WrittenGrant]:
    """Writes the folder of each grant (``wanted``; none: all) below ``out``.

    NoEvidence where the register has no grant, or none of that key.
    """
    with hub.store.read() as connection:
        ledger = open_ledger(hub, connection, known_at)
    known = ledger.book.grants
    for key in wanted:
        if key not in known:
            raise NoEvidence(f"there is no grant '{key}'; {did_you_mean(key, known)}")
    if not known:
        raise NoEvidence("no grant is registered: name the register with funding: register")
    keys = [key for key in known if not wanted or key in wanted]
    folders = name_files(keys, ledger)
    return [_write_grant(hub, ledger, key, out / folders[key], known_at) for key in keys]


def _write_grant(
    hub: Hub, ledger: Ledger, key: str, folder: Path, known_at: KnownAt
) -> WrittenGrant:
    grant = collect_evidence(ledger, key)
    files: dict[str, bytes] = {}
    names = name_files([m.member for m in grant.members], ledger)
    for member in grant.members:
        book = _make_member_book(hub, ledger, member, known_at)
        stem = f"verwendungsnachweis-{names[member.member]}"
        files[f"{stem}.xlsx"] = make_member_workbook(grant, member, book)
        files[f"{stem}.pdf"] = make_member_pdf(grant, member, book)
    first, last = grant.first or hub.today, grant.last or hub.today
    overview = _make_book(hub, first, max(first, last), known_at)
    files["uebersicht.xlsx"] = make_grant_workbook(grant, overview)
    written = WrittenGrant(key, grant.due_on, str(folder), [*files, MANIFEST], grant.all_missing)
    files[MANIFEST] = _make_manifest(written, files, known_at)
    replace_folder(folder, files)
    return written


def _make_manifest(written: WrittenGrant, files: Mapping[str, bytes], known_at: KnownAt) -> bytes:
    content = {
        "grant": written.grant,
        "load": known_at.load,
        "due_on": written.due_on and written.due_on.isoformat(),
        "missing": list(written.missing),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Puts a folder with exactly these files in place; one that is not ours is left alone.

    FileExistsError where there is a folder without a manifest, or a file of that name.
    """
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise FileExistsError(f"{folder} is there already and was not made by this command")
    with open_draft(folder, folder=True) as draft:
        for name, content in files.items():
            write_through(draft / name, content)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(draft, folder)


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
    scope = open_member_scope(hub, member.first, member.last, known_at)
    catalogue = choose_catalogue(member.last)
    with hub.store.read() as connection:
        figures = count_member(connection, scope, catalogue, names)
        gaps = list_member_gaps(connection, scope, catalogue, names)
    shown = without_empty_lines(figures, gaps)
    return _make_book(
        hub,
        member.first,
        member.last,
        known_at,
        figures=shown,
        gaps=gaps,
        counted_on=scope.counted_on,
    )


def _make_book(
    hub: Hub,
    first: date,
    last: date,
    known_at: KnownAt,
    *,
    figures: Sequence[Any] = (),
    gaps: Sequence[Any] = (),
    counted_on: date | None = None,
) -> KennzahlenBook:
    catalogue = choose_catalogue(last)
    with hub.store.read() as connection:
        loaded = deliveries.loaded_until(connection, known_at)
        stamp = select(load.c.loaded_at).where(load.c.number == known_at.load)
        created = connection.execute(stamp).scalar_one()
    return KennzahlenBook(
        district=hub.config.district.name,
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


def write_total(
    hub: Hub, year: int, known_at: KnownAt, as_of: Moment | None, out: Path | None
) -> TotalEvidence:
    """The Gesamtverwendungsnachweis of a year, from the grants of the Integrationsmanagement.

    NoEvidence for a year in which there was none.
    """
    with hub.store.read() as connection:
        ledger = open_ledger(hub, connection, known_at)
    begin = ledger.terms.new_rules_from.year
    if year < begin:
        raise NoEvidence(f"there is a Gesamtverwendungsnachweis from {begin} on only")
    grants = [collect_evidence(ledger, key) for key in _list_grants(ledger, year)]
    absent = _find_absent(hub, ledger, grants, year)
    missing = [*absent, *(text for grant in grants for text in grant.all_missing)]
    written = None
    if out is not None:
        written = out / f"gesamtverwendungsnachweis-{year}.xlsx" if out.is_dir() else out
        asked = FigureRequest(date(year, 1, 1), date(year, 12, 31), as_of)
        book = build_book(hub, collect_content(hub, asked))
        write_atomically(written, make_total_workbook(year, grants, missing, book))
    return TotalEvidence(
        year, [_sum_up(g) for g in grants], missing, str(written) if written else None
    )


def _list_grants(ledger: Ledger, year: int) -> list[str]:
    """The grants of the Integrationsmanagement with a part in the year; open ones included."""
    return [
        key
        for key, grant in ledger.book.grants.items()
        if grant["line"] == "integrationsmanagement"
        and _is_in_year(grant["begun_on"], grant["ended_on"], year)
    ]


def _find_absent(hub: Hub, ledger: Ledger, grants: Sequence[GrantEvidence], year: int) -> list[str]:
    """Carriers with posts but without a grant, and municipalities that no post serves."""
    posts = [p for p in ledger.book.posts if _is_in_year(p.begin, p.end, year)]
    applicants = {grant.applicant for grant in grants}
    names = ledger.carriers
    without = {names.get(p.carrier, p.carrier) for p in posts if p.carrier and p.grant is None}
    served = {ags for post in posts for ags in post.municipalities}
    places = hub.config.municipalities
    return [
        *(
            f"{name}: Für Stellen ist keine Zuwendung eingetragen."
            for name in sorted(without - applicants)
        ),
        *(
            f"Gemeinde {place.name}: Keine Stelle ist für sie eingetragen."
            for ags, place in places.items()
            if ags not in served
        ),
    ]


def _is_in_year(begin: date | None, end: date | None, year: int) -> bool:
    return (begin is None or begin.year <= year) and (end is None or end.year >= year)


def _sum_up(grant: GrantEvidence) -> dict[str, Any]:
    return {
        "grant": grant.grant,
        "applicant": grant.applicant,
        "due_on": grant.due_on,
        "evidence_sent": grant.evidence_sent,
        "report_sent": grant.report_sent,
        "persons": len(grant.members),
        "amount": grant.amount,
        "by_rate": grant.by_rate,
        "spent": grant.spent,
        "missing": grant.all_missing,
    }
