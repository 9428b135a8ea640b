"""Every fault at every step: the data are those of a fetch without faults, or it stops and says what to do. Never a locked account."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pytest

from connectors.enaio.settings import Enaio
from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.refused_login import NOTE
from tests.enaio.trial import (
    FULL_BEFORE,
    TYPES,
    Rows,
    Waits,
    fetch,
    impatient,
    pages,
    partly,
    read,
    settings,
)
from tests.fakes.enaio import FAULTS, FakeEnaio, Fault

pytestmark = pytest.mark.thorough

Api = Literal["dms", "osrest"]
# what a fault does if it befalls one request
STOPS = {
    "busy_for_hours": ("server_busy", True),
    "login_page": ("login_page", False),
    "redirect": ("redirected", False),
    "expired": ("login_refused", False),
    "forbidden": ("access_refused", False),
}
REFUSALS = {rule for rule, again in STOPS.values() if not again}
SHIFTS = {"row_inserted", "row_deleted"}
HEALS = sorted(FAULTS.keys() - STOPS.keys() - SHIFTS)
# what it does if it never ends
LASTING = {
    **STOPS,
    **dict.fromkeys(
        (
            "busy_seconds",
            "busy_date",
            "busy_past_date",
            "busy_nonsense",
            "bad_gateway",
            "gateway_timeout",
        ),
        ("server_busy", True),
    ),
    **dict.fromkeys(
        ("truncated", "empty", "other_json", "latin1", "maintenance", "reset"),
        ("answer_broken", True),
    ),
    "server_error": ("server_error", True),
    "not_found": ("not_found", False),
    "drip": ("too_slow", True),
}


@dataclass(frozen=True)
class Step:
    """A request of a fetch, by what it is for; ``number`` counts the searches of a fetch without faults."""

    name: str
    number: int
    partial: bool


def asking(fake: FakeEnaio, api: Api, partial: bool) -> Enaio:
    return partly(fake, types=TYPES[:1]) if partial else settings(fake, api, types=TYPES[:1])


@cache
def undisturbed(api: Api, partial: bool) -> tuple[Rows, tuple[Step, ...]]:
    """The data of a fetch without faults, and its steps worth disturbing."""
    with FakeEnaio() as fake, TemporaryDirectory() as folder:
        told = asking(fake, api, partial)
        fetched = fetch(told, Path(folder), FULL_BEFORE if partial else {})
        data = read(Path(folder), fetched.files)
        kinds = len(told.types)
        log = [
            (entry.what, n)
            for n, entry in enumerate(fake.asked)
            if entry.type == "Person" and n >= kinds
        ]
    passes = {what: [n for w, n in log if w == what] for what in ("data", "ids", "deleted")}
    steps = [Step("probe", 0, partial)]
    for what, numbers in passes.items():
        places = {"first": 0, "middle": len(numbers) // 2, "last": len(numbers) - 1}
        steps += [
            Step(f"{what}-{place}", numbers[i], partial) for place, i in places.items() if numbers
        ]
    return data, tuple({step.number: step for step in steps}.values())


def run(api: Api, step: Step, fault: str, times: int, folder: Path) -> tuple[Rows, FakeEnaio]:
    with FakeEnaio(faults=[Fault(fault, step.number, times)]) as fake:
        told = asking(fake, api, step.partial)
        told = impatient(told) if fault == "drip" else told
        fetched = fetch(told, folder, FULL_BEFORE if step.partial else {})
        return read(folder, fetched.files), fake


CASES = [
    pytest.param(
        api,
        step,
        id=f"{api}-{'changes' if partial else 'full'}-{step.name}",
        # The first step of a kind and the last one are those at an edge.
        marks=[pytest.mark.slow] if step.name.endswith("-middle") else [],
    )
    for api, partial in (("dms", False), ("dms", True), ("osrest", False))
    for step in undisturbed(api, partial)[1]
]


def test_all_steps_are_disturbed() -> None:
    names = {step.name for step in undisturbed("dms", True)[1]}
    assert names == {
        "probe",
        *(
            f"{what}-{where}"
            for what in ("data", "ids", "deleted")
            for where in ("first", "middle", "last")
        ),
    }
    assert {step.name for step in undisturbed("osrest", False)[1]} == {
        name for name in names if "deleted" not in name
    }


@pytest.mark.parametrize("fault", HEALS)
@pytest.mark.parametrize(("api", "step"), CASES)
def test_a_passing_fault_changes_no_datum(api: Api, step: Step, fault: str, tmp_path: Path) -> None:
    data, fake = run(api, step, fault, 1, tmp_path)
    assert data == undisturbed(api, step.partial)[0]
    assert fake.accounts.failures == 0
    served = {entry.body for entry in fake.asked}
    assert all(body in served for body in pages(tmp_path).values())


@pytest.mark.parametrize("fault", sorted(SHIFTS))
@pytest.mark.parametrize(("api", "step"), CASES)
def test_a_list_that_shifts_gives_one_of_its_states(
    api: Api, step: Step, fault: str, tmp_path: Path
) -> None:
    data, fake = run(api, step, fault, 1, tmp_path)
    before = undisturbed(api, step.partial)[0]
    with FakeEnaio(fake.holdings) as later:
        told = asking(later, api, step.partial)
        after = read(
            tmp_path / "later",
            fetch(told, tmp_path / "later", FULL_BEFORE if step.partial else {}).files,
        )
    for table in after:
        assert data[table] in (before[table], after[table]), table


@pytest.mark.parametrize("fault", sorted(STOPS))
@pytest.mark.parametrize(("api", "step"), CASES)
def test_what_cannot_heal_stops_at_once_and_goes_on_later(
    api: Api, step: Step, fault: str, tmp_path: Path
) -> None:
    with FakeEnaio(faults=[Fault(fault, step.number)]) as fake:
        told = asking(fake, api, step.partial)
        before = FULL_BEFORE if step.partial else {}
        with pytest.raises(CannotFetch) as stopped:
            fetch(told, tmp_path, before)
        assert (stopped.value.rule, stopped.value.again) == STOPS[fault]
        assert "Bitte" in stopped.value.message or "bitte" in stopped.value.message
        assert len(fake.asked) == step.number + 1
        if stopped.value.rule in REFUSALS:
            asked = fake.requests
            with pytest.raises(CannotFetch) as refused:
                fetch(told, tmp_path, before)
            assert (refused.value.rule, refused.value.again, fake.requests) == (
                "refused_before",
                False,
                asked,
            )
            (tmp_path / NOTE).unlink()
        fetched = fetch(told, tmp_path, before)
        assert read(tmp_path, fetched.files) == undisturbed(api, step.partial)[0]
        assert fake.accounts.failures <= 1


@pytest.mark.parametrize("fault", sorted(LASTING))
def test_a_lasting_fault_stops_with_a_sentence(fault: str, tmp_path: Path) -> None:
    waits = Waits()
    with FakeEnaio(faults=[Fault(fault, 5, 1000)]) as fake:
        with pytest.raises(CannotFetch) as stopped:
            told = settings(fake, types=TYPES[:1])
            fetch(impatient(told) if fault == "drip" else told, tmp_path, sleep=waits.sleep)
        assert (stopped.value.rule, stopped.value.again) == LASTING[fault]
        assert "itte" in stopped.value.message
        assert fake.accounts.failures <= 1
        doubtful = fault in ("server_error", "not_found")
        assert len(fake.asked) - 5 == (1 if fault in STOPS else 3 if doubtful else 6)
    assert all(0 <= wait <= 120 for wait in waits)


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [("busy_seconds", 7, 7), ("busy_date", 50, 60), ("busy_past_date", 0, 0)],
)
def test_waits_as_long_as_the_server_asks(
    fault: str, least: float, most: float, tmp_path: Path
) -> None:
    waits = Waits()
    with FakeEnaio(faults=[Fault(fault, 4)]) as fake:
        fetch(settings(fake), tmp_path, sleep=waits.sleep)
    assert len(waits) == 1
    assert least <= waits[0] <= most
