"""What an OpenDocument cell holds beside letters: line breaks, tabs, blanks; and sheets that share a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.fault_kinds import holds
from tests.connectors.ods import ods
from tests.connectors.reading import one_table, refusal, wanted

TEXTS = {
    "Bad<text:line-break/>Urach": "Bad\nUrach",
    "1<text:tab/>2": "1\t2",
    "<text:span>Al<text:line-break/></text:span>Ali": "Al\nAli",
    'a<text:s text:c="3"/>b<text:tab/>': "a   b\t",
    "A</text:p><text:p>B<text:line-break/>C": "A\nB\nC",
    '<text:a xmlns:x="x" x:href="y">Ulm</text:a><text:tab/><!-- x -->Ost': "Ulm\tOst",
    "Mül<text:span>ler</text:span>": "Müller",
    "Al<text:s/>Hassan": "Al Hassan",
}


@holds(10, "ods")
@pytest.mark.parametrize("inner", TEXTS)
def test_breaks_and_tabs_separate(inner: str, tmp_path: Path) -> None:
    path = ods(tmp_path / "t.ods", [["Nr", "Ort"], ["1", inner], [inner, "x"]])
    _, rows, _ = one_table(path, wanted("Nr", "Ort"))
    assert [list(c.values()) for _, c in rows] == [["1", TEXTS[inner]], [TEXTS[inner], "x"]]


@holds(9, "ods")
@pytest.mark.parametrize("titles", [("T", "T"), ("A", "T", "A")])
def test_two_sheets_of_one_name_are_refused(titles: tuple[str, ...], tmp_path: Path) -> None:
    path = ods(tmp_path / "t.ods", [["Nr", "Ort"], ["1", "Ulm"]], titles=titles)
    error = refusal(path, wanted("Nr", "Ort"))
    assert (error.rule, error.sheet) == ("broken_file", titles[0])
