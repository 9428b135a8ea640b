"""The page of fault kinds: which kind of wrong input is held for which reader, by which tests.

The tests say so themselves: each that holds a kind has the decorator ``holds(KIND, READER …)`` of
tests/conformance/fault_kinds.py. They are read here, not run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.docs.markdown import format_code, format_page, format_table, wrap_paragraph

TESTS = Path(__file__).resolve().parents[2] / "tests"
KINDS = {
    1: "a key is not an identity for ever",
    2: "tables agree with each other",
    3: "what is not here is judged by what was delivered",
    4: "nothing visible is left out unsaid",
    5: "dates have meaning",
    6: "values above the table keep their rules",
    7: "rows that are no data",
    8: "encodings are doubted",
    9: "copies",
    10: "numbers as keys, separators in cells",
    11: "answers that mislead",
    12: "what leaves",
    13: "comfort",
}
READERS = {
    "csv": "CSV",
    "xlsx": "XLSX",
    "xls": "XLS",
    "ods": "ODS",
    "xml_2003": "XML 2003",
    "html": "HTML",
    "xml": "XML",
    "json": "JSON lines",
    "fixed": "fixed width",
    "rest": "REST",
    "sql": "SQL",
}
# Where a kind cannot occur, or is not the reader's matter.
IMPOSSIBLE = {
    (4, "rest"): "a fetch names the types it takes",
    (4, "sql"): "a fetch names the views it takes",
    (6, "rest"): "nothing is above a table of properties",
    (6, "sql"): "nothing is above a view",
    (6, "json"): "nothing is above named fields",
    (7, "rest"): "objects have no rows beside them",
    (7, "sql"): "a view has rows of data only",
}
_UNHELD = ("skip", "skipif", "xfail")


@dataclass(frozen=True)
class HeldKind:
    """A test that holds a kind for some readers; without any it is the same for all of them."""

    kind: int
    readers: tuple[str, ...]
    file: str
    test: str


def page_text() -> str:
    """The page fault-kinds.md."""
    held = list_held(TESTS)
    return format_page(
        "Kinds of fault and readers",
        wrap_paragraph(
            "Which kind of wrong input is corrected or told, for which format. A mark stands for at "
            "least one test; `all` says that the kind is handled behind the readers, alike for all "
            "of them; a dash, that it cannot occur there. An empty cell is a kind that no test "
            "holds for that format yet. How to add a test is told in "
            "[adding a source](../adding-a-source.md#kinds-of-fault)."
        ),
        format_table(("kind", *READERS.values()), _kind_rows(held)),
        "## Where a kind cannot occur",
        format_table(("kind", "format", "why"), _impossible_rows()),
        "## The tests",
        format_table(("kind", "test", "formats"), _test_rows(held)),
    )


def _impossible_rows() -> list[tuple[str, str, str]]:
    return [(str(kind), READERS[name], why) for (kind, name), why in sorted(IMPOSSIBLE.items())]


def list_held(folder: Path) -> list[HeldKind]:
    """What the tests below a folder say that they hold, in order of kind and place."""
    found = [
        held
        for path in folder.rglob("test_*.py")
        for held in _held_in(path.read_text(encoding="utf-8"), path.relative_to(folder).as_posix())
    ]
    return sorted(found, key=lambda held: (held.kind, held.file, held.test))


def _held_in(source: str, file: str) -> Iterator[HeldKind]:
    if "holds(" not in source:
        return
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
            yield from _held_by(function, file)


def _held_by(test: ast.FunctionDef, file: str) -> Iterator[HeldKind]:
    """What the decorators of a test declare; one that may be left out holds nothing."""
    if any(name in ast.unparse(part) for part in test.decorator_list for name in _UNHELD):
        return
    for part in test.decorator_list:
        if isinstance(part, ast.Call) and ast.unparse(part.func) == "holds":
            kind, *readers = (ast.literal_eval(argument) for argument in part.args)
            yield HeldKind(kind, tuple(readers), file, test.name)


def _kind_rows(held: Sequence[HeldKind]) -> Iterator[tuple[str, ...]]:
    for kind, title in KINDS.items():
        yield f"{kind} {title}", *(_mark_of(kind, reader, held) for reader in READERS)


def _mark_of(kind: int, reader: str, held: Sequence[HeldKind]) -> str:
    of_kind = [test for test in held if test.kind == kind]
    if any(reader in test.readers for test in of_kind):
        return "✓"
    if any(not test.readers for test in of_kind):
        return "all"
    return "–" if (kind, reader) in IMPOSSIBLE else ""


def _test_rows(held: Sequence[HeldKind]) -> Iterator[tuple[str, ...]]:
    for test in held:
        formats = ", ".join(READERS[reader] for reader in test.readers) or "all"
        yield str(test.kind), format_code(f"{test.file}::{test.test}"), formats
