"""The rules that every connector keeps, whatever it fetches from. How each system is handled is in the adapters beside."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest

from connectors.fetch.fetcher import CannotFetch, Fetched, Fetcher
from tests.conformance.outside import PAGE, PERSON, Outside, number

pytestmark = pytest.mark.thorough

MANY = 2 * PAGE + 3
MOST_STEPS = 12

Held = dict[str, bytes]


@pytest.fixture(autouse=True)
def _nothing_said_names_a_person(outside: Outside, caplog: pytest.LogCaptureFixture) -> object:
    caplog.set_level(logging.DEBUG)
    yield
    said = "\n".join(
        f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.get_records("call")
    )
    assert [word for word in _private(outside) if word in said] == []


def _private(outside: Outside) -> list[str]:
    return [*PERSON.split(), outside.secret, "R-0"]


def _held(into: Path, fetched: Fetched) -> Held:
    return {name: (into / name).read_bytes() for name in fetched.files}


def _whole(outside: Outside, into: Path) -> tuple[Held, int]:
    """A fetch with nothing wrong: the files, and how many steps it took."""
    outside.start()
    into.mkdir()
    return _held(into, outside.fetcher().fetch(into, {})), outside.steps()


def _attempt(outside: Outside, fetcher: Fetcher, into: Path) -> CannotFetch | None:
    """Fetches with something wrong; whatever is said of it must help, and name nobody."""
    into.mkdir(exist_ok=True)
    try:
        fetcher.fetch(into, {})
    except CannotFetch as stopped:
        told = "".join(traceback.format_exception(stopped)) + repr(stopped) + stopped.message
        assert [word for word in _private(outside) if word in told] == []
        assert stopped.rule and stopped.message.endswith(".") and len(stopped.message) > 40
        _assert_no_secret(outside, into)
        return stopped
    return None


def _assert_no_secret(outside: Outside, into: Path) -> None:
    secret = outside.secret.encode()
    assert [
        path.name for path in into.rglob("*") if path.is_file() and secret in path.read_bytes()
    ] == []


@pytest.mark.parametrize(
    "count", [0, 1, PAGE, MANY], ids=["nothing", "one", "exactly a page", "many"]
)
def test_everything_comes_as_it_was_served(outside: Outside, tmp_path: Path, count: int) -> None:
    outside.fill(count)
    outside.start()
    fetched = outside.fetcher().fetch(tmp_path, {})
    if count:
        assert list(outside.records(tmp_path, fetched)) == [number(n) for n in range(count)]
    else:
        assert not fetched.files or list(outside.records(tmp_path, fetched)) == []
    assert [
        name
        for name, content in _held(tmp_path, fetched).items()
        if not outside.served(name, content)
    ] == []
    assert list(fetched.files) == sorted(set(fetched.files))
    _assert_no_secret(outside, tmp_path)


def test_fetched_twice_it_is_the_same(outside: Outside, tmp_path: Path) -> None:
    outside.fill(MANY)
    first, _ = _whole(outside, tmp_path / "first")
    assert _whole(outside, tmp_path / "second")[0] == first
    again = outside.fetcher().fetch(tmp_path / "first", {})
    assert _held(tmp_path / "first", again) == first


def test_a_repeated_page_changes_nothing(outside: Outside, tmp_path: Path) -> None:
    outside.fill(MANY)
    outside.start()
    if not outside.repeat_a_page():
        pytest.skip("no page can come twice on this way")
    into = tmp_path / "doubled"
    if _attempt(outside, outside.fetcher(), into) is not None:
        outside.start()
    fetched = outside.fetcher().fetch(into, {})
    assert list(outside.records(into, fetched)) == [number(n) for n in range(MANY)]


def test_after_any_fault_at_any_step_it_ends_as_if_there_had_been_none(
    outside: Outside, tmp_path: Path
) -> None:
    outside.fill(PAGE + 1)
    right, steps = _whole(outside, tmp_path / "right")
    stopped: list[str] = []
    for fault in outside.faults:
        tried = min(steps, MOST_STEPS)
        for step in range(tried):
            into = tmp_path / f"{fault} {step}"
            outside.start(fault, step / tried, steps)
            if (reason := _attempt(outside, outside.fetcher(), into)) is not None:
                stopped.append(fault)
                assert "refused" not in reason.rule
            outside.start()
            ended = _held(into, outside.fetcher().fetch(into, {}))
            assert ended == right, f"{fault} from step {step} of {tried} on"
    assert set(stopped) == set(outside.faults)


def test_what_is_there_is_not_fetched_again(outside: Outside, tmp_path: Path) -> None:
    outside.fill(MANY)
    _, steps = _whole(outside, tmp_path / "right")
    if not outside.resumes:
        pytest.skip("what this way fetches belongs to one moment and is fetched anew")
    for fault in outside.faults[:1]:
        outside.start(fault, 0.7, steps)
        assert _attempt(outside, outside.fetcher(), tmp_path / "interrupted") is not None
        outside.start()
        outside.fetcher().fetch(tmp_path / "interrupted", {})
        assert outside.steps() < steps


def test_a_refused_login_is_not_tried_again(outside: Outside, tmp_path: Path) -> None:
    outside.fill(PAGE)
    outside.start()
    first = _attempt(outside, outside.fetcher("nicht das Kennwort"), tmp_path / "work")
    assert first is not None
    assert (first.rule, first.again) == ("login_refused", False)
    contacts = outside.contacts()
    second = _attempt(outside, outside.fetcher("nicht das Kennwort"), tmp_path / "work")
    assert second is not None
    assert (second.rule, second.again) == ("refused_before", False)
    assert outside.contacts() == contacts
    fetched = outside.fetcher().fetch(tmp_path / "work", {})
    assert len(list(outside.records(tmp_path / "work", fetched))) == PAGE
    assert b"nicht das Kennwort" not in b"".join(
        p.read_bytes() for p in (tmp_path / "work").rglob("*") if p.is_file()
    )
