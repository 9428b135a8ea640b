"""A refused login stays refused until something about it changes, also when the note of it is damaged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.fetch.fetcher import CannotFetch, Fetched, LoginRefused
from connectors.fetch.refused_login import NOTE, RefusedLoginGuard


class Answering:
    """A fetcher that counts how often it is asked, and refuses with the rule it has."""

    def __init__(self, rule: str = "") -> None:
        self.rule, self.asked = rule, 0

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        self.asked += 1
        if self.rule:
            raise (LoginRefused if self.rule == "login_refused" else CannotFetch)(
                self.rule, "Bitte prüfen."
            )
        return Fetched(("a.csv",), 1)


def rule_of(fetcher: Answering, into: Path, identity: str = "user and secret") -> str:
    try:
        RefusedLoginGuard(fetcher, identity).fetch(into, {})
    except CannotFetch as stopped:
        return stopped.rule
    return ""


def test_the_same_login_is_tried_once(tmp_path: Path) -> None:
    fetcher = Answering("login_refused")
    assert [rule_of(fetcher, tmp_path) for _ in range(3)] == [
        "login_refused",
        "refused_before",
        "refused_before",
    ]
    assert fetcher.asked == 1


def test_each_login_is_tried_once_whatever_came_between(tmp_path: Path) -> None:
    fetcher = Answering("login_refused")
    for identity in ("one", "other", "one", "other"):
        rule_of(fetcher, tmp_path, identity)
    assert fetcher.asked == 2


def test_a_note_of_an_earlier_version_counts_for_its_login_only(tmp_path: Path) -> None:
    rule_of(Answering("login_refused"), tmp_path, "one")
    (note,) = json.loads((tmp_path / NOTE).read_text(encoding="utf-8"))
    (tmp_path / NOTE).write_text(json.dumps(note), encoding="utf-8")
    assert rule_of(Answering(), tmp_path, "one") == "refused_before"
    assert rule_of(Answering(), tmp_path, "other") == ""


@pytest.mark.parametrize("mend", ["another secret", "the note deleted"])
def test_it_goes_on_when_something_was_mended(tmp_path: Path, mend: str) -> None:
    rule_of(Answering("login_refused"), tmp_path)
    if mend == "the note deleted":
        (tmp_path / NOTE).unlink()
    assert (
        rule_of(Answering(), tmp_path, "user and secret" if mend == "the note deleted" else "other")
        == ""
    )
    assert not (tmp_path / NOTE).exists()


def test_a_damaged_note_counts(tmp_path: Path) -> None:
    (tmp_path / NOTE).write_text("{")
    fetcher = Answering()
    assert (rule_of(fetcher, tmp_path), fetcher.asked) == ("refused_before", 0)


def test_the_note_does_not_hold_the_secret_and_is_ours_alone(tmp_path: Path) -> None:
    rule_of(Answering("login_refused"), tmp_path, "S3cr3t")
    assert "S3cr3t" not in (tmp_path / NOTE).read_text()
    assert (tmp_path / NOTE).stat().st_mode & 0o077 == 0


def test_other_faults_are_tried_again(tmp_path: Path) -> None:
    fetcher = Answering("unreachable")
    assert [rule_of(fetcher, tmp_path) for _ in range(2)] == ["unreachable", "unreachable"]
    assert fetcher.asked == 2
