"""Decisions on the real warehouse, on both engines: what takes effect at once, what is refused, what is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from pipelines.cli.json_answer import to_json
from pipelines.figures.explain_record import explain_person
from pipelines.figures.identity_review import explain_pair, list_all_decisions, list_review
from pipelines.intake.identity_decisions import Contradicted, NotDecided, decide_pair
from pipelines.intake.replay import NoSuchLoad, undo_load
from tests.identity_decisions.town import START, Facts, Town
from warehouse.as_of import resolve_moment
from warehouse.backup.consistency_check import check_warehouse
from warehouse.erasure.pseudonyms import PREFIX
from warehouse.identity.decisions import Verdict
from warehouse.identity.person_links import list_links
from warehouse.identity.unsure_pairs import read_versions
from warehouse.landing.landing import Landing
from warehouse.marts.deliverers import list_known_sources
from warehouse.schema import consent, counselling_case, identity_decision, load, person_link

ONE, NUMBERED = Facts(1), Facts(1, "160512012345")


def fill(town: Town, **sources: Facts) -> dict[str, str]:
    """One record "1" of each source."""
    for source, facts in sources.items():
        town.deliver(source, {"1": facts})
    return town.persons()


def test_same_takes_effect_at_once_and_undo_gives_the_ids_back(town: Town) -> None:
    alone = fill(town, enaio=ONE, tau=ONE)
    made = town.decide("tau:1", "enaio:1", "same")
    assert (made.number, made.load, made.a, made.b) == (1, 3, "enaio:1", "tau:1")
    assert set(town.persons().values()) == {alone["enaio:1"]}
    assert (town.persons(2), town.persons(1)) == (alone, {"enaio:1": alone["enaio:1"]})
    merged = explain_person(town.hub, alone["tau:1"])
    assert merged.carried_by == alone["enaio:1"] and [r.record for r in merged.records] == ["tau:1"]
    back = town.undo("enaio:1", "tau:1")
    assert (back.number, back.undoes, back.load) == (2, 1, 4)
    assert town.persons() == alone
    assert set(town.persons(3).values()) == {alone["enaio:1"]}
    assert explain_person(town.hub, alone["tau:1"]).carried_by == alone["tau:1"]


def test_a_day_sees_the_decisions_made_while_its_delivery_was_the_newest(town: Town) -> None:
    fill(town, enaio=ONE, tau=ONE)
    town.decide("enaio:1", "tau:1", "same")
    town.deliver("tau", {"1": ONE, "2": ONE})
    with town.store.read() as connection:
        days = dict(connection.execute(select(load.c.number, load.c.delivered_on)).all())
        assert days[3] == days[2] < days[4]
        assert resolve_moment(connection, days[2]).load == 3
        assert resolve_moment(connection, days[1]).load == 1


def test_a_later_load_keeps_what_was_decided(town: Town) -> None:
    fill(town, enaio=NUMBERED, tau=NUMBERED, jobkraftwerk=ONE)
    assert town.groups() == {frozenset(["enaio:1", "tau:1"])}
    town.decide("enaio:1", "tau:1", "different")
    town.decide("enaio:1", "jobkraftwerk:1", "same")
    apart = town.persons()
    assert town.groups() == {frozenset(["enaio:1", "jobkraftwerk:1"])}
    town.deliver("tau", {"1": NUMBERED, "2": ONE})
    assert {name: town.persons()[name] for name in apart} == apart


REFUSED = {
    "apart by a third": (["e=j", "j!t"], ("enaio:1", "tau:1", "same"), Contradicted),
    "one by a third": (["e=j", "j=t"], ("enaio:1", "tau:1", "different"), Contradicted),
    "unsure of one": (["e=j", "j=t"], ("enaio:1", "tau:1", "unsure"), Contradicted),
    "nobody": ([], ("enaio:1", "tau:9", "same"), NotDecided),
    "itself": ([], ("enaio:1", "enaio:1", "same"), NotDecided),
    "no record": ([], ("enaio:1", "tau", "same"), NotDecided),
}
NAMES = {"e": "enaio:1", "j": "jobkraftwerk:1", "t": "tau:1"}
SIGNS = {"=": "same", "!": "different"}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_and_nothing_is_kept(embedded: Town, case: str) -> None:
    town, (decided, asked, failure) = embedded, REFUSED[case]
    town.reset()
    fill(town, enaio=ONE, tau=ONE, jobkraftwerk=ONE)
    for a, sign, b in decided:
        town.decide(NAMES[a], NAMES[b], SIGNS[sign])
    before = town.content(identity_decision), town.persons(), town.newest
    with pytest.raises(failure) as refused:
        town.decide(*asked)
    assert (town.content(identity_decision), town.persons(), town.newest) == before
    assert refused.value.kind.exit_status == 1
    if failure is Contradicted:
        signs = [" = " if "=" in one else " ≠ " for one in decided]
        assert f"enaio:1{signs[0]}jobkraftwerk:1 (M., " in str(refused.value)
        assert f"jobkraftwerk:1{signs[1]}tau:1 (M., " in str(refused.value)


def test_the_same_again_is_said_and_not_kept(embedded: Town) -> None:
    embedded.reset()
    fill(embedded, enaio=ONE, tau=ONE)
    first = embedded.decide("enaio:1", "tau:1", "same")
    again = embedded.decide("tau:1", "enaio:1", "same")
    assert (again.number, again.is_new, again.load) == (first.number, False, None)
    assert len(embedded.content(identity_decision)) == 1
    other = embedded.decide("enaio:1", "tau:1", "different")
    assert (other.number, other.is_new) == (2, True)
    # Without the newer decision the older one counts again.
    embedded.undo("2")
    assert embedded.groups() == {frozenset(["enaio:1", "tau:1"])}


@pytest.mark.parametrize(
    ("names", "word"),
    [
        (["9"], "no decision 9"),
        (["2"], "took another one back"),
        (["1"], "taken back already, as 2"),
        (["enaio:1", "tau:1"], "nothing is decided"),
        (["x"], "no decision x"),
    ],
)
def test_what_cannot_be_undone_is_said(embedded: Town, names: list[str], word: str) -> None:
    embedded.reset()
    fill(embedded, enaio=ONE, tau=ONE)
    embedded.decide("enaio:1", "tau:1", "same")
    embedded.undo("1")
    with pytest.raises(NotDecided, match=word):
        embedded.undo(*names)


def decide_in_turn(town: Town) -> None:
    """Four decisions on three records, of which the second takes the place of the first."""
    for a, b, verdict in (
        ("enaio:1", "tau:1", "same"),
        ("enaio:1", "tau:1", "different"),
        ("enaio:1", "jobkraftwerk:1", "same"),
        ("jobkraftwerk:1", "tau:1", "different"),
    ):
        town.decide(a, b, verdict)


def test_an_undo_that_leaves_a_contradiction_is_refused(embedded: Town) -> None:
    embedded.reset()
    fill(embedded, enaio=ONE, tau=ONE, jobkraftwerk=ONE)
    decide_in_turn(embedded)
    with pytest.raises(Contradicted, match="without decision 2"):
        embedded.undo("2")
    embedded.undo("4")
    embedded.undo("2")
    assert embedded.groups() == {frozenset(["enaio:1", "jobkraftwerk:1", "tau:1"])}


def test_a_decision_about_the_former_owner_of_a_key_counts_no_more(town: Town) -> None:
    fill(town, enaio=ONE, tau=ONE)
    town.decide("enaio:1", "tau:1", "same")
    former = town.persons()["enaio:1"]
    town.deliver("tau", {"1": Facts(2)})
    now = town.persons()
    assert now["enaio:1"] == former != now["tau:1"]
    assert [one.state for one, _ in list_all_decisions(town.hub)] == ["key reused"]
    # The load that brought the other human being is taken back: it is the former one again.
    town.return_to("tau", 2)
    assert town.persons() == {"enaio:1": former, "tau:1": former}


WAITING = Facts(1, mark="c")


def test_unsure_is_asked_again_when_a_record_changes(town: Town) -> None:
    fill(town, enaio=WAITING, tau=WAITING)
    assert [(pair.a, pair.b) for pair in list_review(town.hub)] == [("enaio:1", "tau:1")]
    assert town.decide("enaio:1", "tau:1", "unsure").load is None
    assert list_review(town.hub) == []
    town.deliver("tau", {"1": WAITING})
    assert list_review(town.hub) == []
    town.deliver("tau", {"1": WAITING._replace(number="160512012345")})
    assert len(list_review(town.hub)) == 1
    assert town.decide("enaio:1", "tau:1", "unsure").is_new
    assert list_review(town.hub) == []


def test_what_nobody_could_decide_is_never_linked_unasked(town: Town) -> None:
    """The pair would be linked by its weight, had nobody looked at it."""
    linked = Facts(1, mark="a")
    fill(town, enaio=linked, tau=linked)
    assert len(town.groups()) == 1
    town.decide("enaio:1", "tau:1", "unsure")
    for number, asked in ((None, 0), ("160512012345", 1)):
        town.deliver("tau", {"1": linked._replace(number=number)})
        assert (town.groups(), len(list_review(town.hub))) == (set(), asked)


def test_an_id_returns_with_its_record(town: Town) -> None:
    """tau:1 has the id while enaio:1 is gone; then enaio:1 has it again, though they are two."""
    town.deliver("enaio", {"1": Facts(1), "2": Facts(2)})
    town.deliver("tau", {"1": Facts(1)})
    alone = town.persons()
    town.decide("enaio:1", "tau:1", "same")
    town.deliver("enaio", {"2": Facts(2)})
    assert town.persons()["tau:1"] == alone["enaio:1"]
    town.return_to("enaio", 1)
    town.undo("1")
    assert town.persons() == alone


def test_an_id_returns_to_the_same_human_being_only(town: Town) -> None:
    town.deliver("enaio", {"1": Facts(1), "2": Facts(2)})
    town.deliver("tau", {"1": Facts(1)})
    former = town.persons()["enaio:1"]
    town.decide("enaio:1", "tau:1", "same")
    town.deliver("enaio", {"2": Facts(2)})
    town.deliver("enaio", {"1": Facts(3), "2": Facts(2)})
    assert town.persons()["tau:1"] == former != town.persons()["enaio:1"]


def test_a_contradiction_of_others_holds_no_undo_back(town: Town) -> None:
    """A source that returns to an earlier load may bring decisions together that contradict."""
    for source in ("enaio", "jobkraftwerk", "tau"):
        town.deliver(source, {"1": Facts(1), "9": Facts(9)})
    town.decide("enaio:1", "tau:1", "same")
    town.decide("tau:1", "jobkraftwerk:1", "same")
    town.deliver("tau", {"1": Facts(2), "9": Facts(9)})
    town.decide("enaio:1", "jobkraftwerk:1", "different")
    town.decide("enaio:9", "tau:9", "same")
    town.return_to("tau", 3)
    assert town.undo("enaio:9", "tau:9").undoes == 4
    told = explain_pair(town.hub, ("enaio", "1"), ("jobkraftwerk", "1")).decided
    assert (told.count(" = "), told.count(" ≠ ")) == (2, 1)
    # Taking one of them back is what ends the contradiction.
    assert town.undo("3").undoes == 3


def test_a_refused_undo_names_the_decisions_that_were_made(town: Town) -> None:
    for source in ("enaio", "jobkraftwerk", "tau"):
        town.deliver(source, {"1": Facts(1)})
    decide_in_turn(town)
    with pytest.raises(Contradicted) as refused:
        town.undo("2")
    told = str(refused.value)
    assert "jobkraftwerk:1 = enaio:1" in told
    assert "enaio:1 = tau:1" in told
    assert "tau:1 ≠ jobkraftwerk:1" in told


def test_taking_back_is_no_verdict(town: Town) -> None:
    fill(town, enaio=WAITING, tau=WAITING)
    with pytest.raises(NotDecided, match="identity undo"):
        town.decide("enaio:1", "tau:1", "undone")


def test_a_decision_is_about_what_was_shown(town: Town) -> None:
    fill(town, enaio=WAITING, tau=WAITING)
    pair = ("enaio", "1"), ("tau", "1")
    with town.store.read() as connection:
        shown = read_versions(connection, pair)
    town.deliver("tau", {"1": WAITING._replace(human=2)})
    with pytest.raises(NotDecided, match="noch einmal ansehen"):
        decide_pair(town.hub, "enaio:1", "tau:1", Verdict.SAME, "x", shown=shown)
    town.return_to("tau", 2)
    made = decide_pair(town.hub, "enaio:1", "tau:1", Verdict.SAME, "x", shown=shown)
    assert made.is_new


def test_nobody_decides_about_who_was_erased(town: Town) -> None:
    town.deliver("enaio", {f"{PREFIX}0123456789abcdef": Facts(1)})
    town.deliver("tau", {"1": Facts(1)})
    with pytest.raises(NotDecided, match="erased"):
        town.decide(f"enaio:{PREFIX}0123456789abcdef", "tau:1", "same")


def test_the_review_lists_what_is_undecided_the_most_consequential_first(town: Town) -> None:
    for source in ("enaio", "tau"):
        town.deliver(source, {"1": Facts(1, mark="c"), "2": Facts(2, mark="b")})
    town.deliver("jobkraftwerk", {"1": Facts(1, mark="c"), "2": Facts(3, mark="c")})
    asked = [(pair.a, pair.b, pair.band) for pair in list_review(town.hub)]
    assert asked == [
        ("enaio:1", "jobkraftwerk:1", "review"),
        ("enaio:1", "jobkraftwerk:2", "review"),
        ("enaio:1", "tau:1", "review"),
        ("jobkraftwerk:1", "tau:1", "review"),
        ("jobkraftwerk:2", "tau:1", "review"),
    ]
    within = list_review(town.hub, within_source=True)
    assert [(pair.a, pair.b) for pair in within] == [("jobkraftwerk:1", "jobkraftwerk:2")]
    with town.store.transaction() as connection:
        for source, key in (("jobkraftwerk", "2"), ("tau", "1")):
            place = {"source_file": "f", "source_table": "t", "source_row": 1, "known_from": 1}
            own = {"source": source, "source_key": "1", "record_key": "1", "row_hash": 1, **place}
            connection.execute(insert(consent).values(person_key=key, basis="form", **own))
            begun = insert(counselling_case).values(person_key=key, begun_on=START, **own)
            connection.execute(begun)
    first, *others = list_review(town.hub)
    assert (first.a, first.b) == ("jobkraftwerk:2", "tau:1")
    impact = first.impact
    assert (impact.persons, impact.clients, impact.consents) == (-1, -1, True)
    assert not any(pair.impact.consents for pair in others)
    town.decide("enaio:1", "jobkraftwerk:1", "same")
    town.decide("jobkraftwerk:1", "tau:1", "different")
    assert [(pair.a, pair.b) for pair in list_review(town.hub)] == [
        ("jobkraftwerk:2", "tau:1"),
        ("enaio:1", "jobkraftwerk:2"),
    ]


def test_a_pair_that_could_not_be_linked_waits_with_the_reason(embedded: Town) -> None:
    embedded.reset()
    embedded.deliver("enaio", {"1": Facts(1, mark="a"), "2": Facts(1, mark="a")})
    embedded.deliver("tau", {"1": Facts(1, mark="a")})
    assert embedded.groups() == {frozenset(["enaio:1", "tau:1"])}
    (waiting,) = list_review(embedded.hub)
    assert (waiting.a, waiting.b, waiting.band) == ("enaio:2", "tau:1", "automatic")
    assert waiting.against[-1].startswith("Nicht verknüpft")


def test_links_tell_band_weight_and_who_decided(town: Town) -> None:
    fill(town, enaio=Facts(1, mark="a"), tau=Facts(1, mark="a"), jobkraftwerk=NUMBERED)
    town.deliver("enaio", {"1": Facts(1, mark="a"), "2": NUMBERED})
    town.deliver("tau", {"1": Facts(1, mark="a"), "3": ONE})
    town.decide("enaio:2", "tau:3", "same", by="N.")
    with town.store.read() as connection:
        links = list_links(connection)
    assert {
        (link.a, link.b, link.by, link.band, link.weight, link.decided_by) for link in links
    } == {
        ("enaio:1", "tau:1", "rule:weight", "automatic", 12.5, None),
        ("enaio:2", "jobkraftwerk:1", "rule:official_number", "sure", None, None),
        ("enaio:2", "tau:3", "rule:decision", "decided", None, "N."),
    }


def test_why_tells_the_way_from_one_to_the_other(embedded: Town) -> None:
    embedded.reset()
    fill(embedded, enaio=Facts(1, mark="c"), tau=NUMBERED, jobkraftwerk=NUMBERED)
    embedded.deliver("tau", {"1": NUMBERED, "2": Facts(1, mark="c")})
    embedded.decide("enaio:1", "tau:1", "same", reason="Frau Beispiel war hier")
    embedded.decide("tau:2", "enaio:1", "different")
    answer = explain_pair(embedded.hub, ("jobkraftwerk", "1"), ("enaio", "1"))
    assert answer.one_person and [link.by for link in answer.links] == [
        "rule:decision",
        "rule:official_number",
    ]
    assert (answer.compared, answer.decided) == (None, "")
    apart = explain_pair(embedded.hub, ("tau", "2"), ("tau", "1"))
    assert not apart.one_person and apart.decided.count("≠") == 1
    assert apart.decided.startswith("tau:1 = enaio:1 (M., ")
    asked = explain_pair(embedded.hub, ("tau", "2"), ("enaio", "1"))
    assert asked.compared is not None and asked.compared["band"] == "review"
    assert [one.number for one in asked.decisions] == [2]
    seen = json.loads(embedded.content(identity_decision)[1][-1])
    assert seen == {
        "band": "review",
        "weight": 4.0,
        "because": ["Gleich: Name."],
        "against": ["Nicht bekannt: Einreise."],
    }
    with embedded.store.read() as connection:
        links = list_links(connection)
    told: list[Any] = [answer, apart, links, [one for one, _ in list_all_decisions(embedded.hub)]]
    assert "Beispiel" not in json.dumps(to_json(told), default=str)


def checked(town: Town, folder: Path) -> list[str]:
    """What the check of the warehouse says; these deliveries have no files and no balances."""
    found = check_warehouse(town.store, Landing(folder / "landing"))
    return [
        text
        for text in found
        if not text.startswith("delivery") and "records of person" not in text
    ]


def test_a_load_of_a_decision_is_no_delivery(town: Town, tmp_path: Path) -> None:
    fill(town, enaio=ONE, tau=ONE)
    town.decide("enaio:1", "tau:1", "same")
    with pytest.raises(NoSuchLoad, match="identity undo"):
        undo_load(town.hub, 3, "x")
    with town.store.read() as connection:
        known = list_known_sources(connection, resolve_moment(connection, None))
        assert {name for name, is_loaded in known.items() if is_loaded} == {"enaio", "tau"}
    assert checked(town, tmp_path) == []


def test_the_check_finds_what_was_written_past_the_decisions(
    embedded: Town, tmp_path: Path
) -> None:
    town = embedded
    town.reset()
    fill(town, enaio=ONE, tau=ONE, jobkraftwerk=ONE)
    town.decide("enaio:1", "tau:1", "different")
    town.decide("enaio:1", "jobkraftwerk:1", "same")
    c = person_link.c
    mine = (c.known_to.is_(None), c.source == "tau")
    with town.store.transaction() as connection:
        connection.execute(update(person_link).where(*mine).values(person_id="p-lost"))
        row = dict(connection.execute(select(identity_decision)).mappings().all()[1])
        row |= {"number": 3, "a_source": "jobkraftwerk", "b_source": "tau"}
        connection.execute(insert(identity_decision).values(**row))
    assert checked(town, tmp_path) == [
        "1 records belong to a person whose id belongs to no record",
        "the decisions 2, 3, 1 on identity contradict each other; take one of them back",
    ]
    with town.store.transaction() as connection:
        connection.execute(update(person_link).values(person_id="p-lost"))
    assert "enaio:1 is one person with a record" in " ".join(checked(town, tmp_path))
