"""Tables of web pages: torn ones refused, cells as shown, spans and missing cells by the rules of HTML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, TextTable
from tests.conformance.fault_kinds import holds
from tests.connectors.reading import one_table, refusal, rows_of, wanted

NAO = replace(wanted("Nr", "Name", "Ort"), telling=frozenset({"Name"}))
HEAD = "<tr><th>Nr</th><th>Name</th><th>Ort</th></tr>"


def tr(*cells: str, of: str = "") -> str:
    """A row; a cell that begins with "<td" stands as it is."""
    inner = "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in cells)
    return f"<tr{of}>{inner}</tr>"


def table(*rows: str) -> str:
    return f"<table>{HEAD}{''.join(rows)}</table>"


def page(*tables: str) -> str:
    return f"<html><head><title>x</title></head><body>{''.join(tables)}</body></html>"


ONE, TWO = tr("1", "Haile", "Ulm"), tr("2", "Kaya", "Bonn")
WHOLE = page(table(ONE, TWO))


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "t.xls"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, *rows: str) -> list[list[str]]:
    """The cells of the rows of a whole page."""
    _, found, _ = one_table(write(folder, page(table(*rows))), NAO)
    return [list(cells.values()) for _, cells in found]


@holds(3, "html")
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(WHOLE[: WHOLE.index("Kaya") + 2], id="in-a-cell"),
        pytest.param(WHOLE[: WHOLE.index("<tr><td>2")], id="between-rows"),
        pytest.param(WHOLE[: WHOLE.index("<td>Kaya")], id="between-cells"),
        pytest.param(WHOLE[: WHOLE.index("</body>")], id="behind-the-table"),
        pytest.param(WHOLE[:-1].removesuffix("</html"), id="before-the-last-tag"),
        pytest.param(f"<table>{HEAD}{ONE}<tr><td>2", id="a-table-alone"),
        pytest.param(WHOLE.upper()[:-30], id="in-capitals"),
        pytest.param(page(table(ONE)) + WHOLE[:-20], id="the-second-page"),
        pytest.param(page(table(ONE), "<!-- ", table(TWO)), id="in-a-comment"),
        pytest.param(page(table(ONE), "<script>f()", table(TWO)), id="in-a-script"),
    ],
)  # fmt: skip
def test_a_torn_page_is_refused(content: str, tmp_path: Path) -> None:
    path = write(tmp_path, content)
    assert refusal(path, NAO).rule == "broken_file"
    with pytest.raises(CannotRead) as caught:
        list(profile_file(path))
    assert caught.value.rule == "broken_file"


@holds(4, "html")
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(page(table(ONE, "<td>2</td><td>Kaya</td><td>Bonn</td>")), id="outside-a-row"),
        pytest.param(page(table(ONE), TWO), id="behind-the-table"),
        pytest.param(page(f"{table(ONE)}</table>{TWO}</table>"), id="behind-a-stray-end"),
        pytest.param(page(TWO, table(ONE)), id="before-the-table"),
    ],
)
def test_cells_outside_of_the_rows_of_a_table_are_refused(content: str, tmp_path: Path) -> None:
    error = refusal(write(tmp_path, content), NAO)
    assert error.rule == "broken_file" and "außerhalb" in error.message


@holds(4, "html")
@pytest.mark.parametrize("between", ["", "\n<!DOCTYPE html>\n", "<p>Seite 2</p>", "\ufeff"])
def test_further_pages_in_one_file_are_told(between: str, tmp_path: Path) -> None:
    found, rows, _ = one_table(write(tmp_path, page(table(ONE)) + between + WHOLE), NAO)
    assert len(rows) == 1
    assert [(part.title, part.fits) for part in found.beside] == [("Tabelle 2", "tabelle")]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(WHOLE, id="whole"),
        pytest.param(table(ONE, TWO), id="a-table-alone"),
        pytest.param(WHOLE.replace("</td>", "").replace("</tr>", ""), id="without-ends-of-cells"),
        pytest.param(page("<!-- <table> --><style>td{}</style>", table(ONE, TWO)), id="a-comment"),
        pytest.param(page("<!-->", table(ONE, TWO)), id="an-empty-comment"),
        pytest.param(page("<script>'<table><td>'</script>", table(ONE, TWO)), id="a-script"),
        pytest.param(
            page(table(ONE.replace("<td>", "<td title='<td><table>'>", 1), TWO)), id="an-attribute"
        ),
        pytest.param(page(table(f"<form>{ONE}</form>", TWO)), id="a-form"),
        pytest.param(
            page(table(ONE.replace("<tr>", "<tr><form>").replace("</tr>", "</form></tr>"), TWO)),
            id="a-form-in-a-row",
        ),
        pytest.param(
            page(table(ONE, TWO, "<![if x]><tr style='display:none'><td></td></tr><![endif]>")),
            id="excels-last-row",
        ),
    ],
)
def test_a_whole_page_is_read(content: str, tmp_path: Path) -> None:
    found, rows, ragged = one_table(write(tmp_path, content), NAO)
    cells = [list(row.values()) for _, row in rows]
    assert cells == [["1", "Haile", "Ulm"], ["2", "Kaya", "Bonn"]]
    assert (ragged, found.notices) == ([], [])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<b>Haile</b> Sara", "Haile Sara"),
        ("<span>1</span> <span>2</span>", "1 2"),
        ("<span>Al</span><span> Hassan</span>", "Al Hassan"),
        ("Bad <i>Urach</i> Süd", "Bad Urach Süd"),
        ("Al<b>i</b>", "Ali"),
        ("  a \n\t b&nbsp; c ", "a b c"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("a<div>b</div>c", "a\nb\nc"),
        ("<p>a</p>\n<p>b</p>", "a\nb"),
        ("<ul><li>1<li>2</ul>", "1\n2"),
        ("<dl><dt>1<dd>2</dl>", "1\n2"),
        ("<h4>1</h4>2", "1\n2"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1\n2\n3"),
        ("a<script>x</script>b", "ab"),
        ('<input value="Haile">', "Haile"),
        ('<input value="1"><input value="2">', "1 2"),
        ('<input type="hidden" value="7">x<input type=submit value="Los">', "x"),
        ("<input type=checkbox checked>", "Wahr"),
        ("<input type=checkbox>", "Falsch"),
        ("<input type=radio> ja <input type=radio checked> nein", "Falsch ja Wahr nein"),
        ("<select><option>A<option selected>B</select>", "B"),
        ("<select><option>A<option>B</select>", "A"),
        ("<select multiple><option>A<option>B</select>", ""),
        ("<select multiple><option selected>A<option selected>B</select>", "A\nB"),
        ("<textarea>q</textarea>", "q"),
        ("<del>Alt</del> Neu", "\ufffdAlt Neu"),
        ("<s>Alt</s>", "\ufffdAlt"),
        ("<del> </del>Neu", "Neu"),
    ],
)
def test_a_cell_is_read_as_it_is_shown(cell: str, text: str, tmp_path: Path) -> None:
    assert read(tmp_path, tr("1", cell, "Ulm"))[0][1] == text


U2, U0 = "<td rowspan=2>U</td>", "<td rowspan=0>U</td>"


@holds(4, "html")
@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        pytest.param([tr("1", "a", U2), tr("2", "b"), tr("3", "c", "V")], ["U", "U", "V"], id="last"),
        pytest.param([tr("1", "a", U0), tr("2", "b"), tr("3", "c")], ["U", "U", "U"], id="to-the-end"),
        pytest.param(
            [f"<tbody>{tr('1', 'a', U0)}</tbody>", f"<tbody>{tr('2', 'b', 'V')}</tbody>"], ["U", "V"],
            id="to-the-end-of-its-part",
        ),
        pytest.param(
            [f"<tbody>{tr('1', 'a', U2)}</tbody>", tr("2", "b", "V"), tr("3", "c", "W")], ["U", "V", "W"],
            id="beyond-its-part",
        ),
        pytest.param(
            [tr("1", "<td rowspan=3>a</td>", U2), tr("2"), tr("3", "V")], ["U", "U", "V"], id="two-columns"
        ),
        pytest.param([tr("1", "<td colspan=2 rowspan=2>a</td>"), tr("2"), tr("3", "c", "V")], ["", "", "V"], id="both"),
    ],
)  # fmt: skip
def test_cells_over_several_rows(rows: list[str], cells: list[str], tmp_path: Path) -> None:
    path = write(tmp_path, page(table(*rows)))
    found, got, ragged = one_table(path, NAO)
    assert [row["Ort"] for _, row in got] == cells and not ragged
    assert [row["Nr"] for _, row in got] == [str(n) for n in range(1, len(rows) + 1)]
    told = {n.column for n in found.notices if n.rule == "cell_merged" and n.row == 2}
    assert ("Ort" in told) == (cells[:2] == ["U", "U"])


@holds(4, "html")
def test_a_key_over_several_rows_is_the_first_rows_alone(tmp_path: Path) -> None:
    rows = (tr("<td rowspan=2>1</td>", "a", "U"), tr("b", "V"))
    found, got, _ = one_table(write(tmp_path, page(table(*rows))), NAO)
    assert [row["Nr"] for _, row in got] == ["1", ""]
    assert [(n.rule, n.row, n.column) for n in found.notices] == [("cell_merged", 2, "Nr")]


@holds(7, "html")
@pytest.mark.parametrize(
    ("row", "ragged"),
    [
        pytest.param(tr("3", "Bonn"), ("3", "Bonn"), id="one-missing"),
        pytest.param(tr("3"), ("3",), id="a-key-alone"),
        pytest.param(tr("3", "a", "b", "c"), ("3", "a", "b", "c"), id="one-too-many"),
        pytest.param(tr("3", "a", "b", " "), None, id="a-blank-one-too-many"),
        pytest.param(tr("<td colspan=2>3</td>", "b"), None, id="one-over-two-columns"),
        pytest.param(tr("Summe", "3"), None, id="a-total"),
        pytest.param(tr("Seite 2"), None, id="a-title"),
        pytest.param("<tr></tr>", None, id="nothing"),
        pytest.param(tr("&nbsp;"), None, id="blank"),
    ],
)
def test_rows_of_another_width(row: str, ragged: tuple[str, ...] | None, tmp_path: Path) -> None:
    _, rows, left = one_table(write(tmp_path, page(table(ONE, row, TWO))), NAO)
    assert [(r.row, r.cells) for r in left] == ([] if ragged is None else [(3, ragged)])
    found = [place for place, _ in rows]
    assert (found[0], found[-1]) == (2, 4) and (3 not in found or ragged is None)


def test_rows_as_wide_as_a_header_with_a_column_without_a_name(tmp_path: Path) -> None:
    header = HEAD.replace("</tr>", "<th></th></tr>")
    content = f"<table>{header}{ONE}{tr('2', 'b', 'U', 'ändern')}</table>"
    _, rows, ragged = one_table(write(tmp_path, content), NAO)
    assert [row["Nr"] for _, row in rows] == ["1", "2"] and not ragged


@pytest.mark.parametrize(
    "of", [' style="display: none"', " hidden", " style='VISIBILITY:collapse'"]
)
def test_hidden_rows_are_told(of: str, tmp_path: Path) -> None:
    hidden = (tr("3", "c", "U", of=of), f"<tbody{of}>{tr('4', 'd', 'U')}</tbody>")
    found, rows, _ = one_table(write(tmp_path, page(table(ONE, *hidden))), NAO)
    assert len(rows) == 3
    assert [(n.rule, n.row) for n in found.notices] == [("hidden_rows", 3)]


def test_removed_signs_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, WHOLE.replace("Haile", "Ha\0ile"))
    found, rows, _ = one_table(path, NAO)
    assert rows[0][1]["Name"] == "Haile" and [n.rule for n in found.notices] == ["nul_removed"]
    (seen,) = profile_file(path)
    assert isinstance(seen, TextTable) and rows_of(seen)[0]
    assert "nul_removed" in [n.rule for n in seen.notices]


def test_a_table_that_reaches_too_far(tmp_path: Path) -> None:
    wide = tr("<td colspan=90>1</td>")
    path = write(tmp_path, page(table(wide, wide)))
    assert refusal(path, NAO, Limits(cells=150)).rule == "too_large"
    assert refusal(path, NAO, Limits(cells=200)).rule == "too_large"
    row = tr(*(["<td colspan=90>1</td>"] * 3))
    assert refusal(write(tmp_path, page(table(row))), NAO, Limits(columns=80)).rule == "too_large"
