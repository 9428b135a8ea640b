"""The guard from limit to acceptance: what is held, how it shows, who lets it through, and that it holds up nobody else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipelines.cli.app import app
from pipelines.cli.errors import guarded
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.history.files import configuration, write
from tests.history.world import SOURCES, Delivery, Record, Table
from warehouse.loading.history import Change
from warehouse.loading.mass_change_guard import GuardTripped, Limits, check_limits
from warehouse.schema import ENTITIES

FIRST = date(2025, 1, 31)
KNOWN, MONTH = 40, timedelta(days=28)
SECOND = (FIRST + MONTH).isoformat()


def _change(gone: int, changed: int, delivered: int = 0) -> list[Change]:
    there = Change("a.csv", "t", 0, changed, max(0, delivered - changed), 0)
    return [there, Change("b.csv", "t", 0, 0, 0, gone)]


@pytest.mark.parametrize(
    ("limits", "known", "gone", "changed", "trips"),
    [
        (Limits(), 100, 30, 60, False),
        (Limits(), 100, 31, 0, True),
        (Limits(), 100, 0, 61, True),
        (Limits(), 19, 9, 10, False),
        (Limits(), 20, 7, 0, True),
        (Limits(), 20, 6, 12, False),
        (Limits(), 0, 0, 0, False),
        (Limits(gone=0, changed=0), 100, 0, 0, False),
        (Limits(gone=0), 100, 1, 0, True),
        (Limits(changed=0), 100, 0, 1, True),
        (Limits(gone=1, changed=1), 100, 100, 100, False),
        (None, 100, 100, 0, False),
    ],
)
def test_limits(limits: Limits | None, known: int, gone: int, changed: int, trips: bool) -> None:
    changes = {"case": _change(gone, changed), "plan": _change(0, 0)}
    if not trips:
        check_limits(limits, {"case": known, "plan": 50}, changes)
        return
    with pytest.raises(GuardTripped) as tripped:
        check_limits(limits, {"case": known, "plan": 50}, changes)
    assert [(t.record, t.known, t.gone, t.changed) for t in tripped.value.trips] == [
        ("case", known, gone, changed)
    ]


@pytest.mark.parametrize(
    ("record", "known", "delivered", "new", "trips"),
    [
        ("case", 1, 0, 0, True),
        ("conversation", 5, 0, 0, True),
        ("case", 15, 2, 0, True),
        ("case", 15, 7, 0, True),
        ("case", 15, 8, 0, False),
        ("case", 3, 2, 0, False),
        ("goal", 8, 3, 0, False),
        ("goal", 8, 0, 0, True),
        ("household", 1, 0, 0, True),
        ("case", 2, 1, 0, False),
        # Other records in the place of those known: a small delivery it is not.
        ("case", 2, 0, 2, False),
        # The last consents are withdrawn like the others.
        ("consent", 1, 0, 0, False),
        ("case", 0, 0, 0, False),
    ],
)
def test_few_records(record: str, known: int, delivered: int, new: int, trips: bool) -> None:
    changes = {record: [Change("a.csv", "t", new, 0, delivered, known - delivered)]}
    limits = [Limits(), Limits(gone=1)]
    held = []
    for limit in limits:
        try:
            check_limits(limit, {record: known}, changes)
            held.append(False)
        except GuardTripped:
            held.append(True)
    assert held == [trips, False]


class District:
    """A configuration whose sources deliver cases as CSV, worked with by its commands alone."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str] | None) -> None:
        self.folder, self.capsys = folder, capsys
        self.config = configuration(folder, "duckdb", dict.fromkeys(SOURCES, 1))

    def set(self, source: str, **settings: Any) -> None:
        told = json.loads(self.config.read_text("utf-8"))
        told["sources"][source] |= settings
        self.config.write_text(json.dumps(told), "utf-8")

    def deliver(
        self, source: str, number: int, keys: Sequence[int], staff: str = "Anna", changed: int = 0
    ) -> Delivery:
        """The ``number``-th month of a source: these cases, the first ``changed`` of them with another counsellor."""
        rows = tuple(
            (f"P{k}", _case("Berta" if n < changed else staff)) for n, k in enumerate(keys)
        )
        delivery = Delivery(
            source, FIRST + number * MONTH, True, (Table("0-case-0.csv", "case", rows),), 1
        )
        write(delivery, self.folder / source)
        return delivery

    def call(self, *arguments: str) -> tuple[int, Any, str]:
        """Exit status, what was printed (JSON read), and the error's text."""
        assert self.capsys is not None
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            guarded(lambda: app([*arguments, "-c", str(self.config)]))
        said = self.capsys.readouterr()
        return (
            int(ended.value.code or 0),
            (json.loads(said.out) if said.out.startswith("{") else said.out),
            said.err,
        )

    def states(self) -> dict[tuple[str, str], str]:
        return {
            (d["source"], d["date"]): d["state"]
            for d in self.call("balance", "--json")[1]["deliveries"]
        }

    def known(self, source: str) -> int:
        table = ENTITIES["case"].table
        with Hub(load_config(self.config)) as hub, hub.store.read() as connection:
            return len(
                connection.execute(
                    select(table.c.source_key).where(
                        table.c.source == source, table.c.known_to.is_(None)
                    )
                ).all()
            )


def _case(staff: str) -> Record:
    return {"case": [{"begun_on": date(2024, 1, 1), "staff": staff}]}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources that are known; copied, not worked with."""
    made = District(tmp_path_factory.mktemp("once"), None)
    for source in ("enaio", "tau"):
        made.deliver(source, 0, range(KNOWN))
    with Hub(load_config(made.config)) as hub:
        assert [t.state for t in run_intake(hub)] == ["loaded"] * 2
    return made.folder


@pytest.fixture(scope="module")
def twice(once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second delivery of one source lacks half of its cases; the other's is as usual."""
    folder = tmp_path_factory.mktemp("twice") / "district"
    shutil.copytree(once, folder)
    made = District(folder, None)
    made.deliver("enaio", 1, range(KNOWN // 2))
    made.deliver("tau", 1, range(KNOWN + 1))
    with Hub(load_config(made.config)) as hub:
        assert [(t.source, t.state) for t in run_intake(hub)] == [
            ("enaio", "known"),
            ("tau", "known"),
            ("enaio", "held"),
            ("tau", "loaded"),
        ]
    return folder


@pytest.fixture
def district(once: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> District:
    """A district with two known sources."""
    shutil.copytree(once, tmp_path / "district")
    return District(tmp_path / "district", capsys)


@pytest.fixture
def held(twice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> District:
    """A district in which a delivery is held."""
    shutil.copytree(twice, tmp_path / "district")
    return District(tmp_path / "district", capsys)


@pytest.mark.parametrize(
    ("settings", "left", "changed", "state"),
    [
        ({}, 28, 0, "loaded"),
        ({}, 27, 0, "held"),
        ({}, 40, 24, "loaded"),
        ({}, 40, 25, "held"),
        ({"max_gone_share": 0.5}, 20, 0, "loaded"),
        ({"max_gone_share": 0.5}, 19, 0, "held"),
        ({"max_gone_share": 0}, 39, 0, "held"),
        ({"max_gone_share": 1}, 0, 0, "loaded"),
        ({"max_changed_share": 0.1}, 40, 5, "held"),
        ({"max_changed_share": 1}, 40, 40, "loaded"),
    ],
)
def test_a_source_has_its_own_limits(
    district: District, settings: dict[str, float], left: int, changed: int, state: str
) -> None:
    district.set("enaio", **settings)
    district.deliver("enaio", 1, range(left), changed=changed)
    assert district.call("run")[0] == (1 if state == "held" else 0)
    assert district.states()["enaio", SECOND] == state


def test_a_held_delivery_changes_nothing_and_shows_everywhere(held: District) -> None:
    assert (held.known("enaio"), held.known("tau")) == (KNOWN, KNOWN + 1)
    assert held.states()["enaio", SECOND] == "held" and held.states()["tau", SECOND] == "loaded"
    line = {x["source"]: x for x in held.call("status", "--json")[1]["sources"]}["enaio"]
    assert (
        line["state"] == "held" and f"Fälle: von {KNOWN} fielen {KNOWN // 2} weg" in line["message"]
    )
    # A run that finds it again says so again, of this source alone.
    status, _, error = held.call("run", "--json")
    assert (
        status == 1
        and "enaio (" in error
        and "drehscheibe accept" in error
        and "tau (" not in error
    )
    assert held.known("enaio") == KNOWN


def test_an_accepted_delivery_is_judged_anew_when_read_by_another_mapping(held: District) -> None:
    held.call("accept", f"enaio/{SECOND}", "--reason", "geprüft")
    assert held.call("run")[0] == 0
    path = held.folder / "enaio.yaml"
    told = json.loads(path.read_text("utf-8"))
    told["tables"]["case"]["feeds"]["case"]["fields"].pop("staff")
    told["tables"]["case"]["ignore"] = ["case.staff"]
    path.write_text(json.dumps(told), "utf-8")
    assert held.call("run")[0] == 1
    assert held.states()["enaio", SECOND] == "held"
    # Held now, it was loaded once: nothing older takes its place.
    assert held.call("run")[0] == 1
    assert held.known("enaio") == KNOWN // 2


def test_the_next_delivery_is_judged_by_what_is_known(held: District) -> None:
    held.deliver("enaio", 2, range(KNOWN + 2))
    held.call("run")
    assert held.known("enaio") == KNOWN + 2
    # What was held is older now: it is red no longer, and nobody brings it back.
    assert held.call("run")[0] == 0
    assert "overtaken" in held.call("accept", f"enaio/{SECOND}", "--reason", "zu spät")[2]
    assert held.call("run")[0] == 0
    assert held.known("enaio") == KNOWN + 2


def test_an_accepted_delivery_comes_before_the_next_one(held: District) -> None:
    held.call("accept", f"enaio/{SECOND}", "--reason", "geprüft")
    held.deliver("enaio", 2, range(KNOWN // 2 + 1))
    assert held.call("run")[0] == 0
    assert held.known("enaio") == KNOWN // 2 + 1
    assert [s for (source, _), s in sorted(held.states().items()) if source == "enaio"] == [
        "loaded"
    ] * 3


def test_an_export_that_comes_back_after_another_of_its_day_is_loaded(district: District) -> None:
    for keys, known in ((KNOWN, KNOWN), (KNOWN - 3, KNOWN - 3), (KNOWN, KNOWN)):
        district.deliver("enaio", 1, range(keys))
        assert district.call("run")[0] == 0
        assert district.known("enaio") == known
