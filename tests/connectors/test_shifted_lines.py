"""Lines of fixed widths that lost or gained a sign: read where it is certain, else kept apart; sound lines stay."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from connectors.tables.text_table import TextTable
from tests.conformance.fault_kinds import holds
from tests.connectors.reading import one_table, wanted

FIELDS = ("Nr N(6,0)", "Name C(12)", "Tag D(JJJJMMTT)", "Ort C(11)")
NAMES = ("Haile", "Müller", "Kaya", "Ott", "Abdi", "Demir")
READ = [[str(n), name, "2024-03-12", "Ulm"] for n, name in enumerate(NAMES, 1)]


def line(number: int, name: str, town: str = "Ulm") -> str:
    return f"{number:06}{name:<12}20240312{town:<11}"


FULL = [line(n, name) for n, name in enumerate(NAMES, 1)]
TRIMMED = [one.rstrip() for one in FULL]


def read(
    folder: Path, text: str | bytes, fields: Sequence[str] = FIELDS, key: str = "Nr"
) -> tuple[TextTable, list[list[str]], list[int]]:
    """The table, its cells, and the numbers of its ragged lines."""
    path = folder / "t.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    want = wanted(*(field.split()[0] for field in fields), key=key, fixed=tuple(fields))
    table, rows, ragged = one_table(path, want)
    return table, [list(cells.values()) for _, cells in rows], [row.row for row in ragged]


# What is done to the third line, and whether the file is trimmed, too.
MARKS: dict[str, Callable[[str], str]] = {
    "a mark of appended files": lambda one: f"\ufeff{one}",
    "a page": lambda one: f"\f{one}",
    "a page at the end": lambda one: f"{one}\f",
    "a page and a mark": lambda one: f"\f\ufeff{one}",
    "the end of a file before": lambda one: f"\x1a{one}",
    "a page of its own": lambda one: f"\f\r\n{one}",
}


@holds(7, "fixed")
@pytest.mark.parametrize("lines", [FULL, TRIMMED], ids=["full", "trimmed"])
@pytest.mark.parametrize("mark", MARKS)
def test_marks_are_no_part_of_a_line(mark: str, lines: list[str], tmp_path: Path) -> None:
    text = "\r\n".join([*lines[:2], MARKS[mark](lines[2]), *lines[3:]])
    _, rows, ragged = read(tmp_path, f"{text}\r\n\x1a\0\0\0")
    assert rows == READ and ragged == []


SHIFTS: dict[str, Callable[[str], str]] = {
    "a blank before": lambda one: f" {one.rstrip()}",
    "a blank before, filled up": lambda one: f" {one}"[:37],
    "a sign lost": lambda one: one[1:],
    "a blank within the name": lambda one: one.replace("Kaya", "Ka  ya").rstrip(),
    "a blank behind the name": lambda one: one.replace("2024", " 2024").rstrip(),
    "a blank lost behind the name": lambda one: one.replace(" 2024", "2024"),
    "a longer line": lambda one: f"{one} ",
}


@holds(4, "fixed")
@pytest.mark.parametrize("shift", SHIFTS)
def test_a_shifted_line_is_kept_apart(shift: str, tmp_path: Path) -> None:
    _, rows, ragged = read(tmp_path, "\n".join([*FULL[:2], SHIFTS[shift](FULL[2]), *FULL[3:]]))
    assert rows == [*READ[:2], *READ[3:]] and ragged == [3]


@holds(4, "fixed")
def test_a_cut_through_a_word_is_seen_among_texts_alone(tmp_path: Path) -> None:
    fields = ("Nr C(4)", "Name C(8)", "Ort C(8)")
    lines = [f"K{n:<3}{name:<8}Ulm" for n, name in enumerate(NAMES)]
    lines[3] = lines[3].replace("Ott ", "Ott")
    _, rows, ragged = read(tmp_path, "\n".join(lines), fields)
    assert ragged == [4] and [row[2] for row in rows] == ["Ulm"] * 5


@holds(4, "fixed")
@pytest.mark.parametrize("form", ["TT.MM.JJJJ", "JJJJMMTT", "JJJJ-MM-TT"])
def test_a_day_that_is_cut_is_seen(form: str, tmp_path: Path) -> None:
    fields = ("Name C(8)", f"Tag D({form})", "Ort C(8)")
    day = form.replace("JJJJ", "2024").replace("MM", "03").replace("TT", "12")
    lines = [f"{name:<8}{day}Ulm" for name in NAMES]
    lines[3] = lines[3].replace("Ott", "O\xadtt")
    _, rows, ragged = read(tmp_path, "\n".join(lines), fields, key="Name")
    assert ragged == [4] and [row[2] for row in rows] == ["Ulm"] * 5


@holds(3, "fixed")
def test_a_last_line_that_breaks_off(tmp_path: Path) -> None:
    whole = "\n".join([*FULL, line(7, "Wolf", "Musterstadt")])
    for cut in (3, 9, 12):
        _, rows, ragged = read(tmp_path, whole[:-cut])
        assert rows == READ and ragged == [7]
    assert read(tmp_path, whole)[2] == []
    # Where blanks at the end are lost, no line has the length of the others.
    assert read(tmp_path, "\n".join([*TRIMMED, line(7, "Wolf", "Musterst").rstrip()]))[2] == []


@holds(8, "fixed")
@pytest.mark.parametrize("counted", ["NFC", "NFD"])
@pytest.mark.parametrize("name", ["Müller", "Özgül", "Åä"])
@pytest.mark.parametrize("trimmed", [True, False])
def test_accents_as_signs_of_their_own(
    counted: str, name: str, trimmed: bool, tmp_path: Path
) -> None:
    """Whether an exporter fills up letters with accents as one sign or as two."""
    split = unicodedata.normalize("NFD", name)
    blanks = " " * (12 - len(unicodedata.normalize(counted, name)))  # type: ignore[arg-type]
    odd = f"000003{split}{blanks}20240312Ulm        "
    lines = [*FULL[:2], odd, *FULL[3:]]
    text = "\n".join(one.rstrip() if trimmed else one for one in lines)
    _, rows, ragged = read(tmp_path, text)
    rows[2][1] = unicodedata.normalize("NFC", rows[2][1])
    assert rows == [*READ[:2], ["3", name, "2024-03-12", "Ulm"], *READ[3:]] and ragged == []


@holds(8, "fixed")
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-16"])
def test_nul_fills_fields(encoding: str, tmp_path: Path) -> None:
    text = "\r\n".join(FULL).replace(" ", "\0")
    if encoding != "utf-16":
        # Fewer of them, for a text of many is taken for one of two bytes a sign.
        text = "\r\n".join([*FULL * 6, FULL[3].replace(" ", "\0")])
    table, rows, ragged = read(tmp_path, text.encode(encoding))
    assert rows[-6:] == (READ if encoding == "utf-16" else [*READ[1:], READ[3]]) and ragged == []
    (notice,) = table.notices
    assert notice.rule == "nul_removed" and "als Leerzeichen" in notice.message


SOUND: dict[str, tuple[Sequence[str], list[str]]] = {
    "numbers filled with blanks": (FIELDS, [f"{n:6}{one[6:]}" for n, one in enumerate(FULL, 99997)]),
    "a number missing": (("A C(4)", *FIELDS), ["K1  " + one for one in [*FULL, f"      {FULL[0][6:]}"]]),
    "a day missing": (FIELDS, [*FULL, FULL[0].replace("20240312", " " * 8)]),
    "one trimmed line": (FIELDS, [*FULL[:3], TRIMMED[3], *FULL[4:]]),
    "half of them trimmed": (FIELDS, [*FULL[:3], *TRIMMED[3:]]),
    "a text of two parts": (FIELDS, [*FULL, line(7, "von  Ahlen")]),
    "a text that fills its field": (FIELDS, [*FULL, line(7, "Abdulrahmani")]),
    "days of blanks and digits": (
        ("Nr N(6,0)", "Tag D(TT.MM.JJJJ)"),
        [f"{n:06}{day}.03.2024" for n, day in enumerate(("12", "11", "10", " 9", "13", "14"))],
    ),
    "a file of two lines": (FIELDS, [FULL[0], f"     2{FULL[1][6:]}"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SOUND)
def test_sound_lines_stay(case: str, tmp_path: Path) -> None:
    fields, lines = SOUND[case]
    _, rows, ragged = read(tmp_path, "\n".join(lines) + "\n", fields)
    assert len(rows) == len(lines) and ragged == []


@holds(7, "fixed")
def test_rows_that_are_no_data_are_still_known(tmp_path: Path) -> None:
    head = "Nr    Name        Tag     Ort"
    total = "Gesamt"
    table, rows, ragged = read(tmp_path, "\n".join([head, *FULL, head, f"{total:<28}"]))
    assert rows == READ and ragged == []
    assert [(n.rule, n.row) for n in table.notices] == [("footer", 9), ("repeated_header", 1)]
