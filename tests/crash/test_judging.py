"""The crash tests judge: a lost row, a doubled one, another answer, half a file and a left-over are each seen."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.answers import State, files, landing_holds, lost, same_but_registers
from tests.crash.both_engines import bad, table
from tests.crash.ground import Stage
from tests.crash.matrix import Outcome, differing
from tests.crash.points import at_events, lives

ROWS = {"person": Counter({("a",): 1, ("b",): 1}), "team": Counter({("Nord",): 1})}


@pytest.mark.parametrize(
    ("person", "missing", "too_many"),
    [
        ({("a",): 1}, 1, 0),
        ({("a",): 1, ("b",): 2}, 0, 1),
        ({("a",): 1, ("c",): 1}, 1, 1),
        ({("a",): 1, ("b",): 1}, 0, 0),
    ],
)
def test_rows_are_counted(
    person: dict[tuple[object, ...], int], missing: int, too_many: int
) -> None:
    got = {**ROWS, "person": Counter(person)}
    assert (lost(ROWS, got), lost(got, ROWS)) == (missing, too_many)
    assert same_but_registers(ROWS, got) is (missing == too_many == 0)
    assert same_but_registers(ROWS, {**got, "team": Counter()}) is (missing == too_many == 0)


def test_another_answer_or_file_is_seen() -> None:
    one = State({"balance": "1", "links": "2"}, ROWS, {"out/a": "x"})
    assert differing(one, one) == []
    assert differing(one, State({"balance": "1", "links": "3"}, ROWS, {"out/b": "x"})) == [
        "links",
        "out/a",
        "out/b",
    ]


def test_half_a_landed_file_and_a_manifest_without_its_file_are_seen(tmp_path: Path) -> None:
    landing = tmp_path / "data" / "landing"
    name = hashlib.sha256(b"whole").hexdigest()
    kept = landing / name[:2] / name
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"whole")
    (landing / "manifests").mkdir()
    (landing / "manifests" / "m.json").write_text(json.dumps({"files": [{"sha256": name}]}))
    assert landing_holds(tmp_path)
    assert files(tmp_path)[f"data/landing/{name[:2]}/{name}"] == name
    kept.write_bytes(b"who")
    assert not landing_holds(tmp_path)
    kept.unlink()
    assert not landing_holds(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lost": 1},
        {"doubled": 1},
        {"stuck": [".x"]},
        {"between": False},
        {"sealed": False},
        {"equal": False},
        {"clear": False},
    ],
    ids=lambda w: next(iter(w)),
)
def test_one_wrong_thing_makes_a_point_bad(wrong: dict[str, object]) -> None:
    outcome = Outcome("duckdb", "kill", "landing", "before replace", "run", True, **wrong)  # type: ignore[arg-type]
    line = outcome.line()
    assert bad([line]) == [line]
    (row,) = table({"duckdb": [line]})
    assert row["points"] == 1
    assert (
        row["lost"],
        row["doubled"],
        row["stuck"],
        row["torn"],
        row["leaked"],
        row["unclear"],
        1 - row["equal"],
    ).count(1) == 1


def test_points_visit_every_step_before_any_twice() -> None:
    stages = [
        Stage(n, "run", (), 1.0, [("a", "x"), ("a", "y"), ("b", "x"), ("c", "x")] * 3)
        for n in range(2)
    ]
    chosen = at_events(stages, 9, random.Random(1))
    assert {p.step for p in chosen[:3]} == {"a", "b", "c"}
    assert len(set(chosen)) == 9
    dealt = lives(stages, chosen, 2)
    assert sorted(map(str, chosen)) == sorted(
        str(p) for life in dealt for stage in life for p in stage
    )
    assert all(p.stage == n for life in dealt for n, stage in enumerate(life) for p in stage)
