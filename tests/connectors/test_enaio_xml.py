"""enaio's XML: given bytes, expected rows and places; dangerous and broken files refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.reading import one_table, refusal, walked, wanted

AB = wanted("A", "B", table="Person")
HEAD = '<?xml version="1.0" encoding="UTF8" ?>\n'


def object_type(name: str, columns: str, *rows: str) -> str:
    cols = "".join(f'<Column object="{name}" name="{c}" type="TEXT"/>' for c in columns)
    lines = "".join(f'<Row id="{9000 + n}">{row}</Row>\n' for n, row in enumerate(rows))
    return (
        f'<ObjectType name="{name}" id="1"><Rowset><Columns>{cols}<Column name="@FILES"/></Columns>'
        f"<Rows>{lines}</Rows></Rowset></ObjectType>"
    )


def export(*types: str, head: str = HEAD) -> str:
    return f'{head}<DMSContent format="LOL"><Archive name="F" id="7">{"".join(types)}</Archive></DMSContent>'


def values(*texts: str) -> str:
    return "".join(f"<Value>{t}</Value>" if t else "<Value/>" for t in texts)


@pytest.fixture
def xml(tmp_path: Path):
    def write(content: bytes | str) -> Path:
        path = tmp_path / "t.xml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_rows_and_positions(xml) -> None:
    rows_in = (values("1", "Yılmaz &amp; Söhne", ""), values("", "", ""), values("2", "", ""))
    path = xml(export(object_type("Person", "AB", *rows_in)))
    table, rows, ragged = one_table(path, AB)
    assert [(row, c["A"], c["B"]) for row, c in rows] == [(1, "1", "Yılmaz & Söhne"), (3, "2", "")]
    assert (table.header, table.unknown) == (("A", "B", "@FILES"), ("@FILES",))
    assert (table.sheet, table.title) == (None, "Person")
    assert ragged == [] and table.notices == []


def test_rows_of_another_width_are_ragged(xml) -> None:
    path = xml(
        export(
            object_type(
                "Person", "AB", values("1", "x"), values("2", "y", ""), values("3", "z", "", "w")
            )
        )
    )
    _, rows, ragged = one_table(path, AB)
    assert [row for row, _ in rows] == [2]
    assert [(r.row, r.cells) for r in ragged] == [(1, ("1", "x")), (3, ("3", "z", "", "w"))]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        pytest.param(HEAD, "utf-8", id="header-says-UTF8"),
        pytest.param(HEAD, "cp1252", id="cp1252-under-a-header-that-says-UTF8"),
        pytest.param("", "utf-8", id="no-header"),
        pytest.param("\ufeff" + HEAD, "utf-8", id="mark"),
        pytest.param(HEAD, "utf-16", id="utf-16"),
        pytest.param(HEAD.replace("UTF8", "iso-8859-1"), "utf-8", id="header-says-latin-1-wrongly"),
        pytest.param(HEAD.replace("UTF8", "iso-8859-15"), "iso-8859-15", id="header-is-right"),
    ],
)
def test_encodings(xml, head: str, encoding: str) -> None:
    path = xml(
        export(object_type("Person", "AB", values("1", "Größe €", "")), head=head).encode(encoding)
    )
    assert one_table(path, AB)[1][0][1]["B"] == "Größe €"


def test_control_characters_are_removed_and_counted(xml, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.readers.text.encoding.TextFile.read_blocks.__defaults__", (5,))
    path = xml(export(object_type("Person", "AB", values("1", "a\x0bb&#x1F;c&#11;d&#10;e\0", ""))))
    table, rows, _ = one_table(path, AB)
    assert rows[0][1]["B"] == "a b c d\ne"
    assert sorted(n.rule for n in table.notices) == ["control_removed", "nul_removed"]
    assert "3 Steuerzeichen" in " ".join(n.message for n in table.notices)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        pytest.param(
            HEAD + "<!DOCTYPE x [<!ENTITY a 'b'>]>" + export(head=""), "doctype", id="doctype"
        ),
        pytest.param(
            "<!-- x --> <!doctype x>" + export(head=""), "doctype", id="doctype-after-comment"
        ),
        pytest.param(
            f"<!--{'x' * 5_000_000}--><!DOCTYPE x>" + export(head=""),
            "xml_unknown",
            id="doctype-far-down",
        ),
        pytest.param(
            export(object_type("Person", "AB", values("1", "&unbekannt;", ""))),
            "broken_file",
            id="entity",
        ),
        pytest.param(
            export(object_type("Person", "AB", values("1", "x", "")))[:-60],
            "broken_file",
            id="cut-off",
        ),
        pytest.param(HEAD + "<Liste><Eintrag/></Liste>", "xml_unknown", id="other-xml"),
        pytest.param(export().replace("LOL", "HOL"), "xml_unknown", id="nested-format"),
        pytest.param(HEAD, "broken_file", id="only-a-header"),
        pytest.param(export(object_type("Person", "AC")), "column_missing", id="column-missing"),
        pytest.param(
            export(object_type("Beratung", "AB")), "sheet_missing", id="object-type-missing"
        ),
    ],
)
def test_refusals(xml, content: str, rule: str) -> None:
    error = refusal(xml(content), AB)
    assert error.rule == rule and error.message.endswith(".")


def test_several_object_types_each_to_its_own(xml) -> None:
    beratung = object_type("Beratung", "AC", values("9", "9", ""))
    person = object_type("Person", "AB", values("1", "x", ""))
    path = xml(export(beratung, person))
    found = walked(path, [AB, wanted("A", "C", table="beratung"), AB, wanted("A", table="Ziel")])
    first, second, again, missing = found
    assert first[0].title == "Beratung"  # type: ignore[index]
    assert second[1] == again[1] == [(1, {"A": "1", "B": "x", "@FILES": ""})]  # type: ignore[index]
    assert missing.error.rule == "sheet_missing"  # type: ignore[union-attr]


def test_a_file_of_one_object_type_is_not_blamed_for_the_others(xml) -> None:
    found = walked(xml(export(object_type("Person", "AB"))), [wanted("A", table="Ziel"), AB])
    assert len(found) == 1 and found[0][1] == []  # type: ignore[index]
