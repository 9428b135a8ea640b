"""What looking finds out of a text file nobody described: dialect, repairs, several tables; nothing is lost without being told."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.readers.profiling.dialect_sniffer import guess_dialect
from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.text_table import RaggedRow, TextTable
from pipelines.workbench.profile import describe_files
from tests.connectors.csv_corpus import make_corpus
from tests.connectors.csv_recovery import count_recovered, is_lost, ours_alone, ours_stated
from tests.connectors.reading import rows_of

ROWS = [
    ["Nr", "Name", "Datum", "Betrag"],
    *([str(n), f"Meier {n}", "01.02.2023 10:30", f"{n},50"] for n in range(9)),
    ["9", "{q}a{d}b{q}", "", "1,00"],
]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|", ":", " ", "^", "~", "¦", ", ", "||"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_delimiter_and_quote_are_found_out(delimiter: str, quote: str) -> None:
    rows = [[cell.format(q="", d=delimiter) for cell in row] for row in ROWS]
    text = "".join(
        delimiter.join(
            f"{quote}{c}{quote}" if delimiter.strip() in c or " " in c else c for c in row
        )
        + "\n"
        for row in rows
    )
    found = guess_dialect(text)
    assert (found.delimiter, found.quote) == (delimiter, quote)


def looked(
    tmp_path: Path, content: str, **stated: object
) -> tuple[TextTable, list[tuple[int, list[str]]], list[tuple[int, tuple[str, ...]]]]:
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode())
    (table,) = profile_file(path, **stated)  # type: ignore[arg-type]
    assert isinstance(table, TextTable)
    rows, ragged = rows_of(table)
    return (
        table,
        [(row, list(cells.values())) for row, cells in rows],
        [(r.row, r.cells) for r in ragged],
    )


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('2;"Haus "Sonne"";x', ["2", 'Haus "Sonne"', "x"]),
        ('2;"offen;x', ["2", '"offen', "x"]),
        ('2;""doppelt";x', ["2", '"doppelt', "x"]),
        ("2,y,x", ["2", "y", "x"]),
    ],
)
def test_broken_rows_are_read_as_a_person_would_and_told(
    tmp_path: Path, line: str, cells: list[str]
) -> None:
    table, rows, ragged = looked(
        tmp_path, f"Nr;Name;Ort\n1;a;b\n{line}\n3;c;d\n", delimiter=";", quote='"'
    )
    assert rows == [(2, ["1", "a", "b"]), (3, cells), (4, ["3", "c", "d"])] and ragged == []
    assert [n.row for n in table.notices if n.rule == "mended"] == [3]


def test_rows_above_the_header_and_rows_of_another_width_are_kept(tmp_path: Path) -> None:
    table, rows, ragged = looked(
        tmp_path, "Liste\nStand;heute\n\nNr;Name;Tag\n1;x;2\n2;y\n3;z;1;mehr\n"
    )
    assert [(r.row, r.cells) for r in table.above] == [(1, ("Liste",)), (2, ("Stand", "heute"))]
    assert (rows, ragged) == (
        [(5, ["1", "x", "2"])],
        [(6, ("2", "y")), (7, ("3", "z", "1", "mehr"))],
    )


def test_many_files_and_tables_become_clean_files_of_their_own(tmp_path: Path) -> None:
    for folder, content in (
        ("a", "Nr;Name\n1;x\n2\n\n\nOrt;Zahl;Wert\nUlm;3;4\n"),
        ("b", "Nr;Name\n7;y\n"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.csv").write_text(content)
    out = tmp_path / "out"
    answers = list(
        describe_files(
            [tmp_path / "a" / "t.csv", tmp_path / "fehlt.csv", tmp_path / "b" / "t.csv"], {}, out
        )
    )
    assert answers[1].error.rule == "unreadable_file"
    written = [t.written for a in answers for t in a.tables]
    assert [p.read_text() for p in written] == [
        "Nr,Name\n1,x\n2,\n",
        "Ort,Zahl,Wert\nUlm,3,4\n",
        "Nr,Name\n7,y\n",
    ]
    assert len(set(written)) == 3
    first = answers[0].tables[0]
    assert (first.dialect["delimiter"], first.count, first.ragged) == (
        ";",
        2,
        [RaggedRow(3, ("2",))],
    )


def test_of_mutated_files_nearly_all_is_recovered_and_nothing_is_lost_unseen(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.csv"
    right = cells = 0
    for file in make_corpus(seed=3, size=120):
        path.write_bytes(file.as_bytes())
        for reader in (ours_stated, ours_alone):
            answer = reader(path, file)
            got, all_ = count_recovered(file, answer.rows)
            assert got == all_ or answer.has_notices or not is_lost(file, answer.rows), file.name
            right, cells = right + got, cells + all_
    assert right / cells > 0.995
