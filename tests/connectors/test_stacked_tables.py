"""Several tables below each other in one text file, met while the first is read."""

from __future__ import annotations

from pathlib import Path

from connectors.readers.open_file import open_tables
from connectors.readers.text.encoding import BLOCK_BYTES
from tests.connectors.reading import walked, wanted


def write(path: Path, content: str) -> Path:
    path.write_bytes(content.encode())
    return path


def test_several_tables_in_one_csv(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv",
        "Klienten\nNr;Name\n1;x\n2;y\n\nKontakte\nKontakt;Nr;Datum\n9;1;01.02.2023\n8;2;z;zu viel\n",
    )
    clients, contacts = walked(
        path,
        [
            wanted("Nr", "Name", table="Klienten"),
            wanted("Kontakt", "Nr", "Datum", table="Kontakte"),
        ],
    )
    assert clients[1] == [(3, {"Nr": "1", "Name": "x"}), (4, {"Nr": "2", "Name": "y"})]  # type: ignore[index]
    assert contacts[1] == [(8, {"Kontakt": "9", "Nr": "1", "Datum": "01.02.2023"})]  # type: ignore[index]
    assert [r.row for r in contacts[2]] == [9]  # type: ignore[index]
    assert [n.rule for n in contacts[0].notices] == ["several_tables"]  # type: ignore[index]


STACKED = [
    wanted("Nr", "Name", table="Klienten"),
    wanted("Kontakt", "Nr", "Datum", table="Kontakte"),
]


def test_a_further_table_is_met_far_down_in_a_file_read_fast(tmp_path: Path) -> None:
    rows = "".join(f"{n};{'x' * 100}\n" for n in range(50_000))
    path = write(
        tmp_path / "Klienten.csv", f"Nr;Name\n{rows}\nKontakte\nKontakt;Nr;Datum\n9;1;01.02.2023\n"
    )
    assert path.stat().st_size > BLOCK_BYTES
    clients, contacts = walked(path, STACKED)
    assert [n for n, _ in clients[1]] == list(range(2, 50_002))  # type: ignore[index]
    assert contacts[1] == [(50_005, {"Kontakt": "9", "Nr": "1", "Datum": "01.02.2023"})]  # type: ignore[index]


def test_a_table_that_nobody_walked_does_not_hide_the_next(tmp_path: Path) -> None:
    path = write(tmp_path / "Klienten.csv", "Nr;Name\n1;x\n\nKontakt;Nr;Datum\n9;1;01.02.2023\n")
    assert [table.title for table in open_tables(path, path.name, STACKED)] == [
        "Klienten",
        "Kontakte",
    ]  # type: ignore[union-attr]


def test_a_single_cell_that_no_header_follows_is_a_row(tmp_path: Path) -> None:
    path = write(tmp_path / "Klienten.csv", "Nr;Name\n1;x\n\nallein\n2;y\nallein\n")
    (clients,) = walked(path, STACKED)
    assert [n for n, _ in clients[1]] == [2, 5]  # type: ignore[index]
    assert [r.row for r in clients[2]] == [4, 6]  # type: ignore[index]
