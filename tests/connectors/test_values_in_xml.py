"""Values of enaio's XML exports: no field twice in silence, no text within a value lost or run together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.reading import one_table, refusal, wanted
from tests.connectors.test_enaio_xml import HEAD, export, object_type, values
from tests.connectors.test_foreign_formats import sheets

AB = wanted("A", "B", table="Person")


def nested(fields: str, beside: str = "") -> str:
    """A hierarchical export of one object of the type Person."""
    return (
        f'{HEAD}<DMSContent format="HOL"><Archive><ObjectType name="Person"><ObjectList><Object id="7">'
        f"<Fields>{fields}</Fields>{beside}</Object></ObjectList></ObjectType></Archive></DMSContent>"
    )


def field(name: str, content: str) -> str:
    return f'<Field name="{name}">{content}</Field>' if content else f'<Field name="{name}"/>'


def multi(name: str, *texts: str) -> str:
    pages = "".join(f"<Page><Value>{text}</Value></Page>" for text in texts)
    return f'<MultiField name="{name}">{pages}</MultiField>'


def cells_of(path: Path, content: str, table: str = "Person", column: str = "B") -> str:
    """What the first row has in one column."""
    path.write_text(content, encoding="utf-8")
    _, rows, _ = one_table(path, wanted(column, table=table, required=()))
    return rows[0][1][column]


MULTI = "<MultiFields>{}</MultiFields>"
SYSTEM = '<SystemFields><SystemField name="B">{}</SystemField></SystemFields>'


@pytest.mark.parametrize(
    ("fields", "beside", "cell"),
    [
        pytest.param(field("B", "x") + field("B", ""), "", "x", id="filled-then-empty"),
        pytest.param(field("B", "") + field("B", "x"), "", "x", id="empty-then-filled"),
        pytest.param(field("B", "x") + field("B", " x "), "", "x", id="the-same"),
        pytest.param(field("B", "x") + field("B", "y"), "", "\ufffdx \ufffdy", id="unlike"),
        pytest.param(
            field("B", "x") + field("B", "y") + field("B", "z"), "", "\ufffdx \ufffdy \ufffdz",
            id="three",
        ),
        pytest.param(
            field("B", "x"), MULTI.format(multi("B", "y")), "\ufffdx \ufffdy", id="multi-field"
        ),
        pytest.param(
            field("B", "x"), MULTI.format(multi("B", "x", "y")), "x\ny", id="one-of-its-values"
        ),
        pytest.param(
            "", MULTI.format(multi("B", "x") + multi("B", "y", "x")), "x\ny", id="multi-field-twice"
        ),
        pytest.param(field("B", "x"), SYSTEM.format("y"), "\ufffdx \ufffdy", id="system-field"),
        pytest.param(field("B", "x"), SYSTEM.format(""), "x", id="empty-system-field"),
        pytest.param("<B>x</B><B>y</B>", "", "\ufffdx \ufffdy", id="elements-of-its-name"),
    ],
)  # fmt: skip
def test_a_field_twice(tmp_path: Path, fields: str, beside: str, cell: str) -> None:
    content = nested(field("A", "1") + fields, beside)
    assert cells_of(tmp_path / "t.xml", content) == cell


@pytest.mark.parametrize(
    ("second", "cell"), [("B1", "\ufffdA1 \ufffdB1"), ("", "A1"), ("A1", "A1")]
)
def test_a_field_twice_in_a_table_row(tmp_path: Path, second: str, cell: str) -> None:
    row = f"<Row>{field('Kurs', 'A1')}{field('Kurs', second)}</Row>"
    content = nested("", f'<TableFields><TableField name="K">{row}</TableField></TableFields>')
    assert cells_of(tmp_path / "t.xml", content, "Person.K", "Kurs") == cell


@pytest.mark.parametrize(("second", "cell"), [("y", "\ufffdx \ufffdy"), ("", "x"), ("x", "x")])
def test_a_field_twice_in_a_workbook(tmp_path: Path, second: str, cell: str) -> None:
    fields = [[1, "B", "b", "T", 9, text] for text in ("x", second)]
    path = sheets(
        tmp_path / "t.xlsx",
        Objects=[["ID", "Typ", "Nr", "Eltern", "Datei"], [1, "Person", 5, "", ""]],
        Fields=[["Objekt", "Feld", "Intern", "Art", "Länge", "Wert"], *fields],
    )
    assert one_table(path, wanted("B", table="Person"))[1][0][1]["B"] == cell


WITHIN = [
    pytest.param("Ul<br/>m", "Ul\nm", id="line-break"),
    pytest.param("<b>Ulm</b> Mitte", "Ulm Mitte", id="bold"),
    pytest.param("Al<i>i</i> Hassan", "Ali Hassan", id="within-a-word"),
    pytest.param("<Item>1</Item><Item>2</Item>", "1\n2", id="two-elements"),
    pytest.param("1<Item>2</Item>3", "1\n2\n3", id="beside-an-element"),
    pytest.param("<Value><Value>1</Value> <Value>2</Value></Value>", "1\n2", id="nested"),
    pytest.param("<Value>\n 3\n</Value>", "3", id="pretty"),
    pytest.param("<b/>", "", id="empty"),
    pytest.param('<Item wert="4"/>', "\ufffd4", id="attribute"),
]


@pytest.mark.parametrize(("content", "cell"), WITHIN)
def test_elements_within_a_nested_field(tmp_path: Path, content: str, cell: str) -> None:
    path = tmp_path / "t.xml"
    assert cells_of(path, nested(field("A", "1") + field("B", content))) == cell
    assert one_table(path, AB)[0].unknown in (("@ID", "@PARENT"), ("@ID", "@PARENT", "B.wert"))


@pytest.mark.parametrize(("content", "cell"), WITHIN)
def test_elements_within_a_linear_value(tmp_path: Path, content: str, cell: str) -> None:
    row = f"<Value>1</Value><Value>{content}</Value><Value/>"
    assert cells_of(tmp_path / "t.xml", export(object_type("Person", "AB", row))) == cell


@pytest.mark.parametrize("content", ["Bad <b>Ulm</b>", "<b>Bad</b> Ulm", "Bad Ulm"])
def test_elements_within_an_element_named_as_its_field(tmp_path: Path, content: str) -> None:
    written = nested(f"<A>1</A><Ort>{content}</Ort>")
    assert cells_of(tmp_path / "t.xml", written, column="Ort") == "Bad Ulm"


def test_attributes_within_a_nested_field_are_columns(tmp_path: Path) -> None:
    value = '<Value bis="2024">x</Value>'
    content = nested(field("A", "1") + field("B", value), MULTI.format(multi("C", "")))
    path = tmp_path / "t.xml"
    path.write_text(content.replace("<Value></Value>", value))
    table, rows, _ = one_table(path, AB)
    assert table.unknown == ("@ID", "@PARENT", "B.bis", "C", "C.bis")
    assert rows[0][1] | {"B": "x", "B.bis": "2024", "C": "x", "C.bis": "2024"} == rows[0][1]


@pytest.mark.parametrize(
    ("rows", "told", "ragged"),
    [
        pytest.param((values("1", "x", ""),), [], [], id="nothing"),
        pytest.param(
            (values("1", "x", ""), '<Value bis="1">2</Value><Value/><Value/>'), [2], [], id="value"
        ),
        pytest.param(
            ('<Value><Item bis="1">2</Item></Value><Value/><Value/>',), [1], [], id="within"
        ),
        pytest.param(("<Value>1</Value>x<Value/><Value/>",), [1], [], id="text-between"),
        pytest.param(("1|x|", values("2", "", "")), [], [(1, ("1|x|",))], id="text-alone"),
        pytest.param(('<Value name="A">1</Value><Value/><Value/>',), [], [], id="name"),
        pytest.param(
            ('<Value name="B">x</Value><Value name="A">1</Value><Value/>',),
            [],
            [(1, ("x\n1\n",))],
            id="names-of-other-columns",
        ),
        pytest.param(("<B>x</B><A>1</A><C/>",), [], [(1, ("x\n1\n",))], id="elements-of-others"),
        pytest.param(("<A>1</A><B>x</B><C/>",), [], [], id="elements-in-order"),
    ],
)
def test_what_stands_beside_the_values_of_a_row(
    tmp_path: Path, rows: tuple[str, ...], told: list[int], ragged: list[object]
) -> None:
    path = tmp_path / "t.xml"
    path.write_text(export(object_type("Person", "AB", *rows)))
    table, _, left = one_table(path, AB)
    assert [(n.rule, n.row) for n in table.notices] == [("beside_table", row) for row in told]
    assert [(row.row, row.cells) for row in left] == ragged


def test_an_object_type_without_columns_has_not_those_of_another(tmp_path: Path) -> None:
    path = tmp_path / "t.xml"
    nameless = f"<Rowset><Rows><Row>{values('9', 'y', '')}</Row></Rows></Rowset>"
    person = f'<ObjectType name="Person">{nameless}</ObjectType>'
    path.write_text(export(object_type("Beratung", "AB", values("1", "x", "")), person))
    assert refusal(path, AB).rule == "column_missing"


@pytest.mark.parametrize(
    ("between", "ragged"),
    [
        pytest.param("\n  ", [], id="blank"),
        pytest.param("<Ende/>", [], id="an-empty-element"),
        pytest.param("2|y", [(1, "2|y")], id="a-text"),
        pytest.param(
            "<Zeile><Value>2</Value><Value>y</Value></Zeile>", [(1, "2\ny")], id="an-element"
        ),
    ],
)
def test_what_stands_between_rows(
    between: str, ragged: list[tuple[int, str]], tmp_path: Path
) -> None:
    path = tmp_path / "t.xml"
    rows = object_type("Person", "AB", values("1", "x", ""), values("3", "z", ""))
    path.write_text(export(rows.replace("</Row>", f"</Row>{between}", 1)))
    _, found, left = one_table(path, AB)
    assert [(place, cells["A"]) for place, cells in found] == [(1, "1"), (2, "3")]
    assert [(row.row, row.cells[0]) for row in left] == ragged


def test_attributes_between_rows_are_told_and_no_row(tmp_path: Path) -> None:
    path = tmp_path / "t.xml"
    rows = object_type("Person", "AB", values("1", "x", "")).replace("<Rows>", '<Rows count="1">')
    path.write_text(export(rows))
    assert (one_table(path, AB)[0].notices, one_table(path, AB)[2]) == ([], [])
    path.write_text(export(rows.replace("</Rows>", '<Zeile A="2"/></Rows>')))
    table, _, left = one_table(path, AB)
    assert ([(n.rule, n.row) for n in table.notices], left) == ([("beside_table", 1)], [])


def test_texts_around_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.xml"
    rows = object_type("Person", "AB", values("1", "x", ""))
    path.write_text(export(rows.replace("<Rows>", "<Rows>a").replace("</Rows>", "b</Rows>")))
    _, _, left = one_table(path, AB)
    assert "".join(sorted("".join(row.cells[0] for row in left))) == "ab"
