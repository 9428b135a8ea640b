"""The commands: exit status, sentences, JSON without names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from pipelines.cli.app import app
from pipelines.cli.errors import guarded
from pipelines.config import load_config
from pipelines.hub import Hub
from tests.history.engines import configuration
from tests.identity_decisions.town import Facts, Town
from warehouse.schema import person

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls `identity …` on a district with records of two sources that look alike."""
    config = configuration(tmp_path)
    with Hub(load_config(config)) as hub:
        town = Town(hub.store, config)
        town.deliver("enaio", {"1": Facts(1, mark="c"), "2": Facts(2)})
        town.deliver("tau", {"1": Facts(1, mark="c")})
        town.deliver("jobkraftwerk", {"3": Facts(3)})

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            guarded(lambda: app(["identity", *words, "-c", str(config)]))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def answer(call: Call, *words: str) -> Any:
    status, out, _ = call(*words, "--json")
    assert status == 0 and "Beispiel" not in out
    return json.loads(out)


def test_from_the_review_to_a_decision_and_back(call: Call) -> None:
    (waiting,) = answer(call, "review")["pairs"]
    assert waiting == {
        "a": "enaio:1",
        "b": "tau:1",
        "band": "review",
        "weight": 4.0,
        "because": ["Gleich: Name."],
        "against": ["Nicht bekannt: Einreise."],
        "impact": {
            "persons": -1,
            "clients": 0,
            "reached": 0,
            "units": [],
            "target_group": [],
            "money": None,
            "consents": False,
            "doubled": [],
            "releases": [],
            "transfers": [],
            "submissions": [],
        },
    }
    decided = (
        "decide",
        "enaio:1",
        "tau:1",
        "same",
        "--reason",
        "Frau Beispiel\nwar hier",
        "--by",
        "M.",
    )
    assert call(*decided)[:2] == (
        0,
        "'same' on enaio:1 and tau:1 is kept as decision 1; since load 4, 2 links are others\n",
    )
    assert call(*decided)[0] == 0
    assert answer(call, "review") == {"pairs": []}
    (link,) = answer(call, "links")["links"]
    assert (link["band"], link["weight"], link["decided_by"]) == ("decided", 4.0, "M.")
    assert answer(call, "decide", "tau:1", "jobkraftwerk:3", "different", "--reason", "x") == {
        "number": 2,
        "a": "jobkraftwerk:3",
        "b": "tau:1",
        "verdict": "different",
        "undoes": None,
        "load": None,
        "changed": 0,
        "is_new": True,
    }
    dry = answer(call, "decide", "enaio:1", "tau:1", "different", "--dry-run")
    assert (dry["impact"]["persons"], dry["load"], dry["changed"]) == (1, None, 2)
    said = call("undo", "1", "--dry-run")[1]
    assert "nothing is kept" in said and "Menschen insgesamt: +1." in said
    status, out, err = call("decide", "enaio:1", "jobkraftwerk:3", "same", "--reason", "x")
    assert (status, out) == (1, "")
    assert "enaio:1 = tau:1 (M., " in err and "tau:1 ≠ jobkraftwerk:3 (" in err
    status, out, _ = call("why", "jobkraftwerk:3", "enaio:1")
    assert status == 0 and "are not one person" in out and "tau:1 ≠ jobkraftwerk:3" in out
    assert answer(call, "undo", "1")["undoes"] == 1
    listed = answer(call, "list")["decisions"]
    assert [(one["verdict"], one["state"]) for one in listed] == [
        ("same", "undone by 3"),
        ("different", "counts"),
        ("undone", ""),
    ]
    assert "Frau Beispiel war hier" in " ".join(call("list")[1].split())


def test_systems_that_contradict_each_other_are_told(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config,) = tmp_path.glob("*.yaml")
    call("decide", "enaio:1", "tau:1", "same", "--reason", "x")
    assert answer(call, "contradictions") == {"contradictions": []}
    with Hub(load_config(config)) as hub, hub.store.transaction() as connection:
        for source, sex in (("enaio", "m"), ("tau", "w")):
            connection.execute(update(person).where(person.c.source == source).values(sex=sex))
    (told,) = answer(call, "contradictions")["contradictions"]
    assert told.pop("person").startswith("p-")
    assert told == {"attribute": "sex", "records": ["enaio:1", "tau:1"], "counts": "enaio:1"}
    (told,) = answer(call, "contradictions", "--with-values")["contradictions"]
    assert told["values"] == ["m", "w"]
    capsys.readouterr()
    with pytest.raises(SystemExit):
        guarded(lambda: app(["status", "--json", "-c", str(config)]))
    assert json.loads(capsys.readouterr().out)["contradictions"] == {"sex": 1}


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("decide", "enaio:1", "tau:1", "same"), 2, "--reason"),
        (("decide", "enaio:1", "tau:1", "perhaps", "--reason", "x"), 2, "perhaps"),
        (("decide", "enaio:1", "tau:7", "same", "--reason", "x"), 1, "tau:7 is known now"),
        (("undo", "enaio:1"), 1, "no decision enaio:1"),
        (("undo", "1", "2", "3"), 2, "by its number"),
        (("why", "enaio:1", "enaio:9"), 1, "enaio:9 is known now"),
    ],
)
def test_a_wrong_call_is_told(
    call: Call, words: tuple[str, ...], status: int, sentence: str
) -> None:
    found, _, err = call(*words)
    assert found == status and sentence in err
