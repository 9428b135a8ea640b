"""Measures how the code is written and prints a table: `python -m tests.house.measures`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.house.files import ROOMS, ROOT, python_files

LONG_LINE = 100
# Alembic draws a migration up; once released it is never edited.
GENERATED = Path("warehouse", "migrations", "versions")
# What the code outside the tests came to before it was put in order.
NODES_BEFORE = 233_486


@dataclass(frozen=True)
class FunctionSize:
    """A function with the number of syntax-tree nodes in it, nested functions included."""

    path: Path
    name: str
    nodes: int

    @property
    def is_one_word(self) -> bool:
        """Whether the name is one word; a leading underscore is no word."""
        return "_" not in self.name.strip("_")

    @property
    def is_special(self) -> bool:
        """Whether Python itself gives the name its meaning, as `__init__`."""
        return self.name.startswith("__") and self.name.endswith("__")


@dataclass(frozen=True)
class Measures:
    """The figures of some files; shares are between 0 and 1."""

    files: int
    functions: int
    nodes: int
    median_nodes: float
    largest: FunctionSize
    one_word_names: float
    long_lines: float

    def cells(self) -> list[str]:
        """The figures as the cells of a row."""
        return [
            str(self.files),
            str(self.functions),
            str(self.nodes),
            f"{self.median_nodes:.0f}",
            f"{self.largest.nodes} ({self.largest.path.name}: {self.largest.name})",
            f"{self.one_word_names:.1%}",
            f"{self.long_lines:.1%}",
        ]


HEADINGS = [
    "room",
    "files",
    "functions",
    "nodes",
    "median nodes a function",
    "largest function",
    "one-word names",
    f"lines over {LONG_LINE}",
]


def count_nodes(tree: ast.AST) -> int:
    """The number of nodes of a syntax tree."""
    return sum(1 for _ in ast.walk(tree))


def function_sizes(path: Path, tree: ast.AST) -> list[FunctionSize]:
    """Every function and method of a file, nested ones as well."""
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return [FunctionSize(path, function.name, count_nodes(function)) for function in functions]


def measure_files(paths: Iterable[Path]) -> Measures:
    """Measures these files, which hold at least one function with a name of its own."""
    sources = {path: (ROOT / path).read_text(encoding="utf-8") for path in paths}
    return measure_sources(sources)


def measure_sources(sources: dict[Path, str]) -> Measures:
    """Measures the text of files by their path."""
    trees = {path: ast.parse(source) for path, source in sources.items()}
    sizes = [s for path, tree in trees.items() for s in function_sizes(path, tree)]
    written = [s for s in sizes if GENERATED not in s.path.parents]
    named = [s for s in sizes if not s.is_special]
    lines = [line for source in sources.values() for line in source.splitlines()]
    return Measures(
        files=len(sources),
        functions=len(sizes),
        nodes=sum(count_nodes(tree) for tree in trees.values()),
        median_nodes=median(s.nodes for s in sizes),
        largest=max(written, key=lambda s: s.nodes),
        one_word_names=sum(s.is_one_word for s in named) / len(named),
        long_lines=sum(len(line) > LONG_LINE for line in lines) / len(lines),
    )


def product_files() -> list[Path]:
    """All Python files that are no tests."""
    return [path for path in python_files() if path.parts[0] != "tests"]


def table_rows() -> list[list[str]]:
    """One row for each room, one for all code outside the tests, one for the tests."""
    groups: dict[str, Sequence[Path]] = {
        room: python_files(room) for room in (*ROOMS, "benchmarks")
    }
    groups |= {"all but tests": product_files(), "tests": python_files("tests")}
    return [[name, *measure_files(paths).cells()] for name, paths in groups.items()]


def print_table() -> None:
    """Prints the measures as a Markdown table."""
    rows = [HEADINGS, *table_rows()]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    for number, row in enumerate(rows):
        print(
            "| "
            + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            + " |"
        )
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    print(f"\nnodes outside the tests before: {NODES_BEFORE}")


if __name__ == "__main__":
    print_table()
