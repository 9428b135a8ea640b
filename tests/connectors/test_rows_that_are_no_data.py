"""Totals, titles and further headers between the rows of a table, in every format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.text_table import CannotRead, TextTable, Wanted
from tests.conformance.fault_kinds import holds
from tests.connectors.reading import one_table, wanted
from tests.connectors.written import FORMATS, long_csv, xlsx

NAMES = ("Nr", "Nachname", "Vorname", "Von", "Minuten")
CLIENTS = replace(
    wanted(*NAMES, table="T", required=NAMES[:4]), telling=frozenset({"Nachname", "Vorname"})
)
HEADER = list(NAMES)
FIRST = ["1", "Tarhan", "Selin", "03.01.2024", "30"]
LAST = ["2", "Ende", "", "04.01.2024", "45"]

# What stands between two rows of data, and what is told of it; None: it is read as data.
ROWS: dict[str, tuple[list[str], str | None]] = {
    "count-in-the-key": (["Anzahl: 2", "", "", "", ""], "footer"),
    "day-of-the-export": (["Stand 31.12.2024", "", "", "03.05.2023", ""], "footer"),
    "time-of-the-export": (["Stand: 31.12.2024 14:05 Uhr", "", "", "", ""], "footer"),
    "total-with-a-sum": (["Gesamt", "", "", "", "75,0"], "footer"),
    "total-with-counts": (["Summe:", "2", "2", "2", "75"], "footer"),
    "total-of-a-spreadsheet": (["Gesamtergebnis", "", "", "", "75"], "footer"),
    "end-of-a-list": (["Ende der Liste", "", "", "", ""], "footer"),
    "origin": (["Quelle: Mini 3.1", "", "", "", ""], "footer"),
    "title": (["Abgeschlossene Fälle", "", "", "", ""], "title_row"),
    "title-with-a-year": (["Fälle aus 2023", "", "", "", ""], "title_row"),
    "page-number": (["Klientenliste", "", "", "", "Seite 2 von 3"], "title_row"),
    "header": (HEADER, "repeated_header"),
    "header-in-other-capitals": (
        ["NR", "nachname", "Vorname:", "von", "minuten"],
        "repeated_header",
    ),
    "header-after-a-mark": (["\ufeffNr", *HEADER[1:]], "repeated_header"),
    "data-under-a-word": (["Gesamt 5", "Summer", "Ina", "05.01.2024", "10"], "footer_like"),
    "data-under-a-bare-word": (["Summe", "Rahimi", "Farid", "05.01.2024", ""], "footer_like"),
    "key-beginning-like-a-word": (["Gesamtschule-7", "Rahimi", "Farid", "", ""], None),
    "key-beginning-like-a-column": (["Nr7", "Rahimi", "Farid", "", ""], None),
    "name-that-is-a-word": (["7", "Summe", "Ina", "", ""], None),
    "total-with-its-count-in-the-key": (["7", "Gesamt", "", "", ""], "footer"),
    "family-name-and-a-key": (["7", "Ende", "", "", ""], "footer_like"),
    "only-a-key": (["K-7", "", "", "", ""], None),
    "only-a-number": (["7", "", "", "", "5"], None),
}
# More of them, which are read from one file.
MORE_ROWS: dict[str, tuple[list[str], str | None]] = {
    "part-of-a-header": (["NR", "NACHNAME", "VORNAME", "", ""], "repeated_header"),
    "header-with-other-words": (["Nr.", "Name", "Vorname", "Beginn", "Min"], "repeated_header"),
    "header-of-which-only-the-key-fits": (["Nr", "Name", "Ruf", "ab", ""], "repeated_header"),
    "columns-numbered": (["1", "2", "3", "4", "5"], "repeated_header"),
    "columns-numbered-in-brackets": (["(1)", "(2)", "(3)", "", ""], "repeated_header"),
    "columns-lettered": (["A", "B", "C", "D", "E"], "repeated_header"),
    "columns-described": (["lfd.", "text", "text", "TT.MM.JJJJ", ""], "repeated_header"),
    "word-with-counts": (["Alle", "2", "2", "", ""], "footer"),
    "sign-of-a-sum": (["Σ", "2", "2", "", ""], "footer"),
    "sign-and-number": (["∑ 2", "2", "2", "", ""], "footer"),
    "team-with-a-sum": (["Nord gesamt", "2", "2", "", "75"], "footer"),
    "team-with-a-sum-and-a-day": (["Nord gesamt", "", "", "01.06.2024", "75"], "footer"),
    "short-word": (["ges.", "2", "", "", ""], "footer"),
    "carried-over": (["Übertrag", "2", "2", "", "75,0"], "footer"),
    "balance": (["Saldo", "", "", "", "-3"], "footer"),
    "number-of-lines": (["Zeilen: 2", "2", "2", "", ""], "footer"),
    "counted-records": (["2 Datensätze", "2", "", "", ""], "footer"),
    "mean": (["Mittelwert2", "", "", "01.06.2024", ""], "footer"),
    "day-of-printing": (["Erstellt am 30.06.2024", "2", "2", "", ""], "footer"),
    "end-among-stars": (["*** Ende ***", "2", "2", "", ""], "footer"),
    "line-of-signs": (["-----", "-----", "-----", "-----", "-----"], "footer"),
    "line-of-signs-in-the-key": (["* * *", "", "", "", ""], "footer"),
    "end-alone": (["EOF", "", "", "", ""], "title_row"),
    "family-name-for-a-key": (["Alle", "Alle", "Ina", "05.01.2024", ""], "footer_like"),
    "stand-in-for-a-key": (["(leer)", "Rahimi", "Farid", "05.01.2024", ""], "footer_like"),
    "mean-beside-a-day": (["Alle", "", "", "01.06.2024", ""], "footer_like"),
    "quarter-with-a-day": (["Quartal 1", "3", "x", "31.03.2024", "90"], "footer_like"),
    "total-with-counts-and-a-key": (["12", "Summe: 2", "2", "", "75"], "footer"),
    "total-with-its-name-below-the-other": (["3", "", "insgesamt", "", ""], "footer"),
    "total-with-a-day": (["12", "Gesamt", "", "01.06.2024", ""], "footer_like"),
    "family-name-with-a-day": (["12", "Stand", "", "01.06.2024", ""], None),
    "name-beginning-like-a-word": (["12", "Summerer", "", "", ""], None),
    "numbered-name": (["7", "2", "3", "", ""], None),
    "first-of-all": (["1a", "Rahimi", "Farid", "", ""], None),
    "null-is-a-name": (["7", "Null", "Alle", "", ""], None),
    "count-and-unit": (["60", "Personen", "", "", ""], "footer"),
    "count-and-unit-below-the-other-name": (["60", "", "KLIENTEN", "", ""], "footer"),
    "count-and-unit-and-a-sum": (["60", "Klientinnen und Klienten", "", "", "75"], "footer"),
    "count-and-unit-in-all": (["60", "Gespräche insgesamt", "", "", ""], "footer"),
    "count-and-number-of": (["60", "Anzahl Personen", "", "", ""], "footer"),
    "count-and-unit-with-it-again": (["60", "Datensätze: 60", "", "", ""], "footer"),
    "count-and-total-below-a-day": (["60", "", "", "Gesamt", ""], "footer"),
    "count-and-unit-below-minutes": (["60", "", "", "", "Fälle"], "footer"),
    "count-and-sum-below-minutes": (["60", "", "", "", "Summe: 60"], "footer"),
    "no-key-and-a-counted-unit": (["", "60 Personen", "", "", ""], "footer"),
    "name-like-a-unit": (["61", "Personn", "", "", ""], None),
    "name-longer-than-a-unit": (["61", "Klientenberg", "", "", ""], None),
    "unit-for-a-name-and-another": (["61", "Personen", "Ina", "", ""], None),
    "unit-for-a-name-and-a-day": (["61", "Personen", "", "05.01.2024", ""], None),
    "unit-under-a-key-of-letters": (["K-61", "Personen", "", "", ""], None),
    "unit-in-one-person": (["61", "Person", "", "", ""], None),
    "sparse-with-a-number": (["61", "", "", "", "60"], None),
    "sparse-with-a-day": (["61", "", "", "05.01.2024", ""], None),
    "sparse-with-a-word": (["61", "", "", "", "offen"], None),
    "name-with-a-unit": (["61", "Fälle Rahimi", "", "", ""], None),
}


def wanted_in(form: str) -> Wanted:
    if form != "fixed-width":
        return CLIENTS
    fields = tuple(f"{name} C(20)" for name in NAMES)
    return replace(CLIENTS, dialect=replace(CLIENTS.dialect, fixed=fields))


@holds(7, "csv", "xlsx", "ods", "xml_2003", "html", "xml", "json", "fixed")
@pytest.mark.parametrize("form", [name for name in FORMATS if name != "csv-by-arrow"])
@pytest.mark.parametrize("between", ROWS.values(), ids=ROWS.keys())
def test_a_row_between_two_others(
    tmp_path: Path, form: str, between: tuple[list[str], str | None]
) -> None:
    cells, told = between
    name, write = FORMATS[form]
    write(tmp_path / name, [HEADER, FIRST, cells, LAST])
    table, rows, ragged = one_table(tmp_path / name, wanted_in(form))
    is_data = told in (None, "footer_like")
    assert [c["Nachname"] for _, c in rows] == ["Tarhan", *[cells[1]] * is_data, "Ende"]
    assert ([n.rule for n in table.notices], ragged) == ([told] if told else [], [])


@holds(7, "csv", "xlsx", "ods", "xml", "json")
@pytest.mark.parametrize("form", ["csv", "csv-by-arrow", "xlsx", "ods", "linear-xml", "json-lines"])
def test_rows_among_others(tmp_path: Path, form: str) -> None:
    name, write = FORMATS[form]
    lines = [cells for cells, _ in MORE_ROWS.values()]
    write(tmp_path / name, [HEADER, FIRST, *lines, LAST])
    table, rows, ragged = one_table(tmp_path / name, CLIENTS)
    kept = [cells for cells, told in MORE_ROWS.values() if told in (None, "footer_like")]
    assert [list(cells.values()) for _, cells in rows] == [FIRST, *kept, LAST]
    told = {n.rule: n.message for n in table.notices}
    rules = [rule for _, rule in MORE_ROWS.values()]
    for rule in {*rules} - {None}:
        count = rules.count(rule)
        assert told[str(rule)].startswith(f"{count} Zeilen" if count > 1 else "Zeile "), rule
    assert ragged == [] and set(told) == {*rules} - {None}


@holds(7, "csv", "xlsx", "html", "json", "xml")
@pytest.mark.parametrize(
    "form", ["csv", "csv-by-arrow", "xlsx", "html", "json-lines", "linear-xml"]
)
def test_a_total_before_its_count(tmp_path: Path, form: str) -> None:
    name, write = FORMATS[form]
    want = replace(wanted("Name", "Nr", "Ort", key="Nr", table="T"), telling=frozenset({"Name"}))
    rows = [["Abdi", "1", "Ulm"], ["Ende", "2", "Ulm"], ["Gesamt", "2", ""], ["Ott", "3", ""]]
    write(tmp_path / name, [["Name", "Nr", "Ort"], *rows])
    table, found, _ = one_table(tmp_path / name, want)
    assert [cells["Name"] for _, cells in found] == ["Abdi", "Ende", "Ott"]
    assert [notice.rule for notice in table.notices] == ["footer"]


@holds(7, "csv", "xlsx")
@pytest.mark.parametrize("form", ["csv", "csv-by-arrow", "xlsx"])
def test_keys_of_words_are_strange_only_among_numbers(tmp_path: Path, form: str) -> None:
    name, write = FORMATS[form]
    words = [["Alle", "Tarhan", "Selin", "", ""], ["Fall 7", "Rahimi", "Farid", "", ""]]
    write(tmp_path / name, [HEADER, *words, FIRST])
    table, rows, _ = one_table(tmp_path / name, CLIENTS)
    assert len(rows) == 3 and not table.notices


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(["Nr", "Vorname", "Nachname", "", ""], id="other-order"),
        pytest.param(["Vorname", "Nr", "", "", ""], id="two-names"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "csv-by-arrow", "xlsx", "json-lines"])
def test_a_part_of_a_header_in_another_order_is_refused(
    tmp_path: Path, form: str, second: list[str]
) -> None:
    name, write = FORMATS[form]
    write(tmp_path / name, [HEADER, FIRST, second, LAST])
    with pytest.raises(CannotRead) as caught:
        one_table(tmp_path / name, CLIENTS)
    assert caught.value.rule == "block_unlike"


@pytest.mark.parametrize("lone", [True, False], ids=["consents", "others"])
def test_what_may_be_a_withdrawal_is_kept(tmp_path: Path, lone: bool) -> None:
    path = tmp_path / "T.xlsx"
    xlsx(path, [HEADER, FIRST, ["Widerruf liegt vor"], ["Stand", "", "", "", "ja"]])
    want = replace(
        CLIENTS, dialect=replace(CLIENTS.dialect, footer_words=frozenset() if lone else None)
    )
    table, rows, _ = one_table(path, want)
    assert len(rows) == (3 if lone else 1)
    told = ["footer_like"] if lone else ["footer", "title_row"]
    assert [n.rule for n in table.notices] == told


@holds(7, "csv")
def test_both_ways_through_a_csv_agree(tmp_path: Path) -> None:
    """Whole blocks are parsed by Arrow until a header changes the order of the columns."""
    between = [cells for cells, _ in (ROWS | MORE_ROWS).values()]
    second = ["Minuten", "Vorname", "Nachname", "Nr", "Von"]
    below = ["20", "Farid", "Rahimi", "8", "05.01.2024"]
    found = {}
    for form in ("csv", "csv-by-arrow"):
        name, write = FORMATS[form]
        write(tmp_path / name, [HEADER, FIRST, *between, LAST, second, below, second, below[:3]])
        table, rows, ragged = one_table(tmp_path / name, CLIENTS)
        found[form] = rows, ragged, [(n.rule, n.message) for n in table.notices]
    assert found["csv"] == found["csv-by-arrow"]
    assert found["csv"][0][-1][1] == {
        "Nr": "8",
        "Nachname": "Rahimi",
        "Vorname": "Farid",
        "Von": "05.01.2024",
        "Minuten": "20",
    }
    assert [row.cells for row in found["csv"][1]] == [("20", "Farid", "Rahimi")]


# The second header, a row below it, and the row as it is read.
BLOCKS = {
    "two-columns-changed-round": (
        ["Nr", "Vorname", "Nachname", "Von", "Minuten"],
        ["3", "Farid", "Rahimi", "05.01.2024", "20"],
        ["3", "Rahimi", "Farid", "05.01.2024", "20"],
    ),
    "key-at-the-end": (
        ["Minuten", "Von", "Nachname", "Vorname", "Nr"],
        ["20", "05.01.2024", "Rahimi", "Farid", "3"],
        ["3", "Rahimi", "Farid", "05.01.2024", "20"],
    ),
    "without-an-optional-column": (
        ["Nr", "Vorname", "Nachname", "Von", ""],
        ["3", "Farid", "Rahimi", "05.01.2024", ""],
        ["3", "Rahimi", "Farid", "05.01.2024", ""],
    ),
}


@holds(7, "csv", "xlsx", "ods", "xml_2003", "html", "json")
@pytest.mark.parametrize("form", ["csv", "xlsx", "ods", "xml-2003", "html", "json-lines"])
@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_a_second_block_is_read_by_its_own_header(
    tmp_path: Path, form: str, block: tuple[list[str], list[str], list[str]]
) -> None:
    second, below, read = block
    name, write = FORMATS[form]
    blank = [""] * len(NAMES)
    title = ["Abgeschlossene Fälle", *blank[1:]]
    write(tmp_path / name, [HEADER, FIRST, blank, title, second, below, HEADER, LAST])
    table, rows, ragged = one_table(tmp_path / name, CLIENTS)
    assert ([list(c.values()) for _, c in rows], ragged) == ([FIRST, read, LAST], [])
    assert {n.rule for n in table.notices} == {"title_row", "second_block"}


def test_without_a_mapping_names_in_other_places_are_shown(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Z;W;V\nW;V\nV;W;Z\n1;2;3\n4;5;6\n", "utf-8")
    (table,) = profile_file(tmp_path / "t.csv")
    assert isinstance(table, TextTable)
    batches = list(table.batches)
    shown = [tuple(row.values()) for batch in batches for row in batch.cells.to_pylist()]
    assert shown == [("V", "W", "Z"), ("1", "2", "3"), ("4", "5", "6")]
    assert [row.cells for batch in batches for row in batch.ragged] == [("W", "V")]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(["Nr", "Vorname", "Von", "Minuten", ""], id="lacks-a-column"),
        pytest.param(["Nr", "Vorname", "Nachname", "Von", "Widerruf"], id="has-another-column"),
        pytest.param(["Nr", "Vorname", "Vorname", "Nachname", "Von"], id="names-one-twice"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "csv-by-arrow", "xlsx", "html"])
def test_a_second_block_of_other_columns_is_refused(
    tmp_path: Path, form: str, second: list[str]
) -> None:
    name, write = FORMATS[form]
    write(tmp_path / name, [HEADER, FIRST, second, ["3", "a", "b", "c", "d"]])
    with pytest.raises(CannotRead) as caught:
        one_table(tmp_path / name, CLIENTS)
    assert (caught.value.rule, caught.value.table) == ("block_unlike", "tabelle")


def test_a_block_further_down_that_names_more_is_not_the_table(tmp_path: Path) -> None:
    path = tmp_path / "T.csv"
    path.write_text(
        "Nr;Nachname;Vorname;Von\n1;Tarhan;Selin;03.01.2024\n\n"
        "Nr;Nachname;Vorname;Von;Minuten\n2;Rahimi;Farid;03.01.2024;20\n",
        encoding="utf-8",
    )
    with pytest.raises(CannotRead) as caught:
        one_table(path, CLIENTS)
    assert (caught.value.rule, caught.value.row) == ("block_unlike", 4)


def test_a_shorter_or_narrower_block_in_a_text(tmp_path: Path) -> None:
    path = tmp_path / "T.csv"
    path.write_text(
        "Nr;Nachname;Vorname;Von;Minuten\n1;Tarhan;Selin;03.01.2024;30\n"
        "Neuzugänge\nVorname;Nachname;Von;Nr\nFarid;Rahimi;04.01.2024;2\nx;y;z;3;4\n",
        encoding="utf-8",
    )
    _, rows, ragged = one_table(path, CLIENTS)
    assert [c["Nr"] for _, c in rows] == ["1", "2"]
    assert [row.cells for row in ragged] == [("x", "y", "z", "3", "4")]


def test_a_long_table_is_still_parsed_by_arrow(tmp_path: Path) -> None:
    """Keys that begin like a column or a total do not make reading slow."""
    path = tmp_path / "T.csv"
    long_csv(path, [HEADER, *[[f"Nr{n}", f"Name{n}", "x", "", ""] for n in range(5_000)]])
    table, rows, _ = one_table(path, CLIENTS)
    assert len(rows) == 5_000 and not table.notices


@holds(6, "csv", "xlsx", "ods", "xml_2003", "html")
@pytest.mark.parametrize("form", ["csv", "csv-by-arrow", "xlsx", "ods", "xml-2003", "html"])
@pytest.mark.parametrize(
    ("above", "is_same"),
    [
        pytest.param(["Gemeinde:", "Musterstadt"], True, id="same"),
        pytest.param(["Gemeinde: Musterstadt", ""], True, id="same-in-one-cell"),
        pytest.param(["Gemeinde:", "Mühlenröth"], False, id="another"),
        pytest.param(["gemeinde: Mühlenröth", ""], False, id="another-in-one-cell"),
    ],
)
def test_a_second_block_with_its_own_value_above(
    tmp_path: Path, form: str, above: list[str], is_same: bool
) -> None:
    """Rows below another municipality must not count for the one at the top."""
    name, write = FORMATS[form]
    rest = [""] * (len(NAMES) - 2)
    top = ["Gemeinde:", "Musterstadt", *rest]
    write(tmp_path / name, [top, HEADER, FIRST, [*above, *rest], HEADER, LAST])
    want = replace(CLIENTS, above=frozenset({"Gemeinde"}))
    if is_same:
        assert len(one_table(tmp_path / name, want)[1]) == 2
        return
    with pytest.raises(CannotRead) as caught:
        one_table(tmp_path / name, want)
    assert (caught.value.rule, caught.value.row) == ("block_unlike", 4)
