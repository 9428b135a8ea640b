"""Every file says what it does in its first line, and no room is for odds and ends."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.files import ROOT, project_files, python_files

NO_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
# a migration is drawn up by Alembic, and once released never touched again
GENERATED = Path("warehouse", "migrations", "versions")
FILES = [path for path in python_files() if GENERATED not in path.parents]


def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def has_door_sign(source: str) -> bool:
    first = source.split("\n", 1)[0]
    return (
        first.startswith('"""') and len(first) > 20 and bool(ast.get_docstring(ast.parse(source)))
    )


def test_the_first_line_of_a_file_is_its_door_sign() -> None:
    assert [str(path) for path in FILES if not has_door_sign(text(path))] == []


def test_no_room_for_odds_and_ends() -> None:
    names = {
        str(path): {part.split(".")[0].casefold() for part in path.parts}
        for path in project_files()
    }
    assert [path for path, parts in names.items() if parts & NO_NAMES] == []


def test_the_measures_measure() -> None:
    assert not has_door_sign("import os\n")
    assert not has_door_sign('# reader\n"""What lives here and what does not."""\n')
    assert has_door_sign('"""What lives here and what does not."""\n')
