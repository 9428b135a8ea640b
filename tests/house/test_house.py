"""The measures of the house: a door sign over each file, short files, short functions, no room for odds and ends."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.files import ROOMS, ROOT, project_files, python_files

LONGEST_FILE, LONGEST_FUNCTION = 250, 40
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
# a migration is drawn up by Alembic, and once released never touched again
GENERATED = Path("warehouse", "migrations", "versions")
FILES = [path for path in python_files() if GENERATED not in path.parents]


def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def has_door_sign(source: str) -> bool:
    first = source.split("\n", 1)[0]
    return first.startswith('"""') and len(first) > 20 and bool(ast.get_docstring(ast.parse(source)))


def long_functions(source: str) -> dict[str, int]:
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {function.name: (function.end_lineno or 0) - function.lineno + 1 for function in functions}
    return {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION}


def test_the_first_line_of_a_file_is_its_door_sign() -> None:
    assert [str(path) for path in FILES if not has_door_sign(text(path))] == []


def test_files_are_short() -> None:
    lengths = {str(path): len(text(path).splitlines()) for path in FILES}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    rooms = [path for path in FILES if path.parts[0] in (*ROOMS, "drehscheibe.py", "benchmarks")]
    found = {str(path): long_functions(text(path)) for path in rooms}
    assert {path: functions for path, functions in found.items() if functions} == {}


def test_no_room_for_odds_and_ends() -> None:
    names = {str(path): {part.split(".")[0].casefold() for part in path.parts} for path in project_files()}
    assert [path for path, parts in names.items() if parts & NO_NAMES] == []


def test_the_measures_measure() -> None:
    assert not has_door_sign("import os\n")
    assert not has_door_sign('# reader\n"""What lives here and what does not."""\n')
    assert has_door_sign('"""What lives here and what does not."""\n')
    assert long_functions("def f():\n" + "    x = 1\n" * 40) == {"f": 41}
    assert long_functions("def f():\n" + "    x = 1\n" * 39) == {}
