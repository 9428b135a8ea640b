"""Whatever a delivery changes, leaning on the one before gives what the full way gives: rows, provenance, balances, findings."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.readers import csv_walk
from connectors.readers.text_file import TextFile
from mappings.engine.table import TableMapper
from pipelines.hub import Hub
from tests.remembered.both_ways import Row, client, contact, content, deliver, opened, take

DAYS = [date(2025, month, 28) for month in range(1, 4)]
CONTACT = st.builds(
    contact,
    st.sampled_from(["", "1", "2", "3", " 3", "4"]),
    st.sampled_from(["03.02.2024", "03.02.24", "31.02.2024", ""]),
    st.sampled_from(["30", "45", "lange"]),
    st.sampled_from(["Arbeit", "Wohnen", "Wetter", ""]),
    st.sampled_from(["7", "8", ""]),
)
ODD = st.sampled_from([("1", "zu kurz"), tuple("zu viele Zellen in dieser Zeile")])
CLIENT = st.builds(client, st.sampled_from(["7", "8", "9", ""]), st.sampled_from(["01.05.1990", "15.02.2025", "15.02.25", "1.1.1"]))
ROWS = st.lists(CONTACT | CONTACT | CONTACT | ODD, max_size=8)
CHANGE = st.sampled_from(["drop", "twice", "swap", "other", "add", "same"])


@st.composite
def courses(draw: st.DrawFn) -> list[tuple[list[Row], list[Row]]]:
    """Deliveries in which each has much of the one before."""
    contacts: list[Row] = draw(ROWS)
    clients: list[Row] = draw(st.lists(CLIENT, max_size=4))
    course = [(contacts, clients)]
    for _ in DAYS[1:]:
        contacts, clients = changed(draw, contacts, CONTACT), changed(draw, clients, CLIENT)
        course.append((contacts, clients))
    return course


def changed(draw: st.DrawFn, rows: list[Row], other: st.SearchStrategy[Row]) -> list[Row]:
    rows = list(rows)
    for change in draw(st.lists(CHANGE, max_size=3)):
        if change == "add" or not rows:
            rows.insert(draw(st.integers(0, len(rows))), draw(other))
            continue
        at, there = draw(st.integers(0, len(rows) - 1)), draw(st.integers(0, len(rows) - 1))
        if change == "drop":
            del rows[at]
        elif change == "twice":
            rows.append(rows[at])
        elif change == "swap":
            rows[at], rows[there] = rows[there], rows[at]
        elif change == "other":
            rows[at] = draw(other)
    return rows


@pytest.fixture(autouse=True, params=["row by row", "line by line"])
def reading(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files are read row by row; large ones by their lines, here in blocks of a few lines."""
    if request.param == "line by line":
        whole = TextFile.blocks
        monkeypatch.setattr(csv_walk, "SMALL_BYTES", 0)
        monkeypatch.setattr(TextFile, "blocks", lambda self, size=0: whole(self, 700))


@given(courses())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_is_known(empty_file: Path, course: list[tuple[list[Row], list[Row]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        exports = Path(folder, "exports")
        for way in ("leaning", "full"):
            Path(folder, way, "data").mkdir(parents=True)
            shutil.copyfile(empty_file, Path(folder, way, "data", "warehouse.duckdb"))
        with opened(Path(folder, "leaning"), exports) as leaning, opened(Path(folder, "full"), exports) as full:
            for day, (contacts, clients) in zip(DAYS, course, strict=True):
                deliver(exports, day, contacts, clients)
                ways = [take(leaning), take(full, remembering=False)]
                assert ways[0].state == ways[1].state
                assert ways[0].findings == ways[1].findings
                assert content(leaning) == content(full)


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each batch that was mapped had."""
    counts: list[int] = []
    plainly: Callable[..., object] = TableMapper.map

    def counting(self: TableMapper, cells: object, *rest: object) -> object:
        counts.append(cells.num_rows)  # type: ignore[attr-defined]
        return plainly(self, cells, *rest)

    monkeypatch.setattr(TableMapper, "map", counting)
    return counts


FIRST = [contact(str(n)) for n in range(100)] + [contact("7", topic="Wohnen"), contact("200", "31.02.2024")]


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub that has taken a first delivery."""
    deliver(tmp_path / "exports", DAYS[0], FIRST)
    hub = opened(tmp_path / "hub", tmp_path / "exports")
    take(hub)
    return hub


def again(hub: Hub, rows: list[Row]) -> list[tuple[int, int, int, int]]:
    exports = hub.config.sources["tau"].folder
    deliver(exports, DAYS[1], rows)
    taken = take(hub)
    assert taken.loaded is not None
    return [(c.new, c.changed, c.unchanged, c.gone) for c in taken.loaded.changes["conversation"]]


def test_the_same_bytes_are_not_read(hub: Hub, mapped: list[int]) -> None:
    assert again(hub, FIRST) == [(0, 0, 100, 0)]
    # The clients' births hang on the day of the delivery; there are none here.
    assert sum(mapped) == 0
    hub.close()


def test_only_what_changed_is_mapped(hub: Hub, mapped: list[int]) -> None:
    rows = [contact("3", minutes="99") if r[0] == "3" else r for r in FIRST if r[0] not in ("5", "7")]
    assert again(hub, [*rows, contact("101"), contact("102")]) == [(2, 1, 97, 2)]
    # Contact 3, the two new ones, and the one whose date cannot be read.
    assert sum(mapped) == 4
    hub.close()


def test_one_of_several_rows_brings_the_others(hub: Hub, mapped: list[int]) -> None:
    rows = [contact("7", topic="Sprache") if r == contact("7", topic="Wohnen") else r for r in FIRST]
    assert again(hub, rows) == [(0, 1, 99, 0)]
    assert sum(mapped) == 3
    hub.close()


@pytest.mark.parametrize("damage", ["gone", "cut", "other", "said"])
def test_what_is_damaged_is_not_leant_on(hub: Hub, mapped: list[int], damage: str) -> None:
    for path in (p for p in (hub.landing.folder / "cache").rglob("*") if p.is_file()):
        if damage == "gone":
            path.unlink()
        elif damage == "cut":
            path.write_bytes(path.read_bytes()[:-9])
        elif damage == "other" and path.name != "last.json":
            path.write_bytes(path.read_bytes().replace(b"\x01", b"\x00"))
        elif damage == "said" and path.name == "last.json":
            # Whole as JSON, and not what was written: it would be believed.
            text = path.read_bytes()
            assert text.count(b'\\"conversation\\": 100') == 1
            path.write_bytes(text.replace(b'\\"conversation\\": 100', b'\\"conversation\\": 101'))
    assert again(hub, [*FIRST, contact("101")]) == [(1, 0, 100, 0)]
    assert sum(mapped) == len(FIRST) + 1
    hub.close()


def test_another_warehouse_is_not_leant_on(hub: Hub, mapped: list[int], tmp_path: Path) -> None:
    hub.close()
    shutil.move(tmp_path / "hub" / "data" / "warehouse.duckdb", tmp_path / "elsewhere")
    take(hub)
    hub.close()
    shutil.move(tmp_path / "elsewhere", tmp_path / "hub" / "data" / "warehouse.duckdb")
    mapped.clear()
    assert again(hub, [*FIRST, contact("101")]) == [(1, 0, 100, 0)]
    assert sum(mapped) == len(FIRST) + 1
    hub.close()


def test_on_a_server(tmp_path: Path, server: str) -> None:
    exports = tmp_path / "exports"
    deliver(exports, DAYS[0], FIRST)
    with opened(tmp_path / "leaning", exports, server) as leaning, opened(tmp_path / "full", exports) as full:
        for hub in (leaning, full):
            take(hub)
        for day, rows in zip(DAYS[1:], (FIRST[3:], [contact("7"), *FIRST[20:], contact("7")]), strict=True):
            deliver(exports, day, rows)
            take(leaning)
            take(full, remembering=False)
            assert content(leaning) == content(full)
