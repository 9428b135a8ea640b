"""The funding evidence: who counts on the key date, and shares that add up to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse.deliveries import deliver
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.marts.funding import Window, count_target_group, split_amount, target_group


@pytest.mark.parametrize(
    ("amount", "persons", "shares"),
    [
        ("100.00", {"1": 1, "2": 1}, {"1": "50.00", "2": "50.00"}),
        ("100.00", {"1": 1, "2": 1, "3": 1}, {"1": "33.34", "2": "33.33", "3": "33.33"}),
        ("0.05", {"3": 1, "1": 1, "2": 1}, {"1": "0.02", "2": "0.02", "3": "0.01"}),
        ("100.00", {"1": 1, "2": 2, "3": 4}, {"1": "14.29", "2": "28.57", "3": "57.14"}),
        ("10.00", {"1": 0, "2": 3}, {"1": "0.00", "2": "10.00"}),
        ("0.00", {"1": 5}, {"1": "0.00"}),
        (
            "1000000.00",
            {"1": 27, "2": 48, "3": 50},
            {"1": "216000.00", "2": "384000.00", "3": "400000.00"},
        ),
    ],
)
def test_shares(amount: str, persons: dict[str, int], shares: dict[str, str]) -> None:
    assert {
        ags: str(share) for ags, share in split_amount(Decimal(amount), persons).items()
    } == shares


@pytest.mark.parametrize(
    ("amount", "persons"),
    [("-0.01", {"1": 1}), ("0.001", {"1": 1}), ("1.00", {"1": 0}), ("1.00", {})],
)
def test_what_cannot_be_shared(amount: str, persons: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="amount"):
        split_amount(Decimal(amount), persons)


@given(
    st.decimals(0, 10**9, places=2),
    st.dictionaries(
        st.sampled_from([f"0899900{n}" for n in range(1, 10)]), st.integers(0, 5000), min_size=1
    ).filter(lambda persons: sum(persons.values()) > 0),
)
def test_shares_add_up_and_are_as_fair_as_cents_allow(
    amount: Decimal, persons: dict[str, int]
) -> None:
    shares, total = split_amount(amount, persons), sum(persons.values())
    assert sum(shares.values()) == amount
    exact = {ags: amount * count / total for ags, count in persons.items()}
    assert all(abs(shares[ags] - exact[ags]) < Decimal("0.01") for ags in persons)
    assert all(shares[a] <= shares[b] for a in persons for b in persons if persons[a] < persons[b])
    raised = [
        (persons[ags] * int(amount * 100) % total, ags)
        for ags in persons
        if shares[ags] > exact[ags]
    ]
    lowered = [
        (persons[ags] * int(amount * 100) % total, ags)
        for ags in persons
        if shares[ags] < exact[ags]
    ]
    assert all((-r, a) < (-s, b) for r, a in raised for s, b in lowered)


WINDOW = Window(date(2025, 1, 1), date(2020, 1, 1), date(2022, 12, 31))
# key, assigned on, case begun on, municipality; those named alike are one human being
PEOPLE = [
    ("first day", "2020-01-01", "2024-05-01", "1"),
    ("last day", "2022-12-31", "2025-01-01", "1"),
    ("day before", "2019-12-31", "2024-05-01", "1"),
    ("day after", "2023-01-01", "2024-05-01", "1"),
    ("begun too late", "2021-01-01", "2025-01-02", "1"),
    ("never assigned", None, "2024-05-01", "1"),
    ("begin unknown", "2021-01-01", None, "1"),
    ("place unknown", "2021-01-01", "2024-05-01", None),
]


def test_target_group(store: Store) -> None:
    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    def record(
        key: str, name: str, assigned: str | None, begun: str | None, place: str | None
    ) -> dict[str, object]:
        return {
            "person": {
                "key": key,
                "last_name": name,
                "first_name": "Probe",
                "birth_date": date(1990, 5, 5),
            },
            "housing": {"key": key, "assigned_on": day(assigned)},
            "case": {
                "key": key,
                "begun_on": day(begun),
                "ended_on": date(2024, 6, 1),
                "municipality": place,
            },
        }

    moved = [record("m1", "moved", "2021-01-01", "2022-01-01", "1")]
    later = [record("m2", "moved", None, "2023-01-01", "2")]
    enaio = [record(f"p{n}", *facts) for n, facts in enumerate(PEOPLE)] + moved
    for source, records in (("enaio", enaio), ("tau", later)):
        deliver(
            store,
            {e: [r[e] for r in records] for e in ("person", "housing", "case")},
            source=source,
        )  # type: ignore[misc]
    with store.read() as connection:
        known_at = KnownAt(store.last_load())
        rows = connection.execute(target_group(WINDOW, known_at)).all()
        group = count_target_group(connection, WINDOW, known_at)
    assert {r.municipality: r.persons for r in rows} == {"1": 2, "2": 1, None: 1}
    assert {m.municipality: m.persons for m in group.municipalities} == {"1": 2, "2": 1}
    left_out = (group.unknown, group.without_assignment, group.without_begin)
    assert (*left_out, group.not_delivered) == (1, 1, 1, ["tau"])
