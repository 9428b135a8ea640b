"""Tables fit a screen of 80 columns and lose nothing."""

from __future__ import annotations

import pytest

from pipelines.cli.options import WIDTH, print_table

LONG = "Die Zeile hat mehr oder weniger Felder als die Kopfzeile. Sie zählt nicht mit."
TABLES: dict[str, tuple[list[str], list[list[object]]]] = {
    "short": (["source", "rows"], [["enaio", 17], ["tau", 4]]),
    "long text": (["source", "message"], [["enaio", LONG]]),
    "many columns": ([f"column{n}" for n in range(9)], [[f"cell{n}" for n in range(9)]]),
    "very many columns": ([f"column{n}" for n in range(20)], [[f"cell{n}" for n in range(20)]]),
    "a long word": (["file", "row"], [["x" * 200, 4]]),
    "long words side by side": (["a", "b", "c"], [["x" * 30, "y" * 30, "z" * 30]]),
    "empty cells": (["a", "b"], [[None, ""], ["x" * 79, None]]),
    "no rows": (["source", "message"], []),
}


@pytest.mark.parametrize(("columns", "rows"), TABLES.values(), ids=TABLES.keys())
def test_a_table_fits_the_smallest_screen(
    columns: list[str], rows: list[list[object]], capsys: pytest.CaptureFixture[str]
) -> None:
    print_table("Titel", columns, rows, right=1)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert max(map(len, lines)) <= WIDTH
    shown = "".join("".join(lines).split())
    for row in rows:
        for cell in row:
            words = str(cell or "").split()
            assert all(word in shown or len(word) > WIDTH for word in words)
            # A word longer than the screen is broken, not cut.
            assert sum(shown.count(c) for c in set("".join(words))) >= len("".join(words))
