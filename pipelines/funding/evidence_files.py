"""Writes the evidence of grants: one folder per grant, and the Gesamtverwendungsnachweis."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.documents.atomic_file import open_draft, write_atomically, write_through
from connectors.documents.funding.evidence_data import GrantEvidence
from connectors.documents.funding.evidence_workbook import make_total_workbook
from pipelines.figures.document_content import collect_content
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.figures.workbook import build_book
from pipelines.funding.evidence import Ledger, collect_evidence, open_ledger
from pipelines.funding.evidence_rules import read_evidence_rules
from pipelines.funding.grant_book import FundedPost
from pipelines.funding.grant_files import NoEvidence, check_grant, make_grant_files, name_files
from pipelines.funding.staff_answer import tell_changed_register
from pipelines.funding.year_evidence import take_year

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt, Moment

MANIFEST = "manifest.json"
_SHORTEST_NAME = 3
_LINE = "integrationsmanagement"
_BY_NOBODY = "Keine Stelle ist für sie eingetragen."
_BY_OTHERS = "Nur Stellen anderer Förderlinien sind für sie eingetragen."


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
    ledger = _open_today(hub, known_at)
    known = ledger.book.grants
    for key in wanted:
        check_grant(ledger, key)
    if not known:
        raise NoEvidence("no grant is registered: name the register with funding: register")
    keys = [key for key in known if not wanted or key in wanted]
    folders = name_files(keys, ledger)
    return [_write_grant(hub, ledger, key, out / folders[key], known_at) for key in keys]


def _open_today(hub: Hub, known_at: KnownAt) -> Ledger:
    """The ledger by the rules of today; it tells where the register's file is another by now."""
    rules, changed = read_evidence_rules(hub, known_at), tell_changed_register(hub, known_at)
    with hub.store.read() as connection:
        return open_ledger(connection, known_at, rules, changed)


def _write_grant(
    hub: Hub, ledger: Ledger, key: str, folder: Path, known_at: KnownAt
) -> WrittenGrant:
    made = make_grant_files(hub, ledger, key, known_at)
    grant, files = made.evidence, dict(made.files)
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


def write_total(
    hub: Hub, year: int, known_at: KnownAt, as_of: Moment | None, out: Path | None
) -> TotalEvidence:
    """The Gesamtverwendungsnachweis of a year, from the grants of the Integrationsmanagement.

    Of a grant over several years it has the part of the year.

    NoEvidence for a year in which there was none.
    """
    ledger = _open_today(hub, known_at)
    begin = ledger.terms.new_rules_from.year
    if year < begin:
        raise NoEvidence(f"there is a Gesamtverwendungsnachweis from {begin} on only")
    grants = [
        take_year(collect_evidence(ledger, key), ledger.book.holdings, year)
        for key in _list_grants(ledger, year)
    ]
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
        if grant["line"] == _LINE and _is_in_year(grant["begun_on"], grant["ended_on"], year)
    ]


def _find_absent(hub: Hub, ledger: Ledger, grants: Sequence[GrantEvidence], year: int) -> list[str]:
    """Carriers with posts but without a grant, and municipalities that no post serves.

    Posts of other lines of funding are no Integrationsmanagement.
    """
    of_year = [p for p in ledger.book.posts if _is_in_year(p.begin, p.end, year)]
    posts = [p for p in of_year if p.line == _LINE]
    applicants = {grant.applicant for grant in grants}
    names = ledger.carriers
    without = {names.get(p.carrier, p.carrier) for p in posts if p.carrier and p.grant is None}
    served, by_others = _list_served(posts), _list_served(of_year)
    return [
        *(
            f"{name}: Für Stellen ist keine Zuwendung eingetragen."
            for name in sorted(without - applicants)
        ),
        *(
            f"Gemeinde {place.name}: {_BY_OTHERS if ags in by_others else _BY_NOBODY}"
            for ags, place in hub.config.municipalities.items()
            if ags not in served
        ),
    ]


def _list_served(posts: Sequence[FundedPost]) -> set[str]:
    return {ags for post in posts for ags in post.municipalities}


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
        "spent": grant.recorded_costs,
        "missing": grant.all_missing,
    }
