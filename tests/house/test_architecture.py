"""docs/architecture.md names the rooms and modules that exist, and every room."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.files import ROOT, project_files

PACKAGES = ("connectors", "mappings", "warehouse", "pipelines")
# Folders below a room that belong to it and need no line of their own.
INNER = {
    "connectors/documents/funding",
    "connectors/documents/jobcenter",
    "connectors/documents/kennzahlen",
    "connectors/documents/report",
    "pipelines/config/transports",
    "warehouse/migrations/versions",
}
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`((?:connectors|mappings|warehouse|pipelines|examples|tests)/[\w/.-]*)`")


def table_rows(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("| ")]


def rooms() -> set[str]:
    """Every folder with files of the four packages below the packages themselves."""
    folders = {path.parent.as_posix() for path in project_files() if path.parts[0] in PACKAGES}
    return folders - set(PACKAGES) - INNER


def test_every_named_file_and_folder_exists() -> None:
    named = set(NAMED.findall(PAGE))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_room_has_a_line() -> None:
    listed = {name.rstrip("/") for row in table_rows(PAGE) for name in NAMED.findall(row)}
    assert sorted(rooms() - listed) == []


def test_a_missing_file_would_be_found() -> None:
    assert NAMED.findall("see `warehouse/nowhere.py` and `docs`") == ["warehouse/nowhere.py"]
    assert not (ROOT / Path("warehouse/nowhere.py")).exists()
