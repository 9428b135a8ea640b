"""The anchors of a form: what a line means, and what is said of a wrong one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mappings.catalogue import choose_catalogue
from mappings.form_anchors import OWN_FORMS, form_file, read_anchors
from mappings.problems import YamlProblems

CATALOGUE = choose_catalogue(date(2024, 12, 31))
HEAD = "name: probe\nsheets:\n  - sheet: Blatt\n"


def problems(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "form.yaml").write_text(HEAD + text, encoding="utf-8")
    try:
        read_anchors(tmp_path / "form.yaml", CATALOGUE)
    except YamlProblems as found:
        return str(found).splitlines()
    return []


def test_a_line_is_completed_by_its_sheet(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(
        HEAD
        + "    column: [2024, Anzahl]\n    lines:\n"
        + "      - {row: Kinder, figure: topics.kinder, unit: {team: Nord}}\n"
        + "      - {row: von, cell: C2, fact: from}\n"
        + "  - sheet: Gemeinden\n    each: municipality\n    row: Gemeinde\n    lines:\n"
        + "      - {column: Gespräche, figure: conversations}\n",
        encoding="utf-8",
    )
    kinder, begin, each = read_anchors(tmp_path / "form.yaml", CATALOGUE)
    assert (kinder.row, kinder.column, kinder.figure, kinder.category, kinder.unit) == (
        ("Kinder",),
        ("2024", "Anzahl"),
        "topics",
        "kinder",
        {"team": "Nord"},
    )
    assert (begin.column, begin.cell, begin.fact) == ((), "C2", "from")
    assert (each.row, each.each, each.where) == (("Gemeinde",), "municipality", "form.yaml:12")


@pytest.mark.parametrize(
    ("line", "wrong", "right"),
    [
        (
            "{row: a, column: b, figure: topic.kinder}",
            "no figure 'topic'",
            "did you mean 'topics'?",
        ),
        ("{row: a, column: b, figure: topics.kind}", "no category 'kind'", "'kinder'"),
        ("{row: a, column: b, figure: topics}", "by category only", "topics.sprache"),
        (
            "{row: a, column: b, figure: conversations.x}",
            "no category 'x'",
            "write 'conversations'",
        ),
        ("{row: a, column: b}", "either a figure or a fact", "figure: conversations"),
        ("{row: a, column: b, figure: conversations, fact: to}", "either", "fact: from"),
        ("{column: b, figure: conversations}", "no label of its row", "row: …"),
        ("{row: a, figure: conversations}", "no label of its column", "column: …"),
        ("{row: a, cell: C0, fact: to}", "String should match", ""),
        ("{row: a, cell: C1, fact: end}", "Input should be", "'to'"),
        ("{row: a, cell: C1, fact: to, unit: {team: N}}", "a fact has no unit", "leave 'unit' out"),
        ("{row: a, colum: b, figure: conversations}", "unknown key", "did you mean 'column'?"),
    ],
)
def test_a_wrong_line_is_named_with_what_would_be_right(
    tmp_path: Path, line: str, wrong: str, right: str
) -> None:
    found = problems(tmp_path, f"    lines:\n      - {line}\n")
    assert found and found[0].startswith("form.yaml:5: sheets.0.lines.0")
    assert wrong in found[0] and right in found[0]


@pytest.mark.parametrize("key", ["row: a", "cell: C1", "unit: {team: Nord}"])
def test_each_unit_excludes_what_it_gives(tmp_path: Path, key: str) -> None:
    text = f"    each: team\n    lines:\n      - {{column: b, figure: conversations, {key}}}\n"
    (found,) = problems(tmp_path, text)
    assert f"'each' and '{key.partition(':')[0]}' exclude each other" in found


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = "    column: b\n    lines:\n" + "      - {row: a, figure: nothing}\n" * 3
    assert [line.split(":")[1] for line in problems(tmp_path, text)] == ["6", "7", "8"]


def test_our_own_anchors_fit_the_catalogue(tmp_path: Path) -> None:
    ours = sorted(OWN_FORMS.glob("*.yaml"))
    assert ours
    assert all(read_anchors(path, CATALOGUE) for path in ours)
    assert form_file(ours[0].stem, tmp_path) == ours[0]
    assert form_file("muster.yaml", tmp_path) == tmp_path / "muster.yaml"
