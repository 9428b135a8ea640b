"""A file that another one seems to replace: whether it does, the records say; nothing ends unseen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from mappings.source_yaml import TablePart
from pipelines.intake.copied_files import sort_originals_first
from pipelines.intake.missing_files import await_files, compare_files
from tests.conformance.fault_kinds import holds
from tests.intake.test_what_is_not_here import FORMATS, HEADER, TALKS, Rows, Source, client, talk
from warehouse.loading.export_names import DeliveredExports
from warehouse.loading.file_changes import sum_by_file
from warehouse.loading.history import Change, FormerRows
from warehouse.loading.mass_change_guard import GuardTripped, Limits, Trip, check_limits

# deliveries one after the other, each a list of files; what the last one lacks, and what is unsure
NAMES: dict[str, tuple[list[str], str, str]] = {
    "municipality keys": (
        ["K_08999001.csv K_08999003.csv", "K_08999003.csv K_08999005.csv"],
        "",
        "K_08999001.csv",
    ),
    "municipality keys and a date": (
        ["K_08999001_2024-03.csv K_08999003_2024-03.csv", "K_08999003_2024-06.csv"],
        "K_08999001_2024-03.csv",
        "",
    ),
    "one for another, with a date": (
        ["K_1_2024-03.csv K_2_2024-03.csv", "K_2_2024-06.csv K_4_2024-06.csv"],
        "",
        "K_1_2024-03.csv",
    ),
    "rolling years": (["G2022.csv G2023.csv", "G2023.csv G2024.csv"], "", "G2022.csv"),
    "a date without separators": (["K20240331.csv", "K20240630.csv"], "", ""),
    "units by letters, dates by numbers": (["N_1.csv S_1.csv", "N_2.csv S_2.csv"], "", ""),
    "the one file is another's": (["Klienten N.csv", "Klienten S.csv"], "", "Klienten N.csv"),
    "lost since two deliveries": (
        ["K_1.csv K_2.csv", "K_2.csv K_3.csv", "K_2.csv K_3.csv"],
        "",
        "K_1.csv",
    ),
    "dated exports, one of them incomplete": (
        ["N_2024-03.csv S_2024-03.csv", "N_2024-04.csv", "N_2024-05.csv S_2024-05.csv"],
        "",
        "",
    ),
    "dated exports, one lost twice": (
        ["N_2024-03.csv S_2024-03.csv", "N_2024-04.csv", "N_2024-05.csv"],
        "S_2024-03.csv",
        "",
    ),
}


@holds(3)
@pytest.mark.parametrize("case", NAMES)
def test_what_names_say(case: str) -> None:
    deliveries, missing, doubtful = NAMES[case]
    part = TablePart(files=["Klienten*.csv", "K*", "*"], key="Nr", feeds={"case": {}})  # type: ignore[arg-type]
    *former, now = [each.replace("n ", "n+").split() for each in deliveries]
    awaited = await_files([{"T": files} for files in former], {"T": part})["T"]
    found = compare_files(awaited, sorted(now), part)
    assert [file.name for file in found.missing] == missing.split()
    assert [file.name.replace("+", " ") for file in found.doubtful] == [doubtful][: bool(doubtful)]


def test_the_export_that_a_file_is() -> None:
    delivered = DeliveredExports(["Süd_1_2024-06.csv", "Süd_2_2024-06.csv", "Nord 7.csv"])
    found = ["SÜD_2_2023-12.csv", "Su\u0308d_1_2024-03.csv", "Süd_3_2024-06.csv", "Nord 8.csv", "X"]
    assert [delivered.find_file(file) for file in found] == [
        "Süd_2_2024-06.csv",
        "Süd_1_2024-06.csv",
        None,
        "Nord 7.csv",
        None,
    ]


# record, rows known from the file, of which gone, rows of the file now; whether it is held
FILES = [
    ("conversation", 8, 8, 0, True),
    ("case", 1, 1, 0, True),
    ("goal", 2, 2, 0, False),
    ("goal", 3, 3, 0, True),
    ("household", 4, 4, 0, False),
    ("person", 1, 1, 0, True),
    ("case", 12, 12, 12, True),
    ("case", 12, 9, 12, True),
    ("case", 12, 8, 12, False),
    ("case", 2, 2, 2, False),
    ("plan", 4, 3, 4, False),
    ("plan", 4, 4, 4, True),
    ("conversation", 40, 12, 0, False),
    ("conversation", 40, 16, 9, False),
    ("consent", 5, 5, 0, False),
    ("consent", 30, 30, 0, True),
]


@holds(3)
@pytest.mark.parametrize(("record", "known", "gone", "there", "trips"), FILES)
def test_one_of_several_files(record: str, known: int, gone: int, there: int, trips: bool) -> None:
    """Its records came under an older date; most others of the source stay."""
    changes = [
        Change("Nord_2.csv", "t", 0, 0, 400, 0),
        Change("Süd_2.csv", "t", there, 0, 0, 0),
        Change("Süd_1.csv", "t", 0, 0, 0, gone),
    ]
    former = [FormerRows("Nord_1.csv", "t", 400, 0), FormerRows("Süd_1.csv", "t", known, gone)]
    files = sum_by_file(record, [("Nord_2.csv", "t"), ("Süd_2.csv", "t")], former, changes)
    held = _find_trips(record, changes, files, known + 400)
    assert [(t.file, t.known, t.gone) for t in held] == [("Süd_2.csv", known, gone)][:trips]
    assert not _find_trips(record, changes, files, known + 400, Limits(gone=1))


def _find_trips(
    record: str,
    changes: list[Change],
    files: Sequence[Trip],
    known: int,
    limits: Limits | None = None,
) -> Sequence[Trip]:
    try:
        check_limits(limits or Limits(), {record: known}, {record: changes}, files=files)
    except GuardTripped as tripped:
        return tripped.trips
    return ()


def clients(*numbers: int) -> Rows:
    return [HEADER, *[client(str(n)) for n in numbers]]


def talks(*numbers: int) -> Rows:
    return [TALKS, *[talk(f"G{n}") for n in numbers]]


@holds(3, "csv", "json")
@pytest.mark.parametrize("form", [pytest.param("csv", marks=pytest.mark.thorough), "jsonl"])
def test_a_municipality_that_another_seems_to_replace(form: str, tmp_path: Path) -> None:
    source = Source(tmp_path, FORMATS[form])
    first, other, new = clients(1, 2), clients(*range(3, 12)), clients(12, 13)
    assert source.deliver(Klienten_08999001=first, Klienten_08999003=other).state == "loaded"
    result = source.deliver(Klienten_08999003=other, Klienten_08999005=new)
    assert result.state == "incomplete" and "Klienten-08999001" in result.message
    # It stays missing until it is there again.
    result = source.deliver(Klienten_08999003=other, Klienten_08999005=new)
    assert result.state == "incomplete" and source.known("case") == 13


@holds(3, "xlsx")
def test_a_year_that_stays_away_or_is_empty(tmp_path: Path) -> None:
    source = Source(tmp_path, FORMATS["xlsx"])
    people, old, middle, new = clients(1, 2, 3), talks(1, 2), talks(*range(3, 12)), talks(12)
    source.deliver(Klienten=people, Gespräche_2022=old, Gespräche_2023=middle)
    result = source.deliver(Klienten=people, Gespräche_2023=middle, Gespräche_2024=new)
    assert result.state == "incomplete" and "Gespräche-2022" in result.message
    result = source.deliver(
        Klienten=people, Gespräche_2022=talks(), Gespräche_2023=middle, Gespräche_2024=new
    )
    assert result.state == "held" and "„Gespräche-2022.xlsx“: von 2 fielen 2" in result.message
    assert source.known("conversation") == 12


@holds(3, "csv")
def test_what_is_the_same_export(tmp_path: Path) -> None:
    """Another date or number, and a few that left, those of the newest file among them."""
    source = Source(tmp_path)
    for number, rows in enumerate(
        (clients(*range(1, 9)), clients(*range(1, 11)), clients(*range(1, 9)))
    ):
        result = source.deliver(**{f"Klienten_2024-0{number + 4}-30": rows})
        assert result.state == "loaded"
    assert source.known("case") == 8
    # The one file is another municipality's.
    result = source.deliver(Klienten_Süd=clients(21, 22))
    assert result.state == "incomplete" and source.known("case") == 10


@holds(3, "csv")
def test_parts_that_are_numbered_on(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.deliver(Klienten_1=clients(1, 2, 3, 4), Klienten_2=clients(5, 6, 7))
    result = source.deliver(Klienten_7=clients(2, 3, 4, 5), Klienten_8=clients(6, 7, 8))
    assert result.state == "loaded" and source.known("case") == 7


@holds(9)
@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["Klienten 2024-12-30.csv", "Klienten.csv"], "Klienten.csv"),
        (["Klienten-neu.csv", "Klienten.csv"], "Klienten.csv"),
        (["K_20240331.csv", "K_20240630.csv"], "K_20240630.csv"),
        (["K_31.03.2024.csv", "K_30.06.2024.csv"], "K_30.06.2024.csv"),
        (["K (1).csv", "K 2024-06.csv"], "K 2024-06.csv"),
        (["K_08999003.csv", "K_08999001.csv"], "K_08999001.csv"),
    ],
)
def test_which_of_two_files_is_read_first(names: list[str], first: str) -> None:
    assert sort_originals_first(names)[0] == sort_originals_first(names[::-1])[0] == first
