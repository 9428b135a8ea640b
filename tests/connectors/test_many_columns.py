"""A table of 100,000 columns is refused by every reader, in less than a second of the processor."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.readers.open_file import open_tables
from connectors.tables.text_table import CannotRead, UnreadableTable, Wanted
from tests.connectors.reading import rows_of, wanted
from tests.connectors.test_workbook import ods, ods_row

MANY = 100_000
NAMES = [f"S{number}" for number in range(MANY)]
OBJECT = {"system:objectId": "1", **dict.fromkeys(NAMES, "x")}
PAGE = "Person/000001-000001.json"
XML = '<?xml version="1.0"?><DMSContent format="{}"><Archive name="F" id="7">{}</Archive></DMSContent>'
XML_2003 = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="T"><Table>'
    "{}</Table></Worksheet></Workbook>"
)


def text(content: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    return write


def letters(number: int) -> str:
    """The letters of a column, from 1."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def write_xlsx(path: Path) -> Path:
    """A workbook as a program of its own might write it; Excel knows 16,384 columns."""
    cells = "".join(
        f'<c r="{letters(n)}1" t="inlineStr"><is><t>{name}</t></is></c>'
        for n, name in enumerate(NAMES, start=1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    pack = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{pack}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{pack}/relationships"><Relationship Id="r1" '
        f'Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{pack}/relationships">'
        f'<Relationship Id="r1" Type="{links}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets>'
        '<sheet name="T" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData><row r="1">{cells}'
        "</row></sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def nested(name: str) -> str:
    return f'<Column name="{name}" type="TEXT"/>'


FILES: dict[str, tuple[str, Callable[[Path], Path], Wanted]] = {
    "csv": ("t.csv", text(";".join(NAMES) + "\n" + ";".join(NAMES)), wanted("S0", "S1")),
    "csv-tab": ("t.txt", text("\t".join(NAMES) + "\n"), wanted("S0", "S1")),
    "csv-empty": ("t.csv", text("S0" + ";" * MANY), wanted("S0", "S1", required=("S0",))),
    "xlsx": ("t.xlsx", write_xlsx, wanted("S0", "S1")),
    "ods": ("t.ods", lambda path: ods(path, ods_row(*NAMES)), wanted("S0", "S1")),
    "html": (
        "t.xls",
        text(f"<html><table><tr><td>{'<td>'.join(NAMES)}</table></html>"),
        wanted("S0", "S1"),
    ),
    "xml-2003": (
        "t.xml",
        text(
            XML_2003.format(
                "<Row>"
                + "".join(f"<Cell><Data ss:Type='String'>{n}</Data></Cell>" for n in NAMES)
                + "</Row>"
            )
        ),
        wanted("S0", "S1"),
    ),
    "enaio-xml": (
        "t.xml",
        text(
            XML.format(
                "LOL",
                '<ObjectType name="P" id="1"><Rowset><Columns>'
                + "".join(map(nested, NAMES))
                + "</Columns><Rows/></Rowset></ObjectType>",
            )
        ),
        wanted("S0", "S1", table="P"),
    ),
    "enaio-nested": (
        "t.xml",
        text(
            XML.format(
                "HOL",
                '<ObjectType name="P"><ObjectList><Object id="1"><Fields>'
                + "".join(f'<Field name="{name}">x</Field>' for name in NAMES)
                + "</Fields></Object></ObjectList></ObjectType>",
            )
        ),
        wanted("S0", "S1", table="P"),
    ),
    "fixed": ("t.txt", text("x"), wanted("S0", "S1", description="felder.txt")),
    "header-file": ("t.txt", text("x"), wanted("S0", "S1", description="kopf.txt")),
    "json-lines": ("t.jsonl", text(json.dumps(OBJECT) + "\n"), wanted("S0", "S1")),
    "json-array": ("t.json", text(json.dumps([OBJECT])), wanted("S0", "S1")),
    "json-one-more-each": (
        "t.jsonl",
        text("\n".join(json.dumps({name: "x"}) for name in NAMES)),
        wanted("S0", "S1"),
    ),
    "enaio-page": (
        PAGE,
        text(json.dumps({"objects": [{"properties": OBJECT}]})),
        wanted("S0", "S1", table="Person"),
    ),
    "enaio-table-field": (
        PAGE,
        text(
            json.dumps(
                {
                    "objects": [
                        {
                            "properties": {
                                "system:objectId": "1",
                                "T": {"columnNames": NAMES, "value": [NAMES]},
                            }
                        }
                    ]
                }
            )
        ),
        wanted("S0", "S1", table="Person.T"),
    ),
}


def described(folder: Path) -> dict[str, Path]:
    """Two files that describe the columns of another, in as few bytes as possible."""
    files = {
        "felder.txt": "[ASIMPEXP]\n" + "".join(f"{n % 10}{n:x} C(1)\n" for n in range(80_000)),
        "kopf.txt": ";".join(f"{n:x}" for n in range(MANY)),
    }
    return {name: text(content)(folder / name) for name, content in files.items()}


def refused(path: Path, shown_as: str, want: Wanted, beside: dict[str, Path]) -> str:
    """The rule by which the file or its only table is refused."""
    try:
        for table in open_tables(path, shown_as, [want], beside=beside):
            if isinstance(table, UnreadableTable):
                return table.error.rule
            rows_of(table)
    except CannotRead as error:
        return error.rule
    return "taken"


@pytest.mark.parametrize("kind", FILES)
def test_too_many_columns(tmp_path: Path, kind: str) -> None:
    name, write, want = FILES[kind]
    path, beside = write(tmp_path / name), described(tmp_path)
    begun = time.process_time()
    assert refused(path, name, want, beside) == "too_large"
    # Half a second at most where nothing else runs; the first versions took a minute.
    assert time.process_time() - begun < 10
