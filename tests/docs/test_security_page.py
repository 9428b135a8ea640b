"""docs/security.md: every promise says against whom, every test it names exists and tests something, and the README leads to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
PROMISES, NOT_PROMISED = PAGE.split("\n## What is not promised\n")
AGAINST = re.compile(r"\*Against ([^*]+)\.\*")


def promises() -> list[str]:
    """The promises, each on one line; the list of those thought of is none."""
    listed = PROMISES.split("\n## ", 1)[1]
    return [" ".join(entry.split()) for entry in re.findall(r"^- .+(?:\n  .+)*", listed, re.M)]


def find_tests(page: str) -> set[str]:
    return set(re.findall(r"`(tests/[\w/]+\.py)`", page))


@pytest.mark.parametrize("name", sorted(find_tests(PAGE)))
def test_a_named_file_holds_tests(name: str) -> None:
    assert re.search(r"^def test_", (ROOT / name).read_text("utf-8"), re.M)


def test_every_promise_says_against_whom_and_by_which_test() -> None:
    assert len(promises()) > 30
    known = re.findall(r"^- \*\*(?:the |a |an(?=other))?([\w ]+?)\*\*", PROMISES, re.M)
    assert len(known) == 7
    for promise in promises():
        assert AGAINST.search(promise), promise
        assert find_tests(promise) or promise.endswith("Not tested yet."), promise


def test_what_is_not_promised_is_said() -> None:
    assert len(re.findall(r"^- \*\*", NOT_PROMISED, re.M)) >= 5


def test_the_readme_leads_to_it() -> None:
    assert "(docs/security.md)" in (ROOT / "README.md").read_text("utf-8")


def test_a_missing_file_would_be_found() -> None:
    assert find_tests("see `tests/nowhere/test_x.py`") == {"tests/nowhere/test_x.py"}
