"""Erases a person (Art. 17 DSGVO): recorded, destroyed, searched for, and only then certified."""

from __future__ import annotations

import getpass
import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from connectors.documents.jobcenter.parcel import name_sealed
from connectors.readers.spreadsheet.row_remarks import STRUCK
from connectors.search.byte_search import SearchResult, search_folder
from connectors.search.needles import Needle
from pipelines.failures import Failure
from pipelines.hub import Hub
from pipelines.notices.recorded_notices import announce_erasure
from pipelines.rights.database_search import search_database
from pipelines.rights.derived_files import delete_derived
from pipelines.rights.landed_rows import LandedSearch, LandedTable, list_places
from pipelines.rights.person_strings import PersonStrings, list_alike, read_strings
from pipelines.rights.requested_person import find_person, hash_records, keep_request, read_key
from pipelines.rights.rewritten_landing import LandingRewriter
from pipelines.rights.sought_strings import describe_sought, list_needles
from pipelines.rights.worksheet import Worksheet, list_worksheets
from pipelines.submission.dependencies import keep_sums
from pipelines.transfer.parcels import ParcelKey
from warehouse.as_of import read_newest_load
from warehouse.database.embedded_file import file_of
from warehouse.encryption.encrypted_file import SUFFIX, decrypt_stream
from warehouse.encryption.key import Key
from warehouse.erasure.blanked_ledger import (
    forget_reasons,
    forget_texts,
    forget_values,
    record_erasure,
    rename_person,
)
from warehouse.erasure.blanked_rows import blank_rows, sweep_texts
from warehouse.erasure.compaction import compact_warehouse
from warehouse.erasure.erasing_account import require_rights
from warehouse.erasure.journal import Journal, JournalLine
from warehouse.erasure.pseudonyms import Pseudonyms
from warehouse.erasure.swept_reasons import sweep_reasons
from warehouse.identity.birth_days import is_known_day
from warehouse.identity.key_owners import read_owners
from warehouse.ledger.clock import read_clock
from warehouse.rights.person_rows import OwnRecords, find_records
from warehouse.rights.record_marks import read_held
from warehouse.rights.requests import RequestKind
from warehouse.rights.subject import Subject
from warehouse.schema import erasure, landing_rewrite, transmission

_LEAST_REMARK = 8


class OnHold(Failure):
    """Somebody noted that the person's data must be kept."""


class StillFound(Failure):
    """Something of the person is still there, so nothing is certified; the text names the places."""

    is_list = True


@dataclass(frozen=True)
class ErasedPerson:
    """A certified erasure: what was destroyed, what was looked for, and where."""

    erasure: str
    erased_on: date
    reference: str | None
    records: int
    rows: int
    files_rewritten: int
    files_deleted: int
    searched: Sequence[str]
    sought: Sequence[str]
    not_searched: Sequence[str]
    recipients: Sequence[str] = field(default=())


def plan_erasure(
    hub: Hub, connection: Connection, name: str, reason: str, reference: str | None
) -> Worksheet:
    """Collects what an erasure needs, before anything is destroyed; OnHold, NoSuchPerson."""
    subject = find_person(connection, name)
    _check_hold(connection, subject)
    return prepare_worksheet(hub, connection, subject, reason, reference, secrets.token_hex(8))


def _check_hold(connection: Connection, subject: Subject) -> None:
    if read_held(connection) & subject.records.keys():
        raise OnHold("the data of this person must be kept: see drehscheibe person hold --lift")


def prepare_worksheet(
    hub: Hub,
    connection: Connection,
    subject: Subject,
    reason: str,
    reference: str | None,
    erasure_id: str,
) -> Worksheet:
    """The worksheet of an erasure, not yet kept."""
    own, strings = find_records(connection, subject), read_strings(connection, subject)
    sheet = Worksheet(erasure_id, reason, reference, subject.person, dict(subject.records), strings)
    search = LandedSearch(hub, own, strings)
    tables = _find_own_tables(search)
    sheet.places = list_places(tables)
    sheet.remarks = _collect_remarks(search, tables)
    sent = sorted(set(_list_sent(connection, subject)))
    sealed = (name_sealed(ParcelKey(to, on, load).number) for to, on, load, _ in sent)
    # More is added to the name of a sealed parcel.
    sheet.forms = list(dict.fromkeys([*(f"{number}.pdf" for *_, number in sent), *sealed]))
    sheet.recipients = sorted({_name_recipient(hub, recipient) for recipient, *_ in sent})
    return sheet


def _find_own_tables(search: LandedSearch) -> list[LandedTable]:
    manifests = [m for m in search.list_manifests() if search.knows_person(m)]
    return [table for manifest in manifests for table in search.find_tables(manifest)]


def _name_recipient(hub: Hub, key: str) -> str:
    return hub.config.recipients[key].name if key in hub.config.recipients else key


def _collect_remarks(search: LandedSearch, tables: Sequence[LandedTable]) -> list[str]:
    """What is said in these tables of the person and of nobody else."""
    remarks = {text for table in tables for text in _list_remarks(search.hub, table)}
    return sorted(remarks - search.said_of_others)


def _list_remarks(hub: Hub, table: LandedTable) -> Iterator[str]:
    """The long texts of notes and unread columns: they are nowhere but in the landing."""
    part = hub.read_mapping(table.manifest.source).file.tables[table.name]
    for row in table.rows:
        if row.is_whole:
            cells = (row.cells[column] for column in set(part.ignore) & row.cells.keys())
            yield from filter(_is_remark, map(str.strip, (*cells, *row.remarks)))


def _is_remark(text: str) -> bool:
    return text != STRUCK and len(text) >= _LEAST_REMARK and any(map(str.isalpha, text))


def _list_sent(connection: Connection, subject: Subject) -> Iterator[tuple[str, date, int, str]]:
    """To whom a form of the person went on which day, as of which load, with its number."""
    c = transmission.c
    for record, since in subject.records.items():
        mine = select(c.recipient, c.sent_on, c.load_number, c.form_number)
        own = (c.source == record[0], c.source_key == record[1], c.load_number >= since)
        mine = mine.where(*own)
        for recipient, sent_on, load, number in connection.execute(mine.distinct()):
            yield recipient, sent_on, load, number or _number_old_form(recipient, sent_on, record)


def _number_old_form(recipient: str, on: date, record: tuple[str, str]) -> str:
    """The number of a form that was of one record, and was not recorded."""
    text = "\x1f".join([recipient, on.isoformat(), *record])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def find_open(hub: Hub, name: str) -> Worksheet | None:
    """The erasure of this person that was begun and is not certified."""
    found = list_worksheets(hub.config.data_folder.rights, hub.key)
    return next((sheet for sheet in found if sheet.is_of(name)), None)


def erase_person(
    hub: Hub,
    name: str,
    reason: str,
    reference: str | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> ErasedPerson:
    """Erases a person, or finishes an erasure that was interrupted.

    Raises NoSuchPerson, OnHold, NotRewritten, StillFound; nothing is certified then, and calling
    again goes on where it stopped.
    """
    folder = hub.config.data_folder.rights
    if find_open(hub, name):
        hub.allow_pending()
    with hub.store.lock_run():
        sheet = find_open(hub, name)
        if sheet is None:
            with hub.store.transaction() as connection:
                require_rights(connection)
                sheet = plan_erasure(hub, connection, name, reason, reference)
                keep_request(hub, connection, RequestKind.ERASE, sheet.subject, reference=reference)
            sheet.write(folder, hub.key)
    return finish_erasure(hub, sheet, tell)


def _note_request(hub: Hub, sheet: Worksheet) -> None:
    """Writes the keyed hashes of the records and of the identity to the journal, once."""
    journal = Journal(hub.config.data_folder.rights)
    if sheet.erasure in {line.erasure for line in journal.list_requested()}:
        return
    identities = _hash_identities(hub, sheet.strings)
    records = hash_records(hub, sheet.subject.keys)
    journal.add(JournalLine("requested", sheet.erasure, records, identities, sheet.reference))


def _hash_identities(hub: Hub, strings: PersonStrings) -> list[str]:
    """Keyed hashes of each name and each number with each birth date.

    A name with one that was put in for an unknown one is nobody's.
    """
    key, births = read_key(hub), strings.births
    known = [born for born in births if is_known_day(born)]
    named = [key.hash_identity(*name, born) for name in strings.names for born in known]
    return named + [key.hash_numbered(n, born) for n in strings.numbers for born in births]


def finish_erasure(
    hub: Hub, sheet: Worksheet, tell: Callable[[str], None] = lambda text: None
) -> ErasedPerson:
    """Destroys what is left of the person, searches, and certifies."""
    folder = hub.config.data_folder.rights
    hub.allow_pending()
    needles = list_needles(sheet.strings, sheet.remarks)
    rows = _take_out(hub, sheet, tell)
    compact_warehouse(hub.store, hub.key)
    hub.close()
    deleted = delete_derived(hub.config.data_folder, sheet.forms, needles)
    Journal(folder).add(JournalLine("destroyed", sheet.erasure))
    tell("every byte of the data folder is searched")
    result = search_everything(hub, sheet, needles)
    _close_worksheet(folder, sheet)
    return ErasedPerson(
        sheet.erasure,
        hub.today,
        sheet.reference,
        len(sheet.records),
        rows,
        len(sheet.rewrites),
        deleted,
        describe_searched(hub, result),
        describe_sought(sheet.strings, sheet.remarks),
        describe_unsearched(hub, result, sheet),
        sheet.recipients,
    )


def _take_out(hub: Hub, sheet: Worksheet, tell: Callable[[str], None]) -> int:
    """Takes the person out while no run loads anything; returns how many rows."""
    with hub.store.lock_run():
        _note_request(hub, sheet)
        rows = _destroy_rows(hub, sheet, tell)
        tell("the warehouse is written anew")
    return rows


def _close_worksheet(folder: Path, sheet: Worksheet) -> None:
    """Deletes the worksheet and notes in the journal that nothing was found any more."""
    sheet.path(folder).unlink()
    Journal(folder).add(JournalLine("certified", sheet.erasure))


def _destroy_rows(hub: Hub, sheet: Worksheet, tell: Callable[[str], None]) -> int:
    """Takes the person out of landing and tables, unless that is done; returns how many rows."""
    with hub.store.read() as connection:
        done = _find_done(connection, sheet.erasure)
        if done is not None:
            return done
        own = find_records(connection, sheet.subject)
    tell("the landed files are written anew")
    _rewrite_landing(hub, sheet, own)
    with hub.store.transaction() as connection:
        return erase_rows(connection, hub, sheet, own)


def _find_done(connection: Connection, erasure_id: str) -> int | None:
    rows = select(erasure.c.rows).where(erasure.c.erasure_id == erasure_id)
    found: int | None = connection.execute(rows).scalar()
    return found


def _rewrite_landing(hub: Hub, sheet: Worksheet, own: OwnRecords) -> None:
    needles = list_needles(sheet.strings, sheet.remarks)
    search = LandedSearch(hub, own, sheet.strings)
    rewriter = LandingRewriter(search, needles)
    for manifest in search.list_manifests():
        for rewrite in rewriter.rewrite_delivery(manifest):
            sheet.rewrites.append(rewrite)
            sheet.write(hub.config.data_folder.rights, hub.key)


def erase_rows(connection: Connection, hub: Hub, sheet: Worksheet, own: OwnRecords) -> int:
    """Takes the person out of all tables, in one transaction; returns how many rows changed.

    Whoever received a form has to be told, and the ledger knows of it from now on.
    """
    announce_erasure(hub, connection, sheet.subject.keys)
    keep_sums(connection)
    names, strings, sign = Pseudonyms(own), sheet.strings, read_key(hub).sign_erasure
    owners = read_owners(connection)
    rows = blank_rows(connection, own, names)
    rows += sweep_texts(connection, list_words(strings), strings.stands_in)
    rows += forget_values(connection, sheet.places)
    rows += forget_texts(connection, strings.stands_in)
    rename_person(connection, sign, sheet.subject, names, owners)
    forget_reasons(connection, hash_records(hub, sheet.subject.keys))
    rows += sweep_reasons(connection, sign, strings.stands_in)
    _record(connection, sheet, rows)
    return rows


def list_words(strings: PersonStrings) -> list[str]:
    """The words of which one is in every text that names the person."""
    return [last for last, _ in strings.names] + [*strings.numbers, *strings.keys]


def _record(connection: Connection, sheet: Worksheet, rows: int) -> None:
    now = read_clock()
    _record_rewrites(connection, sheet, now)
    record_erasure(
        connection,
        erasure,
        erasure_id=sheet.erasure,
        records=len(sheet.records),
        known_load=read_newest_load(connection),
        rows=rows,
        made_by=getpass.getuser(),
        made_at=now,
    )


def _record_rewrites(connection: Connection, sheet: Worksheet, now: datetime) -> None:
    for rewrite in sheet.rewrites:
        values = {**vars(rewrite), "erasure_id": sheet.erasure, "made_at": now}
        record_erasure(connection, landing_rewrite, **values)


def search_everything(hub: Hub, sheet: Worksheet, needles: Sequence[Needle]) -> SearchResult:
    """Searches the data folder and all tables, independently of what was destroyed; StillFound."""
    data = hub.config.data_folder
    with hub.store.read() as connection:
        in_tables = search_database(connection, needles)
        alike = list_alike(connection, sheet.strings) if in_tables else []
    hub.close()
    key = hub.key
    left_out = [sheet.path(data.rights)]
    result = search_folder(data.path, needles, left_out, lambda path: _unseal(path, key))
    # The warehouse was looked into by queries.
    own = file_of(hub.config.warehouse_url())
    result.closed = [place for place in result.closed if data.path / place != own]
    places = [f"{place}: {kind}" for place, kind in (*in_tables, *result.found)]
    places += [f"{place}: cannot be read" for place in result.unreadable]
    if places:
        raise _describe_places(places, alike, sheet)
    return result


def _describe_places(places: Sequence[str], alike: Sequence[str], sheet: Worksheet) -> StillFound:
    told = "\n".join(_hide_names(place, sheet) for place in places)
    if alike:
        told += (
            f"\nthese records have the same number, or name and birth date: {', '.join(alike)}; if they "
            "are of the person, erase them as well (drehscheibe person erase RECORD)"
        )
    return StillFound(
        f"not certified, the person is still found in {len(places)} places:\n{told}\n"
        f"remove what should not be there, then: drehscheibe person erase --resume --yes"
    )


def _hide_names(place: str, sheet: Worksheet) -> str:
    """The place without the person's names, should a file be named by them."""
    for text in sheet.strings.texts:
        place = place.replace(text, "…")
    return place


def _unseal(path: Path, key: Key | None) -> bytes | None:
    """The plain bytes of a file that is encrypted with the district's key."""
    if key is None or not path.name.endswith(SUFFIX):
        return None
    import io

    plain = io.BytesIO()
    with path.open("rb") as source:
        return plain.getvalue() if decrypt_stream(source, plain, key) else None


def describe_searched(hub: Hub, result: SearchResult) -> list[str]:
    """Where was looked, in German."""
    where = "DuckDB-Datei" if hub.store.is_embedded else "Server, über Abfragen"
    return [
        f"Datenordner: jedes Byte von {result.files} Dateien ({result.bytes} Bytes), auch in "
        "gepackten Dateien (ZIP, XLSX, ODS, DOCX, TAR, GZIP, BZIP2, XZ, Parquet), im Text von PDF "
        "und in mit dem Schlüssel des "
        "Landkreises verschlüsselten: Eingang, Datenbestand mit Protokolldatei, Ausgaben, "
        "Formulare, Einreichungen, geholte Dateien, Zwischenspeicher, Speicher von Dagster",
        f"Datenbestand ({where}): jede Text- und Datumsspalte jeder Tabelle",
        "Schreibweisen: UTF-8, UTF-16, UTF-32, Windows-1250, -1252 und -1254, DOS (850), "
        "Macintosh, JSON- und XML-Schreibweise, Groß und Klein, "
        "ae/oe/ue",
    ]


def describe_unsearched(hub: Hub, result: SearchResult, sheet: Worksheet) -> list[str]:
    """Where nobody looked, in German."""
    closed = [_hide_names(place, sheet) for place in result.closed]
    found = [
        *(f"verschlüsselt oder nicht zu öffnen: {place} im Datenordner" for place in closed),
        "Sicherungen außerhalb des Datenordners: beim Zurückspielen wird die Löschung wiederholt",
        "die Ordner, aus denen die Quellen liefern, und die Fachverfahren selbst",
        "Dateien, die mit --out außerhalb des Datenordners abgelegt wurden",
        "was Empfänger erhalten haben",
        "gelöschte Bereiche des Datenträgers, die das Betriebssystem noch nicht überschrieben hat",
    ]
    if not hub.store.is_embedded:
        found.append("die Dateien des PostgreSQL-Servers (Tabellen neu geschrieben, WAL nicht)")
    return found
