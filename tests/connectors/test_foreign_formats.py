"""Formats beside CSV, xlsx and linear XML: fixed widths, nested XML, enaio's workbooks, JSON, web pages, passwords, old workbooks."""

from __future__ import annotations

import io
from pathlib import Path

import msoffcrypto
import pytest
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

from connectors.readers.open_file import open_tables
from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable
from tests.connectors.reading import one_table, refusal, rows_of, walked, wanted

WORKBOOKS = Path(__file__).with_name("workbooks")
CLIENTS = wanted(
    "Nr", "Name", "Geburtsdatum", "PLZ", "Termin", "Wert", "Erledigt", table="Klienten"
)


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def looked(path: Path, **stated: object) -> dict[str, list[tuple[int, list[str]]]]:
    """Rows with their places by title of the table, the header first."""
    found = {}
    for table in profile_file(path, **stated):  # type: ignore[arg-type]
        assert isinstance(table, TextTable)
        found[table.title] = [
            (0, list(table.header)),
            *((row, list(cells.values())) for row, cells in rows_of(table)[0]),
        ]
    return found


HOL = """<?xml version="1.0" encoding="UTF8" ?><DMSContent format="HOL"><Archive name="F"><ObjectType name="Person" id="1"><ObjectList>
<Object id="7"><Fields><Field name="Name">Müller</Field><Field name="Ort"/></Fields><MultiFields><MultiField name="Sprachen">
<Page id="1"><Value>de</Value><Value>ar</Value></Page></MultiField></MultiFields><TableFields><TableField name="Kurse">
<Row line="1"><Field name="Kurs">A1</Field><Field name="Ende">01.02.2023</Field></Row>
<Row line="2"><Field name="Kurs">B1</Field></Row></TableField></TableFields>
<ChildObjects><ObjectType name="Beratung" id="2"><ObjectList><Object id="8"><Fields><Field name="Datum">03.02.2024</Field></Fields></Object>
</ObjectList></ObjectType></ChildObjects></Object><Object id="9"><Fields><Field name="Name">Haile</Field></Fields></Object>
</ObjectList></ObjectType></Archive></DMSContent>"""


def test_nested_xml(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xml", HOL)
    wants = [
        wanted("Name", "Sprachen", table="Person"),
        wanted("Datum", "@PARENT", table="beratung"),
    ]
    wants += [wanted("Kurs", table="Person.Kurse"), wanted("X", table="Ziel")]
    person, advice, courses, missing = walked(path, wants)
    assert person[1] == [  # type: ignore[index]
        (1, {"@ID": "7", "@PARENT": "", "Name": "Müller", "Ort": "", "Sprachen": "de\nar"}),
        (2, {"@ID": "9", "@PARENT": "", "Name": "Haile", "Ort": "", "Sprachen": ""}),
    ]
    assert advice[1] == [(1, {"@ID": "8", "@PARENT": "7", "Datum": "03.02.2024"})]  # type: ignore[index]
    assert [c["Kurs"] for _, c in courses[1]] == ["A1", "B1"]  # type: ignore[index]
    assert missing.error.rule == "sheet_missing"  # type: ignore[union-attr]
    assert set(looked(path)) == {"Person", "Person.Kurse", "Beratung"}
    assert refusal(path, wanted("Name", table="Person"), Limits(nesting=5)).rule == "too_large"


def sheets(path: Path, **rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, lines in rows.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    return path


def test_enaio_linear_workbook(tmp_path: Path) -> None:
    header = [
        "Person_usr_Name",
        "Person_usr_Staatsangeh_rigkeit",
        "Beratung_usr_Name",
        "Person_sys_angelegt",
        "@Image file name",
    ]
    path = sheets(
        tmp_path / "t.xlsx", data=[header, ["Müller", "Syrien", "anderer", "01.02.2023", ""]]
    )
    table, rows, _ = one_table(
        path, wanted("Name", "Staatsangehörigkeit", "angelegt", table="Person")
    )
    assert {n: rows[0][1][n] for n in ("Name", "Staatsangehörigkeit", "angelegt")} == {
        "Name": "Müller", "Staatsangehörigkeit": "Syrien", "angelegt": "01.02.2023",
    }  # fmt: skip
    assert table.unknown == ("Beratung_usr_Name", "@Image file name")


def test_enaio_hierarchical_workbook(tmp_path: Path) -> None:
    path = sheets(
        tmp_path / "t.xlsx",
        Objects=[["ID", "Typ", "Nr", "Eltern", "Datei"],
                 [1, "Person", 5, "", ""], [2, "Beratung", 6, 1, ""], [3, "Person", 5, "", ""]],
        Fields=[["Objekt", "Feld", "Intern", "Art", "Länge", "Wert"],
                [1, "Name", "n", "T", 9, "Müller"], [2, "Datum", "d", "D", 0, "x"], [3, "Name", "n", "T", 9, "Haile"]],
        MultiFields=[["ID", "Objekt", "Name", "Intern"], [10, 1, "Sprachen", "s"]],
        MultiFieldValues=[["Mehrfach", "Seite", "Art", "Länge", "Wert"], [10, 1, "T", 2, "de"], [10, 1, "T", 2, "ar"]],
    )  # fmt: skip
    person, advice = walked(
        path, [wanted("Name", "Sprachen", table="Person"), wanted("Datum", table="Beratung")]
    )
    assert person[1] == [  # type: ignore[index]
        (2, {"@ID": "1", "@PARENT": "", "Name": "Müller", "Sprachen": "de\nar"}),
        (4, {"@ID": "3", "@PARENT": "", "Name": "Haile", "Sprachen": ""}),
    ]
    assert advice[1] == [(3, {"@ID": "2", "@PARENT": "1", "Datum": "x"})]  # type: ignore[index]
    assert set(looked(path)) == {"Person", "Beratung"}


@pytest.mark.parametrize(
    ("content", "rows", "ragged"),
    [
        pytest.param(
            '{"A": "x", "B": 1.50}\n\n{"B": true, "A": null, "C": {"D": ["a", "b"]}}\n',
            [(1, ["x", "1.50", ""]), (3, ["", "Wahr", "a\nb"])], [], id="lines",
        ),
        pytest.param('[{"A": "x", "B": "ü"}, {"B": "2", "A": "y"}]', [(1, ["x", "ü"]), (2, ["y", "2"])], [], id="array"),
        pytest.param('{"A":"1","B":"2"}\n{"A": kaputt\n[1]\n', [(1, ["1", "2"])], [2, 3], id="broken-lines"),
        pytest.param('{"A":"x\\ud800","B":"y\\u0000"}\n', [(1, ["x\ufffd", "y\ufffd"])], [], id="no-text"),
        pytest.param('{"A":"1","B":"2"}\n{"A":"3","A":"4"}\n', [(1, ["1", "2"])], [2], id="a-name-twice"),
        pytest.param('[{"A":"1","B":"2"}, {"A":"3","A":"4"}]', [(1, ["1", "2"])], [2], id="a-name-twice-in-an-array"),
    ],
)  # fmt: skip
def test_json(
    tmp_path: Path, content: str, rows: list[tuple[int, list[str]]], ragged: list[int]
) -> None:
    path = write(tmp_path / "t.jsonl", content)
    _, got, bad = one_table(path, wanted("A", "B"))
    assert [(row, list(c.values())) for row, c in got] == rows and [r.row for r in bad] == ragged


def test_json_names_that_come_late_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.readers.text.json_lines._COLUMNS_FROM", 1)
    path = write(tmp_path / "t.jsonl", '{"A":"1"}\n{"A":"2"}\n{"A":"3","Z":"4"}\n')
    table, rows, ragged = one_table(path, wanted("A"))
    assert [row for row, _ in rows] == [1, 2] and [(r.row, r.cells) for r in ragged] == [
        (3, ('{"A":"3","Z":"4"}',))
    ]
    assert [n.rule for n in table.notices] == ["late_field"]


PAGE = """<html><body><table><tr><td>Navigation</td></tr></table><table><tr><th>Nr<th>Name</tr>
<tr><td>1</td><td>Müller &amp; <b>Söhne</b><br>Ulm</td></tr><tr><td rowspan=2>2<td>x<tr><td>y</tr></table></body></html>"""


def test_web_page_with_a_table(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xls", PAGE)
    _, rows, _ = one_table(path, wanted("Nr", "Name"))
    assert [(row, c["Nr"], c["Name"]) for row, c in rows] == [
        (2, "1", "Müller & Söhne\nUlm"),
        (3, "2", "x"),
        (4, "", "y"),
    ]
    assert refusal(path, wanted("Passwort", "Anmelden")).rule == "html"


def test_web_page_of_a_spreadsheet_program() -> None:
    _, rows, _ = one_table(WORKBOOKS / "gemeinde.html", wanted("Nr", "Name", "PLZ"))
    assert [(c["Nr"], c["PLZ"]) for _, c in rows][:2] == [("1", "01067"), ("2", "89073")]


XML_2003 = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="S"><Table><Row ss:Index="3"><Cell><Data ss:Type="String">Nr</Data></Cell>
<Cell ss:Index="3"><Data ss:Type="String">Name</Data></Cell></Row><Row><Cell><Data ss:Type="Number">7</Data></Cell><Cell ss:Index="3">
<Data ss:Type="String">Müller</Data></Cell></Row></Table></Worksheet></Workbook>"""


def test_xml_spreadsheet_2003(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xls", XML_2003)
    assert one_table(path, wanted("Nr", "Name"))[1] == [
        (4, {"Nr": "7", "Spalte 2": "", "Name": "Müller"})
    ]
    write(path, XML_2003.replace("<Workbook", "<!DOCTYPE x><Workbook"))
    assert refusal(path, wanted("Nr", "Name")).rule == "doctype"


@pytest.mark.parametrize("name", ["gemeinde.xls", "gemeinde.ods"])
def test_old_and_open_workbooks(name: str) -> None:
    table, rows, _ = one_table(WORKBOOKS / name, CLIENTS)
    first, second, third = (list(c.values()) for _, c in rows)
    assert first == [
        "1",
        "Yılmaz, Ömer",
        "1990-01-01",
        "01067",
        "2025-01-31T10:30:00",
        "1.5",
        "Wahr",
    ]
    assert second[1:3] == ['Groß "Zoë"\nzweite Zeile', "1900-03-01"]
    assert third[:3] == ["3", "Nachname", "2024-02-29"]
    assert [row for row, _ in rows] == [4, 5, 6]
    assert "„Intern“" in table.notices[0].message
    assert {(n.rule, n.row) for n in table.notices} >= {
        ("hidden_rows", 6),
        ("error_value", 5),
        ("footer", 7),
    }


def test_the_calendar_of_1904_and_numbers_shown_with_zeros() -> None:
    _, rows, _ = one_table(WORKBOOKS / "mac1904.xlsx", CLIENTS)
    assert [(c["Geburtsdatum"], c["PLZ"]) for _, c in rows][::2] == [
        ("1990-01-01", "01067"),
        ("2024-02-29", ""),
    ]


@pytest.mark.parametrize("name", ["gemeinde.xls", "gemeinde.ods", "mac1904.xlsx"])
def test_header_of_two_rows(name: str) -> None:
    _, rows, _ = one_table(
        WORKBOOKS / name,
        wanted("Nr", "Person Name", "Vorname", "Gespräch Datum", table="Zweizeilig"),
    )
    (row, cells) = rows[0]
    assert (row, cells["Nr"], cells["Person Name"], cells["Vorname"], cells["Gespräch Datum"]) == (
        3,
        "7",
        "Haile",
        "Sara",
        "2025-01-02",
    )


def test_header_of_two_rows_in_csv(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "Person;;Fall;\nName;Nr;Name;Nr\nx;1;y;2\n")
    want = wanted("Person Name", "Person Nr", "Fall Name", "Fall Nr")
    assert one_table(path, want)[1] == [
        (3, {"Person Name": "x", "Person Nr": "1", "Fall Name": "y", "Fall Nr": "2"})
    ]
    stated = wanted("Person Name", "Fall Nr", header_row=1, header_rows=2)
    assert one_table(path, stated)[1][0][0] == 3


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locked")
    plain = sheets(folder / "plain.xlsx", S=[["Nr", "Name"], [1, "x"]])
    with plain.open("rb") as source, (folder / "t.xlsx").open("wb") as target:
        OOXMLFile(source).encrypt("geheim", target)
    return folder / "t.xlsx"


def test_workbook_with_password(locked: Path) -> None:
    want = wanted("Nr", "Name")
    assert msoffcrypto.OfficeFile(io.BytesIO(locked.read_bytes())).is_encrypted()
    assert refusal(locked, want).rule == "encrypted"
    (table,) = open_tables(locked, "t.xlsx", [want], password="geheim")
    assert isinstance(table, TextTable) and rows_of(table)[0] == [(2, {"Nr": "1", "Name": "x"})]
    assert looked(locked, password="geheim")["S"] == [(0, ["Nr", "Name"]), (2, ["1", "x"])]
    with pytest.raises(CannotRead) as caught:
        list(open_tables(locked, "t.xlsx", [want], password="falsch"))
    assert caught.value.rule == "password" and "falsch" not in caught.value.message


def test_cp850_by_declaration(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "Nr;Straße\n1;Größe\n".encode("cp850"))
    assert one_table(path, wanted("Nr", "Straße", encoding="cp850"))[1][0][1]["Straße"] == "Größe"


def test_the_limit_of_what_is_held_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "t.json", '[{"A": "1"}]')
    assert refusal(path, wanted("A"), Limits(whole_bytes=5)).rule == "too_large"
    assert not isinstance(next(open_tables(path, "t.json", [wanted("A")])), UnreadableTable)


def test_marks_of_an_xml_spreadsheet_2003(tmp_path: Path) -> None:
    styles = '<Styles><Style ss:ID="z"><NumberFormat ss:Format="00000"/></Style><Style ss:ID="y" ss:Parent="z"/></Styles>'
    rows = """<Row><Cell ss:StyleID="z"><Data ss:Type="Number">1067</Data></Cell><Cell ss:Index="3" ss:Formula="=1/0"><Data ss:Type="Error"
    >#DIV/0!</Data></Cell></Row><Row ss:Hidden="1"><Cell ss:StyleID="y"><Data ss:Type="Number">7</Data></Cell></Row><Row ss:StyleID="z"
    ss:Hidden="0"><Cell><Data ss:Type="Number">1.5</Data></Cell><Cell ss:Index="3" ss:Formula="=1+1"/></Row></Table>"""
    path = write(
        tmp_path / "t.xls",
        XML_2003.replace("<Worksheet", f"{styles}<Worksheet").replace("</Table>", rows),
    )
    table, found, _ = one_table(path, wanted("Nr", "Name"))
    assert [(row, c["Nr"], c["Name"]) for row, c in found] == [
        (4, "7", "Müller"),
        (5, "01067", ""),
        (6, "00007", ""),
        (7, "1.5", ""),
    ]
    assert [(n.rule, n.row, n.column) for n in table.notices] == [
        ("hidden_rows", 6, None),
        ("formula_without_value", 7, "Name"),
        ("error_value", 5, "Name"),
    ]
