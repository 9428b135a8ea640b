"""Checks what must agree within the configuration and with the folders beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from mappings.day_limits import check_limits
from mappings.problems import did_you_mean
from mappings.source_mapping import list_mappings
from mappings.target_group import list_rules, rule_file
from mappings.yaml_file import Document, KeyPath
from pipelines.config.encryption import check_encryption
from pipelines.config.models import mapping_file
from pipelines.config.part import part_at

ENGINES = ["duckdb", "postgresql", "postgresql+psycopg"]
KNOWN_WAREHOUSES = "known: duckdb, postgresql+psycopg://user@host/database"
_LONGEST_KEY = 64
CRON = re.compile(r"[0-9*][0-9*/,-]*( [0-9A-Za-z*][0-9A-Za-z*/,-]*){4}")


def check_agreement(document: Document, folder: Path) -> None:
    """Reports what does not agree in the file itself and with the mappings it names.

    Works on the plain data, not on the model, so that a mistake of form hides no mistake of
    agreement.
    """
    _check_municipalities(document)
    _check_keys(document)
    _check_names(document)
    _check_sources(document, folder)
    _check_folders_apart(document, folder)
    _check_references(document)
    _check_releases(document)
    _check_periods(document)
    _check_days(document)
    _check_warehouse(document)
    _check_schedule(document)
    _check_funding(document, folder)
    check_encryption(document, folder)


def check_folders_exist(document: Document, folder: Path) -> None:
    """Reports folders of sources that do not exist; an empty one is fine."""
    for name, source in _named_entries(document, "sources"):
        written = source.get("folder")
        # A source that is fetched makes its folder itself.
        if isinstance(written, str) and "fetch" not in source and not (folder / written).is_dir():
            message = f"folder '{written}' does not exist"
            hint = _suggest_folder(folder, written)
            document.report_problem(("sources", name, "folder"), message, hint)


def _check_municipalities(document: Document) -> None:
    district = _check_district(document)
    for ags, _ in _named_entries(document, "municipalities"):
        path = ("municipalities", ags)
        if not re.fullmatch(r"[0-9]{8}", ags):
            # YAML takes an AGS without quotes for a number and drops its leading zero.
            is_number = re.fullmatch(r"[1-9][0-9]{6}", ags)
            hint = f'did you mean "0{ags}"?' if is_number else 'it has 8 digits, such as "08999001"'
            document.report_problem(path, f"'{ags}' is no AGS of a municipality", hint)
        elif not ags.startswith(district):
            message = f"lies outside the district {district}"
            document.report_problem(path, message, f"its AGS begins with {district}")


def _check_keys(document: Document) -> None:
    """Reports keys longer than the warehouse takes."""
    for part in ("carriers", "sources"):
        for key, _ in _named_entries(document, part):
            if len(key) > _LONGEST_KEY:
                message = f"has more than {_LONGEST_KEY} characters"
                document.report_problem((part, key), message)


def _check_district(document: Document) -> str:
    """The AGS of the district; empty where it is missing or wrong."""
    ags = part_at(document.data, "district").get("ags")
    if not isinstance(ags, str):
        return ""
    if re.fullmatch(r"[0-9]{5}", ags):
        return ags
    message, hint = f"'{ags}' is no AGS of a district", 'it has 5 digits, such as "08999"'
    document.report_problem(("district", "ags"), message, hint)
    return ""


def _check_names(document: Document) -> None:
    owners: dict[str, str] = {}
    for ags, municipality in _named_entries(document, "municipalities"):
        for name in _spellings_of(municipality):
            owner = owners.setdefault(" ".join(name.split()).casefold(), ags)
            if owner != ags:
                message = f"'{name}' already means {owner}"
                hint = "one name means one municipality"
                document.report_problem(("municipalities", ags), message, hint)


def _spellings_of(municipality: Any) -> list[str]:
    also = municipality.get("also")
    names = [municipality.get("name"), *(also if isinstance(also, list) else [])]
    return [name for name in names if isinstance(name, str)]


def _check_sources(document: Document, folder: Path) -> None:
    carriers = [key for key, _ in _named_entries(document, "carriers")]
    for name, source in _named_entries(document, "sources"):
        path = ("sources", name)
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            message = "a source's name has only letters, digits and _"
            document.report_problem(path, message, _suggest_name(name))
        mapping, carrier = source.get("mapping"), source.get("carrier")
        if isinstance(mapping, str):
            _check_mapping(document, (*path, "mapping"), mapping, mapping_file(mapping, folder))
        if isinstance(carrier, str) and carrier not in carriers:
            message = f"unknown carrier '{carrier}'"
            document.report_unknown((*path, "carrier"), message, carrier, carriers)


def _check_mapping(document: Document, path: KeyPath, mapping: str, file: Path) -> None:
    if file.is_dir():
        document.report_problem(path, f"'{mapping}' is a folder", "name the YAML file in it")
    elif file.exists() and not file.is_file():
        document.report_problem(path, f"'{mapping}' is no ordinary file", "name a YAML file")
    elif file.is_file() and not os.access(file, os.R_OK):
        message = f"the mapping '{mapping}' cannot be read: this account has no right to"
        document.report_problem(path, message, "let the owner give it with chmod")
    elif not file.is_file():
        document.report_unknown(path, f"no mapping '{mapping}'", mapping, list_mappings())


def _suggest_name(name: str) -> str:
    plain = re.sub(r"\W+", "_", name.casefold(), flags=re.ASCII).strip("_")
    return f"such as '{plain}'" if re.match(r"[a-z]", plain) else "begin with a letter"


def _check_folders_apart(document: Document, folder: Path) -> None:
    """Every delivery in a folder would be taken in once for each source that reads it."""
    owners: dict[Path, str] = {}
    for name, source in _named_entries(document, "sources"):
        written = source.get("folder")
        if not isinstance(written, str):
            continue
        place = (folder / written).resolve()
        if message := _describe_overlap(place, owners):
            hint = "each source has a folder of its own"
            document.report_problem(("sources", name, "folder"), message, hint)
        owners.setdefault(place, name)


def _describe_overlap(place: Path, owners: Mapping[Path, str]) -> str | None:
    for other, owner in owners.items():
        if place == other:
            return f"is the folder of source '{owner}', too"
        if place.is_relative_to(other):
            return f"lies in the folder of source '{owner}'"
        if other.is_relative_to(place):
            return f"has the folder of source '{owner}' in it"
    return None


def _check_references(document: Document) -> None:
    municipalities = [entry for _, entry in _named_entries(document, "municipalities")]
    teams = [team for entry in municipalities if isinstance(team := entry.get("team"), str)]
    sources = [key for key, _ in _named_entries(document, "sources")]
    for part, key, known in (("targets", "team", teams), ("staff", "source", sources)):
        for index, entry in _listed_entries(document, part):
            word = entry.get(key)
            if isinstance(word, str) and word not in known:
                document.report_unknown((part, index, key), f"unknown {key} '{word}'", word, known)


def _check_releases(document: Document) -> None:
    """A release in a system counts for one recipient only."""
    sources = [key for key, _ in _named_entries(document, "sources")]
    owners: dict[str, str] = {}
    for recipient, entry in _named_entries(document, "recipients"):
        if recipient == "list":
            document.report_problem(
                ("recipients", recipient),
                "'list' is no name for a recipient",
                "`transfer list` shows the parcels; choose another key",
            )
        for path, source in _list_releases(recipient, entry.get("releases")):
            if isinstance(source, str) and source not in sources:
                document.report_unknown(path, f"unknown source '{source}'", source, sources)
            elif isinstance(source, str) and (owner := owners.setdefault(source, recipient)) != (
                recipient
            ):
                message = f"releases in '{source}' already count for '{owner}'"
                document.report_problem(path, message, "a release counts for one recipient only")


def _list_releases(recipient: str, written: object) -> Iterator[tuple[KeyPath, object]]:
    """The sources named for the releases of a recipient, each with its place."""
    path: KeyPath = ("recipients", recipient, "releases")
    if isinstance(written, dict):
        written, path = written.get("sources"), (*path, "sources")
    for index, source in enumerate(written if isinstance(written, list) else []):
        yield (*path, index), source


def _check_periods(document: Document) -> None:
    _check_order(document, ("reports",), part_at(document.data, "reports"))
    for part, last in (("staff", "to"), ("targets", "until")):
        for index, entry in _listed_entries(document, part):
            _check_order(document, (part, index), entry, last)


def _check_days(document: Document) -> None:
    own = {name: entry.get("not_before") for name, entry in _named_entries(document, "days")}
    for below, message, hint in check_limits(own):
        document.report_problem(("days", *below), message, hint)


def _check_order(document: Document, path: KeyPath, entry: Any, last: str = "to") -> None:
    begin, end = entry.get("from"), entry.get(last)
    if isinstance(begin, date) and isinstance(end, date) and end < begin:
        hint = "swap the two, or correct one"
        document.report_problem((*path, last), "lies before 'from'", hint)


def _check_funding(document: Document, folder: Path) -> None:
    """Reports rules, carriers, municipalities and files of the funding that are not there."""
    funding = part_at(document.data, "funding")
    _check_rules(document, ("funding", "target_group"), funding.get("target_group"), folder)
    for part in ("carriers", "municipalities"):
        known = [key for key, _ in _named_entries(document, part)]
        for key, names in part_at(funding, part).items():
            if key not in known:
                message = f"unknown key '{key}' of {part}"
                document.report_unknown(("funding", part, key), message, key, known)
            _check_rules(document, ("funding", part, key), names, folder)
    for key in ("register", "distribution", "rates"):
        written = funding.get(key)
        if isinstance(written, str) and not (folder / written).is_file():
            message = f"file '{written}' does not exist"
            document.report_problem(("funding", key), message, _suggest_folder(folder, written))


def _check_rules(document: Document, path: KeyPath, names: Any, folder: Path) -> None:
    for index, name in enumerate(names if isinstance(names, list) else []):
        if isinstance(name, str) and not rule_file(name, folder).is_file():
            message = f"no rule '{name}' of the target group"
            document.report_unknown((*path, index), message, name, list_rules())


def _check_warehouse(document: Document) -> None:
    written = document.data.get("warehouse")
    if not isinstance(written, str) or written == "duckdb":
        return
    # The address is never repeated: it may hold the password.
    engine, separator, _ = written.partition("://")
    if not separator or engine not in ENGINES[1:]:
        hint = did_you_mean(engine, ENGINES) or KNOWN_WAREHOUSES
        document.report_problem(("warehouse",), f"no warehouse '{engine}{separator}'", hint)
    elif urlsplit(written).password or "password=" in written:
        hint = "take it out; set DREHSCHEIBE_WAREHOUSE_PASSWORD"
        document.report_problem(("warehouse",), "holds a password", hint)


def _check_schedule(document: Document) -> None:
    schedule = part_at(document.data, "schedule")
    for key in ("nightly", "monthly"):
        line = schedule.get(key)
        if isinstance(line, str) and not CRON.fullmatch(line):
            hint = 'five parts, such as "0 2 * * *"'
            document.report_problem(("schedule", key), f"'{line}' is no cron line", hint)
    zone = schedule.get("timezone")
    if isinstance(zone, str) and zone not in available_timezones():
        near = did_you_mean(zone, available_timezones())
        document.report_problem(("schedule", "timezone"), f"unknown time zone '{zone}'", near)


def _suggest_folder(folder: Path, written: str) -> str:
    wanted = Path(written)
    siblings = [p for p in (folder / wanted.parent).glob("*") if p.is_dir()]
    near = did_you_mean(written, [str(wanted.parent / p.name) for p in siblings])
    if near and near.startswith("did"):
        return near
    return f"create it, or correct the path (seen from {folder.name}/)"


def _named_entries(document: Document, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    entries = part_at(document.data, key)
    for name in entries:
        yield name, part_at(entries, name)


def _listed_entries(document: Document, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    part = document.data.get(key)
    for index, entry in enumerate(part if isinstance(part, list) else []):
        if isinstance(entry, dict):
            yield index, entry
