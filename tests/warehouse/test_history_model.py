"""Generated deliveries against a history kept in plain Python: the same records, counts and states at every load."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.deliveries import changes, deliver, known
from warehouse.database.store import Store

DAY = date(2024, 5, 1)
Talks = dict[str, tuple[int, frozenset[str]]]
TALK = st.tuples(
    st.integers(1, 2), st.frozensets(st.sampled_from(["arbeit", "kinder", "wohnen"]), max_size=2)
)


class Delivery(NamedTuple):
    """Conversations (minutes and topics by key) of one source."""

    source: str
    full: bool
    talks: Talks


DELIVERY = st.builds(
    Delivery,
    st.sampled_from(["enaio", "tau"]),
    st.sampled_from([True, True, False]),
    st.dictionaries(st.sampled_from("abcd"), TALK, max_size=4),
)


def after(before: Talks, arriving: Delivery) -> tuple[Talks, tuple[int, int, int, int]]:
    """What the model knows after a delivery, and new, changed, unchanged, gone."""
    both = before.keys() & arriving.talks.keys()
    same = sum(before[k] == arriving.talks[k] for k in both)
    gone = before.keys() - arriving.talks.keys() if arriving.full else set()
    kept = {k: v for k, v in before.items() if k not in gone}
    return {**kept, **arriving.talks}, (
        len(arriving.talks.keys() - before.keys()),
        len(both) - same,
        same,
        len(gone),
    )


def in_warehouse(store: Store, source: str, load: int | None = None) -> Talks:
    talks = known(store, "conversation", source=source, load=load)
    topics = known(store, "conversation_topic", source=source, load=load).values()
    return {
        key: (row["minutes"], frozenset(t["topic"] for t in topics if t["conversation_key"] == key))
        for key, row in talks.items()
    }


@given(st.lists(DELIVERY, min_size=1, max_size=5))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_history_is_what_a_plain_history_is(empty_file: Path, deliveries: list[Delivery]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(empty_file, Path(folder, "w.duckdb"))
        with Store(f"duckdb:///{folder}/w.duckdb") as store:
            check(store, deliveries)


def check(store: Store, deliveries: list[Delivery]) -> None:
    model: dict[str, Talks] = {"enaio": {}, "tau": {}}
    states = []
    for arriving in deliveries:
        model = dict(model)
        model[arriving.source], counts = after(model[arriving.source], arriving)
        content = {
            "conversation": [
                {"key": k, "held_on": DAY, "minutes": m} for k, (m, _) in arriving.talks.items()
            ],
            "conversation_topic": [
                {"key": k, "topic": t} for k, (_, ts) in arriving.talks.items() for t in sorted(ts)
            ],
        }
        done = deliver(store, content, source=arriving.source, full=arriving.full, link=False)
        assert changes(done, "conversation") == counts
        assert {source: in_warehouse(store, source) for source in model} == model
        states.append(model)
    for number, state in enumerate(states, start=1):
        assert {source: in_warehouse(store, source, number) for source in state} == state
