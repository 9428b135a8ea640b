"""What may go out, read from the files alone: no code of the hub, one record and one row at a time."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

GROUPS = {"Sprache": "sprache", "Beruf": "beruf"}
OPEN_ENDS = {"", "31.12.9999"}


@dataclass
class Word:
    """What one record's newest word allows; None: the record says nothing about the recipient."""

    allows: set[str] | None = None
    human: str = ""
    rows: list[dict[str, str]] = field(default_factory=list)
    broken: bool = False


def may_go_out(folder: Path, recipient: str, today: date) -> dict[str, set[str]]:
    """By record ``source:key``: the data groups that the newest word of every record allows.

    The newest delivery in each folder counts, loaded or not.
    """
    words: dict[str, Word] = {}
    for source in ("alpha", "beta"):
        days = sorted(p for p in (folder / source).iterdir() if re.fullmatch(r"[-0-9]{10}", p.name))
        if any(part.suffix == ".part" for part in days[-1].iterdir()):
            continue
        words |= _read_words(source, days, recipient, today)
    by_human: dict[str, list[set[str]]] = defaultdict(list)
    for word in words.values():
        if word.allows is not None:
            by_human[word.human].append(word.allows)
    return {
        key: set.intersection(*by_human[word.human])
        for key, word in words.items()
        if word.allows is not None
    }


def _read_words(source: str, days: list[Path], recipient: str, today: date) -> dict[str, Word]:
    words: dict[str, Word] = {}
    for row in _table(days[-1] / "Klienten.csv"):
        word = words[f"{source}:{row['Nr']}"] = Word()
        word.human = (row["AZR"] and f"{row['AZR']} {row['Nachname']}") or f"{source}:{row['Nr']}"
        release = re.split(r"[,|]", row["Freigabe"]) if row["Freigabe"] else []
        if release and source == "beta":
            word.allows = {GROUPS[g] for g in release} if set(release) <= GROUPS.keys() else set()
        elif source == "beta" and _was_released(days[:-1], row["Nr"]):
            word.allows = set()
    if source == "alpha":
        _read_forms(days, words, recipient, today)
    return words


def _was_released(days: list[Path], key: str) -> bool:
    rows = [row for day in days for row in _table(day / "Klienten.csv")]
    return any(row["Nr"] == key and row["Freigabe"] for row in rows)


def _read_forms(days: list[Path], words: dict[str, Word], recipient: str, today: date) -> None:
    lines = (days[-1] / "Einwilligungen.csv").read_text("utf-8").splitlines()
    header = lines[0].split(";")
    seen: set[str] = set()
    for line in lines[1:]:
        cells = line.split(";")
        key = cells[1].lstrip("0")
        word = words.get(f"alpha:{key}")
        if word is None:
            continue
        unusual = len(cells) != len(header) or not cells[0] or cells[0] in seen or key != cells[1]
        word.broken |= unusual
        seen.add(cells[0])
        word.rows.append(dict(zip(header, cells, strict=False)))
    before = {row["Nr"]: row for day in days[:-1] for row in _table(day / "Klienten.csv")}
    now = {row["Nr"]: row for row in _table(days[-1] / "Klienten.csv")}
    for name, word in words.items():
        if not name.startswith("alpha:"):
            continue
        key = name.removeprefix("alpha:")
        changed = key in before and before[key]["Nachname"] != now[key]["Nachname"]
        if word.broken:
            word.allows = set()
        elif word.rows:
            old = _keys_of(days[:-1]) if changed else set()
            word.allows = _newest_word(word.rows, recipient, today, days[-1].name, old)


def _keys_of(days: list[Path]) -> set[str]:
    return {row["ENr"] for day in days for row in _table(day / "Einwilligungen.csv")}


def _newest_word(
    rows: list[dict[str, str]], recipient: str, today: date, delivered: str, not_own: set[str]
) -> set[str] | None:
    concerning = [row for row in rows if _concerns(row, recipient)]
    speaking: list[tuple[date, set[str]]] = []
    withdrawn: list[date] = []
    for row in concerning:
        given = _day(row["Erteilt"], delivered)
        if row["Widerrufen"]:
            withdrawn.append(_day(row["Widerrufen"], delivered) or date.max)
        ends = _day(row["Gueltig_bis"], "9999-01-01")
        if ends is not None and ends < today:
            continue
        fine = (
            row["Empfaenger"] == recipient
            and row["Zweck"]
            and given is not None
            and not row["Widerrufen"]
            and (ends is not None or row["Gueltig_bis"] in OPEN_ENDS)
            and (ends is not None or (today.year - given.year, given) <= (3, given))
            and not (ends is None and given < today.replace(year=today.year - 3))
            and row["Schweigepflicht"] == "ja"
            and row["ENr"] not in not_own
        )
        groups = set(re.split(r"[,|]", row["Gruppen"]))
        allowed = {GROUPS[g] for g in groups} if groups <= GROUPS.keys() else set()
        speaking.append((given or date.max, allowed if fine else set()))
    if not speaking:
        return set() if withdrawn else None
    newest = max(given for given, _ in speaking)
    if withdrawn and max(withdrawn) >= newest:
        return set()
    last = [groups for given, groups in speaking if given == newest]
    return set().union(*last) if all(last) else set()


def _concerns(row: dict[str, str], recipient: str) -> bool:
    """Whether a row names the recipient, a part of its name, or nobody."""
    return row["Empfaenger"].lower() in recipient.lower()


def _day(text: str, delivered: str) -> date | None:
    """A day as it may be written; None where there is none or it cannot be right."""
    found = re.fullmatch(r"(\d{2})\.(\d{2})\.(\d{4})", text)
    if found is None or text == "31.12.9999":
        return None
    try:
        day = date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return day if date(2015, 1, 1) <= day <= date.fromisoformat(delivered) else None


def _table(file: Path) -> list[dict[str, str]]:
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as source:
        return [row for row in csv.DictReader(source, delimiter=";") if None not in row]
