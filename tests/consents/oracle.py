"""What may go out, read from the files alone: no code of the hub, one record and one row at a time."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

GROUPS = {"Sprache": "sprache", "Beruf": "beruf"}
OPEN_ENDS = {"", "31.12.9999"}
# Notes that say that a consent was withdrawn.
WITHDRAWING = {"Klient widerruft Einwilligung", "Einwilligung zur Weitergabe widerrufen"}
Row = dict[str, str]


@dataclass
class Record:
    """A person in one system: the human being, and what the files of the system say about it."""

    human: str
    release: str
    was_released: bool
    rows: list[Row] = field(default_factory=list)
    by_hand: list[Row] = field(default_factory=list)
    vanished: list[tuple[str, Row]] = field(default_factory=list)
    broken: bool = False
    not_own: set[str] = field(default_factory=set)
    doubted: list[date] = field(default_factory=list)


def may_go_out(folder: Path, recipient: str, today: date) -> dict[str, set[str]]:
    """By record ``source:key``: the data groups that the newest word of every record allows.

    The newest delivery in each folder counts, loaded or not. A record that says nothing is left
    out.
    """
    words: dict[str, list[set[str]]] = {}
    humans: dict[str, str] = {}
    for source in ("alpha", "beta", "gamma"):
        days = sorted(p for p in (folder / source).iterdir() if re.fullmatch(r"[-0-9]{10}", p.name))
        if any(part.suffix == ".part" for part in days[-1].iterdir()):
            # What is still being written may hold anything.
            continue
        for key, record in _read_records(source, days).items():
            humans[f"{source}:{key}"] = record.human
            words[f"{source}:{key}"] = _list_words(record, recipient, today, days[-1].name)
    by_human: dict[str, list[set[str]]] = defaultdict(list)
    for name, own in words.items():
        by_human[humans[name]] += own
    return {name: set.intersection(*by_human[humans[name]]) for name, own in words.items() if own}


def _read_records(source: str, days: list[Path]) -> dict[str, Record]:
    now = _by_key(days[-1:], "Klienten.csv")
    before = _by_key(days[:-1], "Klienten.csv")
    records: dict[str, Record] = {}
    for key, row in now.items():
        human = f"{row['AZR']} {row['Nachname']}" if row["AZR"] else f"{source}:{key}"
        has_releases = source == "beta"
        was = has_releases and key in before and bool(before[key]["Freigabe"])
        records[key] = Record(human, row["Freigabe"] if has_releases else "", was)
        if key in before and before[key]["Nachname"] != row["Nachname"]:
            records[key].not_own = set(_by_key(days[:-1], "Einwilligungen.csv"))
    _read_forms(days[-1] / "Einwilligungen.csv", records)
    _read_vanished(days, records)
    _read_lost(days, records)
    _read_notes(days, records)
    _read_by_hand(days[-1].parents[1] / "by-hand.csv", source, records)
    return records


def _read_vanished(days: list[Path], records: dict[str, Record]) -> None:
    """The rows of earlier deliveries that are no longer delivered, with the day of theirs."""
    now = _by_key(days[-1:], "Einwilligungen.csv")
    for day in days[:-1]:
        for key, row in _by_key([day], "Einwilligungen.csv").items():
            if key not in now and row["Nr"] in records:
                records[row["Nr"]].vanished.append((day.name, row))


def _read_lost(days: list[Path], records: dict[str, Record]) -> None:
    """The withdrawals of earlier deliveries that are gone from their rows."""
    now = _by_key(days[-1:], "Einwilligungen.csv")
    for day in days[:-1]:
        for key, row in _by_key([day], "Einwilligungen.csv").items():
            is_same = key in now and now[key]["Nr"] == row["Nr"] and row["Nr"] in records
            if is_same and row["Widerrufen"] and not now[key]["Widerrufen"]:
                _doubt(records[row["Nr"]], row["Widerrufen"], day.name)


def _read_notes(days: list[Path], records: dict[str, Record]) -> None:
    """What was told in conversations stays said, whatever the next delivery has."""
    for day in days:
        for row in _by_key([day], "Gespraeche.csv").values():
            if row["Notiz"] in WITHDRAWING and row["Nr"] in records:
                _doubt(records[row["Nr"]], row["Datum"], day.name)


def _doubt(record: Record, written: str, delivered: str) -> None:
    """What may have been withdrawn, on its day, or by that of the delivery where it has none."""
    record.doubted.append(_read_day(written, delivered) or date.fromisoformat(delivered))


def _read_by_hand(file: Path, source: str, records: dict[str, Record]) -> None:
    """What was said at the counter: source, key, what, day and data groups."""
    names = ("source", "key", "kind", "day", "groups")
    for line in file.read_text("utf-8").splitlines():
        row = dict(zip(names, line.split(";"), strict=True))
        if row["source"] == source:
            records[row["key"]].by_hand.append(row)


def _read_forms(file: Path, records: dict[str, Record]) -> None:
    if not file.exists():
        return
    header, *lines = file.read_text("utf-8").splitlines()
    seen: set[str] = set()
    for cells in (line.split(";") for line in lines):
        record = records.get(cells[1].lstrip("0"))
        if record is None:
            continue
        width = len(header.split(";"))
        usual = len(cells) == width and cells[0] and cells[0] not in seen and cells[1][0] != "0"
        record.broken |= not usual
        seen.add(cells[0])
        record.rows.append(dict(zip(header.split(";"), cells, strict=False)))


def _list_words(record: Record, recipient: str, today: date, delivered: str) -> list[set[str]]:
    """What the record's form and release allow now; a withdrawal and no other word allows nothing."""
    concerning = [row for row in record.rows if row["Empfaenger"].lower() in recipient.lower()]
    withdrawn = list(_find_withdrawals(concerning, delivered))
    withdrawn += [
        _read_day(row["Widerrufen"], day) or date.fromisoformat(day)
        for day, row in record.vanished
        if row["Widerrufen"] and row["Empfaenger"].lower() in recipient.lower()
    ]
    stated = [(_read_day(row["day"], "9999-01-01") or date.max, row) for row in record.by_hand]
    withdrawn += [day for day, row in stated if row["kind"] != "granted"]
    if record.was_released and not record.release:
        withdrawn.append(date.fromisoformat(delivered))
    is_withdrawn = bool(withdrawn)
    withdrawn += record.doubted
    speaking = [
        (given or date.max, allowed)
        for given, allowed in (
            _read_form(row, record, recipient, today, delivered)
            for row in concerning
            if not _has_ended(row, today)
        )
    ]
    speaking += [
        (day, set(row["groups"].split(","))) for day, row in stated if row["kind"] == "granted"
    ]
    words: list[set[str]] = []
    if speaking:
        newest = max(given for given, _ in speaking)
        last = [groups for given, groups in speaking if given == newest]
        is_revoked = bool(withdrawn) and max(withdrawn) >= newest
        is_replaced = any(given > newest for given in _find_vanished(record, recipient, today))
        is_open = all(last) and not is_revoked and not is_replaced
        words.append(set().union(*last) if is_open else set())
    if record.release:
        # A release has no day: it is as new as the newest form in order, where it is only doubted.
        sound = max((given for given, allowed in speaking if allowed), default=date.min)
        is_doubted = any(day >= sound for day in record.doubted)
        words.append(set() if is_withdrawn or is_doubted else _read_groups(record.release))
    if record.broken or (withdrawn and not any(words)):
        return [set()]
    return words


def _find_vanished(record: Record, recipient: str, today: date) -> Iterable[date]:
    """The days of forms that are no longer delivered and would speak."""
    for day, row in record.vanished:
        if row["Empfaenger"].lower() in recipient.lower() and not _has_ended(row, today):
            yield _read_day(row["Erteilt"], day) or date.max


def _find_withdrawals(rows: Iterable[Row], delivered: str) -> Iterable[date]:
    for row in rows:
        if row["Widerrufen"]:
            yield _read_day(row["Widerrufen"], delivered) or date.max


def _has_ended(row: Row, today: date) -> bool:
    ends = _read_day(row["Gueltig_bis"], "9999-01-01")
    return ends is not None and ends < today and not _ends_before_it_begins(row)


def _ends_before_it_begins(row: Row) -> bool:
    given, ends = (_read_day(row[name], "9999-01-01") for name in ("Erteilt", "Gueltig_bis"))
    return given is not None and ends is not None and ends < given


def _read_form(
    row: Row, record: Record, recipient: str, today: date, delivered: str
) -> tuple[date | None, set[str]]:
    """The day a form was given, and what it allows by itself."""
    given = _read_day(row["Erteilt"], delivered)
    ends = _read_day(row["Gueltig_bis"], "9999-01-01")
    if given is None or row["ENr"] in record.not_own:
        return given, set()
    in_order = row["Empfaenger"] == recipient and row["Zweck"] and row["Schweigepflicht"] == "ja"
    has_end = (ends is not None and not _ends_before_it_begins(row)) or row[
        "Gueltig_bis"
    ] in OPEN_ENDS
    is_young = ends is not None or given >= today.replace(year=today.year - 3)
    if not in_order or row["Widerrufen"] or not has_end or not is_young:
        return given, set()
    return given, _read_groups(row["Gruppen"])


def _read_groups(cell: str) -> set[str]:
    """The groups of a cell; none where one of them is not known."""
    names = set(re.split(r"[,|]", cell))
    return {GROUPS[name] for name in names} if names <= GROUPS.keys() else set()


def _read_day(text: str, delivered: str) -> date | None:
    """A day as it may be written; None where there is none or it cannot be right."""
    found = re.fullmatch(r"(\d{2})\.(\d{2})\.(\d{4})", text)
    if found is None or text == "31.12.9999":
        return None
    try:
        day = date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return day if date(2015, 1, 1) <= day <= date.fromisoformat(delivered) else None


def _by_key(days: Iterable[Path], name: str) -> dict[str, Row]:
    """The whole rows of a file by the first cell, the newest of each."""
    rows: dict[str, Row] = {}
    for day in days:
        if not (day / name).exists():
            continue
        with (day / name).open(encoding="utf-8", newline="") as source:
            for row in csv.DictReader(source, delimiter=";"):
                if None not in row:
                    rows[next(iter(row.values()))] = row
    return rows
