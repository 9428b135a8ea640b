"""VZÄ by month, vacancies, start months and trainings: published totals, small tables, and a recount day by day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

import examples
from mappings.grant_terms import add_months, end_after_months, load_terms
from pipelines.config.models import Config
from pipelines.funding.grant_book import FundedPost, GrantBook, HeldPost, read_grant_book
from pipelines.funding.posts import (
    average_vzae,
    find_start_months,
    list_months,
    list_trainings,
    list_vacancies,
    round_half_up,
)
from pipelines.funding.staff_answer import describe_staff, find_doubts, find_shared_lines
from pipelines.hub import Hub
from pipelines.intake.registers import write_registers
from warehouse.as_of import KnownAt

EXAMPLES = Path(examples.__file__).parent / "grants"
IM = "integrationsmanagement"
District = Callable[..., Config]


def read_example(district: District, name: str, ags: str) -> GrantBook:
    with Hub(district(EXAMPLES / f"{name}.yaml", ags=ags)) as hub:
        write_registers(hub)
        with hub.store.read() as connection:
            return read_grant_book(connection, KnownAt(0, current=True))


def test_tuebingen_has_13_posts_and_19_persons_after_its_vacancies(district: District) -> None:
    book = read_example(district, "tuebingen", "08416")
    months = {m.month: m for m in list_months(book, date(2018, 1, 1), date(2018, 12, 31))}
    assert {m.approved for m in months.values()} == {Decimal(13)}
    full = months["2018-06"]
    assert (full.filled, full.vacant, full.persons) == (Decimal(13), Decimal(0), 19)
    assert [months[m].vacant for m in ("2018-01", "2018-05", "2018-10")] == [
        Decimal("7.50"),
        Decimal("1.50"),
        Decimal("1.50"),
    ]
    starts = {
        s.municipality: s.month
        for s in find_start_months(book, date(2018, 1, 1), date(2018, 12, 31))
    }
    assert starts == {
        "08416001": "2018-01",
        "08416002": "2018-01",
        "08416003": "2018-03",
        "08416004": "2018-05",
    }
    gaps = list_vacancies(book, date(2018, 6, 1), date(2018, 12, 31))
    assert [(v.post, v.first, v.last, v.vzae) for v in gaps] == [
        ("mitte", date(2018, 10, 1), date(2018, 11, 30), Decimal(1)),
        ("sued", date(2018, 10, 1), date(2018, 12, 31), Decimal("0.5")),
    ]
    # 1,664 T€ were granted for two years: the rate of 64,000 € per VZÄ.
    rate = load_terms().rate_on(date(2018, 6, 1))
    assert (
        rate is not None and rate.amount * 13 * 2 == book.grants["im-2018"]["amount"] == 1_664_000
    )


def test_alb_donau_has_27_persons_on_22_10_posts(district: District) -> None:
    book = read_example(district, "alb-donau", "08425")
    (month,) = list_months(book, date(2021, 2, 1), date(2021, 2, 28))
    assert (month.filled, month.approved, month.persons) == (Decimal("22.10"), Decimal("22.10"), 27)
    assert month.average == Decimal("22.10")


def test_calw_is_assumed_in_every_line_and_keeps_to_the_rules(district: District) -> None:
    book = read_example(district, "calw", "08235")
    months = {m.month: m for m in list_months(book, date(2018, 1, 1), date(2018, 12, 31))}
    full = months["2018-12"]
    assert (full.approved, full.filled, full.persons) == (Decimal("3.25"), Decimal("3.00"), 3)
    assert [months[m].vacant for m in ("2018-01", "2018-02", "2018-03")] == [
        Decimal("2.25"),
        Decimal("1.25"),
        Decimal("0.25"),
    ]
    terms = load_terms()
    rate = terms.rate_on(date(2018, 6, 1))
    assert rate is not None
    assert rate.amount * full.approved * 2 == book.grants["im-2018"]["amount"] == 416_000
    assert min(one.vzae for one in book.posts) == Decimal("0.25")
    # No number of Calw was published: whoever reads a line sees that it is none of theirs.
    lines = (EXAMPLES / "calw.yaml").read_text(encoding="utf-8").splitlines()
    assert all("[A]" in line for line in lines if line.startswith("  - "))


def hold(
    member: str, begin: str, end: str | None = None, vzae: str | None = "1", post: str = "p"
) -> HeldPost:
    last = date.fromisoformat(end) if end else None
    size = None if vzae is None else Decimal(vzae)
    return HeldPost(member, post, date.fromisoformat(begin), last, size, "g", IM, None, None)


def make_book(
    *holdings: HeldPost, vzae: str = "2", off: tuple[str, str, str] | None = None
) -> GrantBook:
    post = FundedPost(
        "p", None, "g", IM, Decimal(vzae), date(2024, 1, 1), None, frozenset({"08999001"})
    )
    away = {off[0]: [(date.fromisoformat(off[1]), date.fromisoformat(off[2]))]} if off else {}
    members = {
        h.member: {
            "qualification": "c",
            "hired_on": h.begin,
            "training_begun_on": None,
            "training_finished_on": None,
        }
        for h in holdings
    }
    return GrantBook({}, [post], members, [("enaio", m, m) for m in members], holdings, away)


@pytest.mark.parametrize(
    ("holdings", "off", "filled", "average", "persons", "without"),
    [
        ([hold("a", "2024-01-01")], None, "1", "1.00", 1, 0),
        ([hold("a", "2024-02-16")], None, "1", "0.48", 1, 0),  # 14 of 29 days
        ([hold("a", "2024-01-01", "2024-02-28")], None, "0", "0.97", 0, 0),
        ([hold("a", "2024-01-01", "2024-02-29")], None, "1", "1.00", 1, 0),
        ([hold("a", "2024-01-01")], ("a", "2024-02-10", "2024-03-31"), "0", "0.31", 0, 0),
        ([hold("a", "2024-01-01", vzae=None)], None, "0", "0.00", 1, 1),
        ([hold("a", "2024-01-01", vzae="0.25"), hold("b", "2024-02-01", vzae="0.5")], None, "0.75", "0.75", 2, 0),
    ],
)  # fmt: skip
def test_a_month(
    holdings: list[HeldPost],
    off: tuple[str, str, str] | None,
    filled: str,
    average: str,
    persons: int,
    without: int,
) -> None:
    (month,) = list_months(make_book(*holdings, off=off), date(2024, 2, 1), date(2024, 2, 29))
    assert (month.filled, month.average) == (Decimal(filled), Decimal(average))
    assert (month.persons, month.without_vzae) == (persons, without)


def test_the_average_is_that_of_every_single_day() -> None:
    drawn = Random(11)
    for _ in range(20):
        holdings = [
            hold(f"m{n}", str(date(2024, 1, 1) + timedelta(drawn.randrange(60))), None, drawn.choice(["0.25", "0.5", "1"]))
            for n in range(4)
        ]  # fmt: skip
        away = ("m1", "2024-01-20", "2024-02-09")
        book = make_book(*holdings, off=away)
        total = Fraction(0)
        for number in range(60):
            day = date(2024, 1, 1) + timedelta(number)
            for held in holdings:
                is_away = held.member == "m1" and date(2024, 1, 20) <= day <= date(2024, 2, 9)
                if held.begin <= day and not is_away and held.vzae is not None:
                    total += Fraction(held.vzae)
        assert average_vzae(book, date(2024, 1, 1), date(2024, 2, 29)) == round_half_up(total / 60)


def test_lines_of_funding_stay_apart(district: District) -> None:
    from tests.funding.test_registers import REGISTER

    with Hub(district(REGISTER)) as hub:
        write_registers(hub)
        with hub.store.read() as connection:
            book = read_grant_book(connection, KnownAt(0, current=True))
    day = (date(2024, 3, 1), date(2024, 3, 31))
    filled = {
        line: list_months(book.in_line(line), *day)[0].filled
        for line in (None, IM, "ukraine_soforthilfe")
    }
    assert filled == {
        None: Decimal("1.25"),
        IM: Decimal("0.75"),
        "ukraine_soforthilfe": Decimal("0.50"),
    }


@pytest.mark.parametrize(
    ("begun", "finished", "today", "state"),
    [
        (None, None, "2025-06-01", "due"),
        (None, None, "2025-06-02", "late"),
        ("2025-06-01", None, "2026-03-01", "running"),
        ("2025-06-02", None, "2025-07-01", "late"),
        ("2025-06-01", None, "2026-03-02", "late"),
        ("2025-06-01", "2026-03-01", "2027-01-01", "done"),
        ("2025-06-01", "2026-03-02", "2027-01-01", "done_late"),
        ("2025-06-02", "2025-12-01", "2027-01-01", "done_late"),
        (None, "2026-03-01", "2027-01-01", "done"),
    ],
)
def test_a_training_begins_within_three_months_and_ends_within_a_year(
    begun: str | None, finished: str | None, today: str, state: str
) -> None:
    book = make_book(hold("a", "2025-03-01"))
    book.members["a"]["training_begun_on"] = begun and date.fromisoformat(begun)
    book.members["a"]["training_finished_on"] = finished and date.fromisoformat(finished)
    (training,) = list_trainings(book, load_terms(), date.fromisoformat(today))
    assert training.state == state
    assert (training.begin_by, training.finish_by) == (date(2025, 6, 1), date(2026, 3, 1))


TWO_LINES = """\
grants: [{key: im, from: 2025-01-01}, {key: uk, line: Ukraine-Soforthilfe, from: 2025-01-01}]
posts: [{key: p1, grant: im, vzae: 1}, {key: p2, grant: uk, vzae: 1}]
staff: [{key: k1, qualification: c}, {key: k2, qualification: c}, {key: k3, qualification: c}]
holdings:
  - {staff: k1, post: p2, from: 2025-01-10, to: 2025-03-31, vzae: 0.5}
  - {staff: k1, post: p1, from: 2025-04-15, to: 2025-06-30, vzae: 0.5}
  - {staff: k2, post: p2, from: 2025-02-01, vzae: 0.5}
  - {staff: k3, post: p1, from: 2024-03-01, to: 2024-12-31, vzae: 0.5}
  - {staff: k3, post: p2, from: 2025-03-01, vzae: 0.5}
"""


@pytest.mark.parametrize(
    ("line", "members"),
    [
        (None, ["k1", "k2", "k3"]),
        (IM, ["k1"]),
        ("ukraine_soforthilfe", ["k1", "k2", "k3"]),
        ("eigenmittel", []),
    ],
)
def test_the_deadline_of_a_training_is_the_same_in_every_line(
    line: str | None, members: list[str], district: District
) -> None:
    begin_by = {"k1": date(2025, 4, 10), "k2": date(2025, 5, 1), "k3": date(2025, 4, 1)}
    with Hub(district(TWO_LINES)) as hub:
        write_registers(hub)
        year = (date(2025, 1, 1), date(2025, 12, 31))
        answer = describe_staff(hub, *year, KnownAt(0, current=True), line)
    assert {t.member: t.begin_by for t in answer.trainings} == {m: begin_by[m] for m in members}


@pytest.mark.parametrize(
    ("qualification", "ends", "states"),
    [
        ("a", None, []),
        ("A (Bachelor)", None, []),
        (None, None, ["unknown"]),
        ("c", "2024-12-31", []),
    ],
)
def test_who_needs_no_training(
    qualification: str | None, ends: str | None, states: list[str]
) -> None:
    book = make_book(hold("a", "2024-03-01", ends))
    book.members["a"]["qualification"] = qualification
    assert [t.state for t in list_trainings(book, load_terms(), date(2025, 2, 1))] == states


@pytest.mark.parametrize(
    ("vzae", "says"),
    [("0.2", "kleinste Teilung"), ("0.4", "eigene Stelle einer Kommune"), ("0.5", "")],
)
def test_a_post_that_is_too_small(vzae: str, says: str) -> None:
    said = [d for d in find_doubts(make_book(vzae=vzae), load_terms()) if "VZÄ sind" in d]
    assert [says in text for text in said] == ([True] if says else [])


def test_what_can_hardly_be_is_said_without_names() -> None:
    book = make_book(
        hold("im-1", "2024-01-01"), hold("im-1", "2024-03-01", vzae="0.5"), hold("im-2", "2023-12-01", vzae=None), vzae="0.2"
    )  # fmt: skip
    said = " ".join(find_doubts(book, load_terms()))
    for part in (
        "kleinste Teilung",
        "besetzt",
        "fehlt der Umfang",
        "reicht über die Stelle",
        "mehr als eine volle Stelle",
    ):
        assert part in said


def test_a_post_is_too_full_from_the_day_after_a_leave() -> None:
    """im-1 is away when im-2 comes, and comes back to a post that has no room."""
    held = (hold("im-1", "2024-01-01"), hold("im-2", "2024-03-01"))
    book = make_book(*held, vzae="1", off=("im-1", "2024-03-01", "2024-06-30"))
    said = [text for text in find_doubts(book, load_terms()) if "besetzt" in text]
    assert said == ["Stelle p: Ab 01.07.2024 sind 2 VZÄ auf 1 VZÄ besetzt."]


def test_who_is_on_posts_of_two_lines_at_a_time_is_told() -> None:
    own, later = hold("im-1", "2024-01-01", "2024-06-30"), hold("im-1", "2024-07-01")
    meant = replace(later, line="ukraine_soforthilfe")
    assert list(find_shared_lines(make_book(own, meant), IM)) == []
    meant = replace(meant, begin=date(2024, 6, 30))
    (said,) = find_shared_lines(make_book(own, meant), IM)
    assert said.startswith("Fachkraft im-1: Zugleich auf Stellen mehrerer Förderlinien")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-12-31", 3, "2025-03-31"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-06-15", 3, "2024-09-15"),
    ],
)
def test_a_deadline_ends_with_its_month(day: str, months: int, later: str) -> None:
    assert end_after_months(date.fromisoformat(day), months) == date.fromisoformat(later)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
