"""What must agree within the configuration and with the folders beside it. The form of single keys is not here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from mappings.problems import did_you_mean
from mappings.yaml_file import Document
from pipelines.config.encryption import check_encryption
from pipelines.config.models import known_mappings, mapping_file

ENGINES = ["duckdb", "postgresql", "postgresql+psycopg"]
CRON = re.compile(r"[0-9*][0-9*/,-]*( [0-9A-Za-z*][0-9A-Za-z*/,-]*){4}")


def check_agreement(document: Document, folder: Path) -> None:
    """Everything that can be said from the file itself and the mappings it names.

    Works on the plain data, not on the model, so that a mistake of form hides no mistake of agreement.
    """
    _check_municipalities(document)
    _check_names(document)
    _check_sources(document, folder)
    _check_references(document)
    _check_periods(document)
    _check_warehouse(document)
    _check_schedule(document)
    check_encryption(document, folder)


def check_folders_exist(document: Document, folder: Path) -> None:
    """Every source's folder must be there, even if it is still empty."""
    for name, source in _named_entries(document, "sources"):
        written = source.get("folder")
        # what is fetched makes its folder itself
        if isinstance(written, str) and "fetch" not in source and not (folder / written).is_dir():
            document.report_problem(
                ("sources", name, "folder"),
                f"folder '{written}' does not exist",
                _near_folder(folder, written),
            )


def _check_municipalities(document: Document) -> None:
    district = _part_of(document.data, "district").get("ags")
    district = district if isinstance(district, str) else None
    if district is not None and not re.fullmatch(r"[0-9]{5}", district):
        document.report_problem(
            ("district", "ags"),
            f"'{district}' is no AGS of a district",
            'it has 5 digits, such as "08999"',
        )
        district = None
    for ags, _ in _named_entries(document, "municipalities"):
        path = ("municipalities", ags)
        if not re.fullmatch(r"[0-9]{8}", ags):
            hint = (
                f'did you mean "0{ags}"?'
                if re.fullmatch(r"[1-9][0-9]{6}", ags)
                else 'it has 8 digits, such as "08999001"'
            )
            document.report_problem(path, f"'{ags}' is no AGS of a municipality", hint)
        elif district and not ags.startswith(district):
            document.report_problem(
                path, f"lies outside the district {district}", f"its AGS begins with {district}"
            )


def _check_names(document: Document) -> None:
    owners: dict[str, str] = {}
    for ags, municipality in _named_entries(document, "municipalities"):
        also = municipality.get("also")
        for name in [municipality.get("name"), *(also if isinstance(also, list) else [])]:
            if not isinstance(name, str):
                continue
            owner = owners.setdefault(" ".join(name.split()).casefold(), ags)
            if owner != ags:
                document.report_problem(
                    ("municipalities", ags),
                    f"'{name}' already means {owner}",
                    "one name means one municipality",
                )


def _check_sources(document: Document, folder: Path) -> None:
    carriers = [key for key, _ in _named_entries(document, "carriers")]
    for name, source in _named_entries(document, "sources"):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            hint = re.sub(r"\W+", "_", name.casefold(), flags=re.ASCII).strip("_")
            suggestion = f"such as '{hint}'" if re.match(r"[a-z]", hint) else "begin with a letter"
            document.report_problem(
                ("sources", name), "a source's name has only letters, digits and _", suggestion
            )
        mapping, carrier = source.get("mapping"), source.get("carrier")
        if isinstance(mapping, str) and not mapping_file(mapping, folder).is_file():
            document.report_unknown(
                ("sources", name, "mapping"), f"no mapping '{mapping}'", mapping, known_mappings()
            )
        if isinstance(carrier, str) and carrier not in carriers:
            document.report_unknown(
                ("sources", name, "carrier"), f"unknown carrier '{carrier}'", carrier, carriers
            )


def _check_references(document: Document) -> None:
    municipalities = [entry for _, entry in _named_entries(document, "municipalities")]
    teams = [team for entry in municipalities if isinstance(team := entry.get("team"), str)]
    sources = [key for key, _ in _named_entries(document, "sources")]
    for part, key, known in (("targets", "team", teams), ("staff", "source", sources)):
        for index, entry in _listed_entries(document, part):
            word = entry.get(key)
            if isinstance(word, str) and word not in known:
                document.report_unknown((part, index, key), f"unknown {key} '{word}'", word, known)


def _check_periods(document: Document) -> None:
    parts = [(("staff", index), entry) for index, entry in _listed_entries(document, "staff")]
    for path, entry in [(("reports",), _part_of(document.data, "reports")), *parts]:
        begin, end = entry.get("from"), entry.get("to")
        if isinstance(begin, date) and isinstance(end, date) and end < begin:
            document.report_problem(
                (*path, "to"), "lies before 'from'", "swap the two, or correct one"
            )


def _check_warehouse(document: Document) -> None:
    written = document.data.get("warehouse")
    if not isinstance(written, str) or written == "duckdb":
        return
    engine = written.split("://")[0]
    if "://" not in written or engine not in ENGINES[1:]:
        hint = (
            did_you_mean(engine, ENGINES)
            or "known: duckdb, postgresql+psycopg://user@host/database"
        )
        document.report_problem(
            ("warehouse",), f"no warehouse '{engine}{'://' if '://' in written else ''}'", hint
        )
    # the address is not repeated: it may hold the password
    elif urlsplit(written).password or "password=" in written:
        document.report_problem(
            ("warehouse",), "holds a password", "take it out; set DREHSCHEIBE_WAREHOUSE_PASSWORD"
        )


def _check_schedule(document: Document) -> None:
    schedule = _part_of(document.data, "schedule")
    for key in ("nightly", "monthly"):
        line = schedule.get(key)
        if isinstance(line, str) and not CRON.fullmatch(line):
            document.report_problem(
                ("schedule", key), f"'{line}' is no cron line", 'five parts, such as "0 2 * * *"'
            )
    zone = schedule.get("timezone")
    if isinstance(zone, str) and zone not in available_timezones():
        document.report_problem(
            ("schedule", "timezone"),
            f"unknown time zone '{zone}'",
            did_you_mean(zone, available_timezones()),
        )


def _near_folder(folder: Path, written: str) -> str:
    wanted = Path(written)
    parent = folder / wanted.parent
    siblings = (
        [str(wanted.parent / found.name) for found in parent.iterdir() if found.is_dir()]
        if parent.is_dir()
        else []
    )
    near = did_you_mean(written, siblings)
    return (
        near
        if near and near.startswith("did")
        else f"create it, or correct the path (seen from {folder.name}/)"
    )


def _part_of(data: Any, key: str) -> dict[str, Any]:
    part = data.get(key)
    return part if isinstance(part, dict) else {}


def _named_entries(document: Document, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, entry in _part_of(document.data, key).items():
        yield name, entry if isinstance(entry, dict) else {}


def _listed_entries(document: Document, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    part = document.data.get(key)
    for index, entry in enumerate(part if isinstance(part, list) else []):
        if isinstance(entry, dict):
            yield index, entry
