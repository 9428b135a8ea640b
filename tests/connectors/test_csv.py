"""CSV files: given bytes, expected rows and places."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from connectors.tables.limits import Limits
from tests.connectors.reading import one_table, refusal, rows_of, walked, wanted

AB = wanted("A", "B")


@pytest.fixture
def csv(tmp_path: Path):
    def write(content: bytes | str, name: str = "t.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("A;B\n1;x\n2;y\n", [(2, "1", "x"), (3, "2", "y")], id="plain"),
        pytest.param(
            "A;B\r\n1;x\r\n2;y", [(2, "1", "x"), (3, "2", "y")], id="crlf-and-no-last-line-end"
        ),
        pytest.param("A\tB\n1\tx;y\n", [(2, "1", "x;y")], id="tab"),
        pytest.param("A,B\n1,x\n", [(2, "1", "x")], id="comma"),
        pytest.param("sep=|\nA|B\n1|x\n", [(3, "1", "x")], id="sep-line"),
        pytest.param(
            'A;B\n1;"x\ny"\n2;z\n', [(2, "1", "x\ny"), (4, "2", "z")], id="quoted-line-break"
        ),
        pytest.param(
            'A;B\n1;"x\r\n\r\ny"\r\n2;z\r\n',
            [(2, "1", "x\r\n\r\ny"), (5, "2", "z")],
            id="quoted-crlf",
        ),
        pytest.param('A;B\n1;"sagt ""ja"""\n', [(2, "1", 'sagt "ja"')], id="doubled-quote"),
        pytest.param('A;B\n1;5" Rohr\n', [(2, "1", '5" Rohr')], id="quote-inside-plain-field"),
        pytest.param("A;B\r1;x\r2;y\r", [(2, "1", "x"), (3, "2", "y")], id="old-mac-line-ends"),
        pytest.param("A;B\n\n1;x\n;\n \n2;y\n", [(3, "1", "x"), (6, "2", "y")], id="blank-rows"),
        pytest.param("A;B\n00017;01234\n", [(2, "00017", "01234")], id="leading-zeros"),
        pytest.param("A;B\n1;x\nA;B\n2;y\n", [(2, "1", "x"), (4, "2", "y")], id="repeated-header"),
        pytest.param("A;B\n1;NA\n2;null\n", [(2, "1", "NA"), (3, "2", "null")], id="no-null-words"),
        pytest.param("A;B\n", [], id="header-only"),
    ],
)
def test_rows_and_their_lines(csv, content: str, expected: list[tuple[int, str, str]]) -> None:
    _, rows, ragged = one_table(csv(content), AB)
    assert [(row, cells["A"], cells["B"]) for row, cells in rows] == expected
    assert ragged == []


@pytest.mark.parametrize(
    ("content", "rows_expected", "ragged_expected"),
    [
        pytest.param(
            "A;B\n1;x\n2\n3;y;z\n4;w\n",
            [2, 5],
            [(3, ("2",)), (4, ("3", "y", "z"))],
            id="few-and-many",
        ),
        pytest.param(
            'A;B\n"1\n2";x;y\n3;z\n', [4], [(2, ("1\n2", "x", "y"))], id="with-line-break"
        ),
        pytest.param(
            'A;B\n1;"offen\n2;y\n3;z\n', [3, 4], [(2, ('1;"offen',))], id="quote-never-closed"
        ),
        pytest.param(
            'A;B\n"Haus "Sonne"";x\n2;y\n', [3], [(2, ('"Haus "Sonne"";x',))], id="stray-quotes"
        ),
        pytest.param("A;B\n1;x;\n", [], [(2, ("1", "x", ""))], id="one-empty-field-too-many"),
    ],
)
def test_ragged_rows_are_kept_and_never_shifted(
    csv, content: str, rows_expected: list[int], ragged_expected
) -> None:
    _, rows, ragged = one_table(csv(content), AB)
    assert [row for row, _ in rows] == rows_expected
    assert [(r.row, r.cells) for r in ragged] == ragged_expected


def test_preamble_and_footer(csv) -> None:
    content = "Stand: 31.01.2025\nTräger;Diakonie\n\nNr;Name;Wert\n1;Summer;2\n;Ende;3\n;Endres;3\nSumme;;5\n;Summe;5\n"
    table, rows, _ = one_table(csv(content), wanted("Nr", "Name", "Wert"))
    assert table.preamble == {"Stand": "31.01.2025", "Träger": "Diakonie"}
    assert [row for row, _ in rows] == [5, 7], "a footer word is a whole word"
    (notice,) = table.notices
    assert (notice.rule, notice.row) == ("footer", 6) and "3 Zeilen (6, 8, 9)" in notice.message


WORDS = frozenset({"der", "datei", "datensätze"})


@pytest.mark.parametrize(
    ("row", "is_footer"),
    [
        ("Ende", True),
        ("Ende;", True),
        (";Ende", True),
        ("Stand: 31.07.2025 17:30;", True),
        ("Summe: 12 Datensa\u0308tze", True),
        ("Quelle: System X;", True),
        ("Quelle: System Y;", False),
        ("Ende: Widerruf von 1", False),
        ("Ende: Widerruf von 1;", False),
        (";Ende: Widerruf von 1", False),
        ("Ende der Datei;1", False),
        ("Endres", False),
        ("1;", False),
    ],
)
@pytest.mark.parametrize("fast", [False, True])
def test_a_footer_where_consents_are_says_nothing_else(
    csv, monkeypatch: pytest.MonkeyPatch, row: str, is_footer: bool, fast: bool
) -> None:
    monkeypatch.setattr("connectors.readers.csv.blocks.SMALL_BYTES", 0 if fast else 2**60)
    footers = ("Ende", "Stand", "Summe", "Quelle", "Quelle: System X")
    want = wanted("Nr", "Name", footers=footers, footer_words=WORDS)
    table, rows, ragged = one_table(csv(f"Nr;Name\n1;Summer\n{row}\n"), want)
    assert len(rows) + len(ragged) == (1 if is_footer else 2)
    told = [n.rule for n in table.notices]
    assert told == ["footer"] if is_footer else set(told) <= {"footer_like"}


def test_columns_are_named_by_the_mapping_and_unknown_ones_told(csv) -> None:
    content = "Klient-Nr. *;Straße;;gespraech_id\n1;Weg;z;2\n"
    table, rows, _ = one_table(csv(content), wanted("Klient Nr.", "Gespräch-ID"))
    assert table.header == ("Klient-Nr. *", "Straße", "Spalte 3", "gespraech_id")
    assert table.unknown == ("Straße", "Spalte 3")
    assert rows == [(2, {"Klient Nr.": "1", "Straße": "Weg", "Spalte 3": "z", "Gespräch-ID": "2"})]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param("A;B\n1;Müñoz ğ\n".encode(), None, id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + "A;B\n1;Müñoz ğ\n".encode(), None, id="utf-8-with-mark"),
        pytest.param("A;B\n1;Müñoz ğ\n".encode("utf-16"), None, id="utf-16-with-mark"),
        pytest.param("A;B\n1;Müñoz ğ\n".encode("utf-16-le"), None, id="utf-16-little-without-mark"),
        pytest.param("A;B\n1;Müñoz ğ\n".encode("utf-16-be"), None, id="utf-16-big-without-mark"),
        pytest.param("A;B\n1;Müñoz ğ\n".encode("iso8859-9"), "iso8859-9", id="declared"),
    ],
)
def test_encodings(csv, content: bytes, encoding: str | None) -> None:
    _, rows, _ = one_table(csv(content), wanted("A", "B", encoding=encoding))
    assert rows == [(2, {"A": "1", "B": "Müñoz ğ"})]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "names",
    [
        ["Yılmaz", "Āmina Šimić", "Ċa", "😀"],
        ["محمد إبراهيم", "اسم العائلة"],
        ["Марина Іваненко", "Ярослав"],
        ["一"],
    ],
)
def test_utf_16_without_mark_is_known_whatever_the_script(
    csv, encoding: str, names: list[str]
) -> None:
    text = "A;B\r\n" + "".join(f"{number};{name}\r\n" for number, name in enumerate(names, start=2))
    _, rows, _ = one_table(csv(text.encode(encoding)), AB)
    assert rows == [
        (number, {"A": str(number), "B": name}) for number, name in enumerate(names, start=2)
    ]


@pytest.mark.parametrize(
    "content", [b"A;B\n" + b"1;\0\0\0x\n" * 9, "A;B\n1;x\n".encode("utf-32-le")]
)
def test_many_nuls_without_a_pattern_are_refused(csv, content: bytes) -> None:
    assert refusal(csv(content), AB).rule == "encoding"


@pytest.mark.parametrize(
    "encoding", ["hex", "idna", "undefined", "unicode_escape", "punycode", "utf8000"]
)
def test_what_is_no_encoding_of_texts_is_refused(csv, encoding: str) -> None:
    assert (
        "gibt es nicht" in refusal(csv("A;B\n1;x\n"), wanted("A", "B", encoding=encoding)).message
    )


def test_the_mark_of_the_end_that_old_programs_write_is_no_row(csv) -> None:
    _, rows, _ = one_table(csv("A;B\n1;x\n\x1a"), AB)
    assert rows == [(2, {"A": "1", "B": "x"})]


def test_cp1252_is_read_where_utf8_fails(csv) -> None:
    _, rows, _ = one_table(csv("A;B\n1;Aïcha Nuñez €\n".encode("cp1252")), AB)
    assert rows == [(2, {"A": "1", "B": "Aïcha Nuñez €"})]


@pytest.mark.parametrize(
    ("content", "encoding", "place"),
    [
        pytest.param(
            b"A;B\n1;M\xfcller\n2;x\x81y\n",
            None,
            "Zeile 3, Byte 17 (0x81)",
            id="no-cp1252-character",
        ),
        pytest.param(b"A;B\n1;M\xfcller\n", "utf-8", "Zeile 2, Byte 8 (0xFC)", id="declared-utf-8"),
        pytest.param(b"A;B\n1;M\xc3", "utf-8", "Zeile 2, Byte 8", id="cut-off-character"),
    ],
)
def test_undecodable_bytes_are_refused_with_their_place(
    csv, content: bytes, encoding: str | None, place: str
) -> None:
    error = refusal(csv(content), wanted("A", "B", encoding=encoding))
    assert error.rule == "encoding" and place in error.message


def test_bytes_beyond_the_first_block(csv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.readers.text.encoding.BLOCK_BYTES", 7)
    content = "A;B\n" + "".join(f"{n};ä€\n" for n in range(9))
    assert len(one_table(csv(content), AB)[1]) == 9
    error = refusal(csv(content.encode("cp1252") + b"9;\x8d\n"), AB)
    assert "Zeile 11, Byte" in error.message


def test_nul_characters_are_removed_and_counted(csv) -> None:
    table, rows, _ = one_table(csv("A;B\n1;x\n2;y\0z\0\n"), AB)
    assert rows[1] == (3, {"A": "2", "B": "yz"})
    (notice,) = table.notices
    assert (notice.rule, notice.row) == ("nul_removed", 3) and notice.message.startswith(
        "2 Nullzeichen"
    )


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        pytest.param(b"", "empty_file", id="no-bytes"),
        pytest.param(b"\xef\xbb\xbf\r\n \n", "empty_file", id="blank"),
        pytest.param(b"A;C\n1;2\n", "column_missing", id="column-missing"),
        pytest.param(b"1;Meier\n2;Huber\n", "column_missing", id="no-header"),
        pytest.param(b"A;B;a:\n1;2;3\n", "duplicate_header", id="column-twice"),
        pytest.param(b"A;B;X;X\n1;2;3;4\n", "duplicate_header", id="unknown-column-twice"),
        pytest.param(b"<html><table><tr><td>A</td></tr></table></html>", "html", id="web-page"),
        pytest.param(b"%PDF-1.7\n", "unknown_format", id="pdf"),
    ],
)
def test_refusals(csv, content: bytes, rule: str) -> None:
    assert refusal(csv(content), AB).rule == rule


def test_a_missing_column_is_named_with_the_header_found_but_data_never(csv) -> None:
    error = refusal(
        csv("KlientNr;Name;Ort\n1;Meier;Ulm\n"), wanted("KlientNr", "Name", "Ort", "Datum")
    )
    assert (
        error.column == "Datum"
        and "„Datum“" in error.message
        and "„KlientNr“, „Name“, „Ort“" in error.message
    )
    error = refusal(
        csv("17;Meier;Ulm;w;Syrien;ledig\n18;Name;x;y;z;u\n"), wanted("KlientNr", "Name")
    )
    assert "Meier" not in error.message and "Syrien" not in error.message


def test_a_stated_header_row_or_stated_columns(csv) -> None:
    content = "A;B\nfalsch;x\nA;B\n1;y\n"
    assert one_table(csv(content), wanted("A", "B", header_row=3))[1] == [(4, {"A": "1", "B": "y"})]
    assert refusal(csv(content), wanted("A", "B", header_row=9)).rule == "header_row_missing"
    _, rows, _ = one_table(csv("1;x\n2;y\n"), wanted("A", "B", columns=("A", "B")))
    assert rows == [(1, {"A": "1", "B": "x"}), (2, {"A": "2", "B": "y"})]


def test_second_column_of_the_same_name_can_be_wanted(csv) -> None:
    _, rows, _ = one_table(csv("A;Datum;Datum\n1;x;y\n"), wanted("A", "Datum", "Datum#2"))
    assert rows == [(2, {"A": "1", "Datum": "x", "Datum#2": "y"})]


def test_an_unescaped_or_foreign_dialect(csv) -> None:
    _, rows, _ = one_table(csv('A¦B\n1¦"x\n2¦y"\n'), wanted("A", "B", delimiter="¦", quote=None))
    assert [cells["B"] for _, cells in rows] == ['"x', 'y"']
    _, rows, _ = one_table(csv("A;B\n1;x\\;y\n"), wanted("A", "B", delimiter=";", escape="\\"))
    assert rows == [(2, {"A": "1", "B": "x;y"})]


def test_which_table_a_file_is_goes_by_its_name(csv) -> None:
    path = csv("A;B\n1;x\n", "Kontakte.csv")
    both = [wanted("A", "B", table="Klienten"), wanted("A", "B", table="kontakte")]
    (found,) = walked(path, both)
    assert found[0].title == "Kontakte"  # type: ignore[index]
    (missed, other) = walked(csv("A;B\n1;x\n", "Neu.csv"), both)
    assert missed.error.rule == other.error.rule == "sheet_missing"  # type: ignore[union-attr]


def test_bounds(csv) -> None:
    path = csv("A;B\n" + "1;x\n" * 30)
    assert refusal(path, AB, Limits(file_bytes=50)).rule == "too_large"
    assert refusal(path, AB, Limits(rows=20)).rule == "too_large"
    assert refusal(path, AB, Limits(columns=1)).rule == "too_large"
    _, rows, ragged = one_table(csv("A;B\n1;" + "x" * 50 + "\n2;y\n"), AB, Limits(cell_chars=20))
    assert [row for row, _ in rows] == [3] and [r.row for r in ragged] == [2]


def test_large_files_come_in_bounded_batches_in_file_order(csv) -> None:
    from connectors.readers.open_file import open_tables

    path = csv("A;B\n" + "".join(f"{n};x\n" if n % 50_000 else f"{n}\n" for n in range(1, 200_001)))
    (table,) = open_tables(path, path.name, [AB])
    sizes, last = [], 0
    for batch in table.batches:  # type: ignore[union-attr]
        places = sorted([*batch.row.to_pylist(), *(r.row for r in batch.ragged)])
        assert places == list(range(last + 1 if last else 2, places[-1] + 1))
        sizes.append(len(batch.row))
        last = places[-1]
    assert max(sizes) <= 65_536 and sum(sizes) == 199_996 and last == 200_001


def test_reading_stops_nowhere_when_the_consumer_stops(csv) -> None:
    from connectors.readers.open_file import open_tables

    path = csv("A;B\n1;x\n")
    table = next(open_tables(path, path.name, [AB]))
    assert rows_of(table)[0] == [(2, {"A": "1", "B": "x"})]  # type: ignore[arg-type]
