"""A small warehouse of each released schema revision, with the figures it must still give. `python -m tests.upgrades.warehouses` adds one.

Each is a backup (NAME.zip) made when the revision was the newest, and the figures as they were then (NAME.json); neither is ever
made again.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import UNITS, Scope
from warehouse.migrations import list_revisions

FOLDER = Path(__file__).parent / "released"


def figures(store: Store, names: Iterable[str] = INDICATORS) -> list[Any]:
    """Indicators for all units, in the middle and at the end, as plain JSON."""
    from datetime import date

    last, answers = store.last_load(), []
    with store.read() as connection:
        for name in names:
            for by in (None, *UNITS):
                for load in (last // 2, last):
                    scope = Scope(date(2024, 1, 1), date(2025, 12, 31), KnownAt(load), by)
                    rows = connection.execute(INDICATORS[name](scope))
                    found = sorted([list(row) for row in rows], key=str)
                    answers.append([name, by, load, found])
    return answers


def expected(revision: str) -> list[Any]:
    """The figures of a released warehouse."""
    found: list[Any] = json.loads((FOLDER / f"{revision}.json").read_text(encoding="utf-8"))
    return found


def add() -> Path:
    """Makes the warehouse of the newest revision, from a simulated district; FileExistsError where it is there already."""
    from examples.district import AGS
    from examples.generate import simulate_district
    from pipelines.config import load_config
    from pipelines.hub import Hub
    from pipelines.intake.run import run_intake
    from warehouse.backup.backup import write_backup
    from warehouse.landing.landing import Landing

    target = FOLDER / f"{list_revisions()[-1]}.zip"
    if target.exists():
        raise FileExistsError(f"{target.name} is released and stays as it is")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = simulate_district(Path(folder), seed=5, persons=30)
        _write_grants(Path(made.config))
        with Hub(load_config(made.config)) as hub:
            run_intake(hub)
            _decide_some(hub)
            # The tables are what a migration works on; the landed files would only make it large.
            write_backup(
                hub.store, Landing(Path(folder, "no_landing")), target, AGS, leave_out_damaged=True
            )
            text = json.dumps(figures(hub.store), ensure_ascii=False)
    target.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    target.chmod(0o644)
    return target


def _write_grants(config: Path) -> None:
    """A register of staff, posts and grants, so that none of its tables is empty."""
    (config.parent / "grants.yaml").write_text(
        "grants: [{key: g, from: 2024-01-01}]\n"
        "posts: [{key: p, grant: g, vzae: 1, municipalities: [Lerchenweiler]}]\n"
        "staff: [{key: im-1, qualification: b}]\n"
        "names: [{staff: im-1, source: enaio, name: Probe}]\n"
        "holdings: [{staff: im-1, post: p, from: 2024-01-01, vzae: 0.75}]\n"
        "interruptions: [{staff: im-1, from: 2024-02-01, to: 2024-02-29}]\n"
        "extensions: [{source: enaio, key: P-1, until: 2025-01-01, reason: Probe}]\n",
        encoding="utf-8",
    )
    with config.open("a", encoding="utf-8") as file:
        file.write("funding: {register: grants.yaml}\n")


def _decide_some(hub: Any) -> None:
    """Pairs that wait, and decisions of each kind, so that no table of identity is empty."""
    from pipelines.intake.identity_decisions import decide_pair, undo_decision
    from warehouse.identity.decisions import Verdict
    from warehouse.identity.scored_pairs import Rescored, ScoredPair, replace_pairs
    from warehouse.identity.waiting_pairs import read_person_ids

    newest = hub.store.last_load()
    with hub.store.transaction() as connection:
        persons = read_person_ids(connection)
        one, other, third, fourth = (
            min(key for key in persons if key[0] == source)
            for source in ("enaio", "jobkraftwerk", "tau", "workbook")
        )
        why = ("Gleich: Geburtsdatum.",), ("Verschieden: Einreise.",)
        pair = ScoredPair(one, fourth, 4.5, "review", *why)
        replace_pairs(connection, newest, Rescored([one], [pair]), persons)
    names = [":".join(key) for key in (one, other, third, fourth)]
    decide_pair(hub, names[0], names[1], Verdict.SAME, "geprüft", "M.")
    decide_pair(hub, names[0], names[2], Verdict.SAME, "geprüft", "N.")
    decide_pair(hub, names[0], names[3], Verdict.UNSURE, "geprüft", "N.")
    decide_pair(hub, names[1], names[3], Verdict.DIFFERENT, "geprüft", "M.")
    undo_decision(hub, [names[0], names[2]], "verwechselt", "N.")


def embedded(folder: Path) -> URL:
    """The address of an embedded warehouse that is not there yet."""
    return URL.create("duckdb", database=str(folder / "warehouse.duckdb"))


if __name__ == "__main__":
    print(add())
