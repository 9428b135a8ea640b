"""Over thousands of deliveries with a planted fault: put right, or told with its place, and nothing moved."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.intake.load_delivery import DeliveryResult
from pipelines.intake.run import run_intake
from pipelines.transfer.decision import decide_transfer
from tests.faults.oracle import Seen, SeenFinding, find_faults
from tests.faults.planted import PLANTS, Fault, fits
from tests.faults.towns import EARLIER, LAST, TODAY, Town, draw_town, write_towns
from warehouse import schema
from warehouse.gates.consent import Reason

PER_DISTRICT = 40


def live(
    folder: Path, seed: int, warehouse: str = "duckdb"
) -> list[tuple[Town, Fault | None, list[str]]]:
    """A district of towns, most with one fault in their second delivery, and what is wrong of each."""
    rng = random.Random(seed)
    towns = [draw_town(rng, n) for n in range(PER_DISTRICT)]
    write_towns(folder, towns, warehouse)
    with _open(folder) as hub:
        run_intake(hub)
        ids_before = _read_ids(hub)
    faults = [_plant_one(rng, n, seed, town) for n, town in enumerate(towns)]
    for town in towns:
        town.second.write(folder / town.name / LAST.isoformat(), town.form)
    with _open(folder) as hub:
        results = {r.source: r for r in run_intake(hub) if r.delivered_on == LAST}
        seen = dict(_look(hub, towns, results, ids_before))
    return [
        (t, f, list(find_faults(t, f, seen[t.name]))) for t, f in zip(towns, faults, strict=True)
    ]


def _open(folder: Path) -> Hub:
    return Hub(load_config(folder / "drehscheibe.yaml"), day=TODAY)


def _plant_one(rng: random.Random, number: int, seed: int, town: Town) -> Fault | None:
    """Every fault in turn, so that each is planted about as often; every eleventh town has none."""
    if number % 11 == 10:
        return None
    start = number + seed * PER_DISTRICT
    for step in range(len(PLANTS)):
        plant = PLANTS[(start + step) % len(PLANTS)]
        if fits(plant, town):
            return plant(rng, town)
    return None


def _read_ids(hub: Hub) -> dict[tuple[str, str], str]:
    link = schema.person_link
    rows = select(link.c.source, link.c.source_key, link.c.person_id).where(
        link.c.known_to.is_(None)
    )
    with hub.store.read() as connection:
        return {(source, key): person for source, key, person in connection.execute(rows)}


def _look(
    hub: Hub,
    towns: list[Town],
    results: dict[str, DeliveryResult],
    ids_before: dict[tuple[str, str], str],
) -> Iterator[tuple[str, Seen]]:
    names = ("last_name", "first_name", "birth_date", "sex", "nationality", "entry_date")
    p, c, cp = schema.person, schema.conversation, schema.conversation_participant
    f, d, h, case = schema.finding, schema.delivery, schema.housing, schema.counselling_case
    with hub.store.read() as connection:

        def known(table, *columns):  # type: ignore[no-untyped-def]
            chosen = select(table.c.source, *(table.c[n] for n in columns))
            return connection.execute(chosen.where(table.c.known_to.is_(None))).all()

        persons = known(p, "source_key", *names)
        talks = known(c, "source_key", "held_on")
        participants = known(cp, "conversation_key", "person_key")
        assigned = known(h, "person_key")
        municipalities = known(case, "person_key", "municipality")
        findings = connection.execute(
            select(d.c.source, f.c.file, f.c.row_number, f.c.rule, f.c.severity).where(
                d.c.delivery_id == f.c.delivery_id, d.c.delivered_on == LAST
            )
        ).all()
    ids = _read_ids(hub)
    decision = decide_transfer(hub, "jobcenter", TODAY)
    released, refused = decision.released, decision.refused
    figures = compute_kennzahlen(
        hub, FigureRequest(EARLIER.replace(month=1, day=1), TODAY), ["source"]
    )
    for town in towns:
        s = town.name
        result = results.get(s)
        value = {
            f.indicator: f.value for f in figures.figures
            if f.unit.get("source") == s and f.category is None
        }  # fmt: skip
        yield (
            s,
            Seen(
                state=result.state.value if result else "not looked at",
                message=result.message if result else "",
                findings=[
                    SeenFinding(file, row, rule, sev)
                    for source, file, row, rule, sev in findings
                    if source == s
                ],
                persons={r[1]: dict(zip(names, r[2:], strict=True)) for r in persons if r[0] == s},
                ids_before={k: v for (source, k), v in ids_before.items() if source == s},
                ids={k: v for (source, k), v in ids.items() if source == s},
                talks={r[1]: r[2] for r in talks if r[0] == s},
                participants=_group([r for r in participants if r[0] == s]),
                assigned={r[1] for r in assigned if r[0] == s},
                municipalities={
                    r[1]: r[2] for r in municipalities if r[0] == s and town.form != "jsonl"
                },
                released={
                    key: set(groups) for (source, key), groups in released.items() if source == s
                },
                held_by_others={
                    key
                    for (source, key), reasons in refused.items()
                    if source == s and set(reasons) == {Reason.SOURCE_NOT_CURRENT}
                },
                conversations=value.get("conversations", 0),
                persons_reached=value.get("persons_reached", 0),
            ),
        )


def _group(rows: list) -> dict[str, set[str]]:  # type: ignore[type-arg]
    groups: dict[str, set[str]] = {}
    for _, key, value in rows:
        groups.setdefault(key, set()).add(value)
    return groups


def describe(found: list[tuple[Town, Fault | None, list[str]]]) -> list[str]:
    """The faults that were neither put right nor told."""
    return [
        f"{fault.kind} {fault.name}" + f" in {town.form} ({town.name}): {'; '.join(wrong[:4])}"
        if fault
        else f"no fault in {town.form} ({town.name}): {'; '.join(wrong[:4])}"
        for town, fault, wrong in found
        if wrong
    ]


@pytest.mark.slow
def test_each_fault_is_put_right_or_told(tmp_path: Path) -> None:
    assert describe(live(tmp_path, 0)) == []


@pytest.mark.slow
def test_each_fault_is_put_right_or_told_on_a_server(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    assert describe(live(tmp_path, 1, new_database())) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_five_thousand_deliveries(tmp_path: Path, part: int) -> None:
    wrong: list[str] = []
    for seed in range(25 * part + 10, 25 * part + 35):
        wrong += describe(live(tmp_path / str(seed), seed))
    assert wrong == []
