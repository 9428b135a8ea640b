"""What is taken from a remote folder, what is left, and how a restless or oversized one is refused. No server is needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.fetch.download import download_deliveries
from connectors.fetch.fetcher import CannotFetch, Fetched
from connectors.fetch.remote_folder import FolderSettings, Limits
from tests.fetch.memory import Memory


def fetch(
    remote: Memory, into: Path, remembered: dict[str, str] | None = None, **more: object
) -> Fetched:
    settings = FolderSettings(settle_seconds=0, **more)  # type: ignore[arg-type]
    return download_deliveries(remote, into, remembered or {}, settings)


@pytest.mark.parametrize(
    ("lying", "taken"),
    [
        ({}, []),
        ({"a.csv": b"1", "b.csv": b"2"}, ["2025-01-01/a.csv", "2025-01-01/b.csv"]),
        (
            {"2024-12-31/a.csv": b"1", "2025-01-31/a.csv": b"2"},
            ["2024-12-31/a.csv", "2025-01-31/a.csv"],
        ),
        (
            {"2024-12-31/x/y/a.csv": b"1", "b.csv": b"beside a dated folder"},
            ["2024-12-31/x/y/a.csv"],
        ),
        (
            {
                "2024-12-31/@eaDir/a.csv": b"1",
                "2024-12-31/._a.csv": b"1",
                "2024-12-31/~$a.xlsx": b"1",
                "2024-12-31/Thumbs.db": b"1",
            },
            [],
        ),
        # A hidden entry comes with the others; the rule of local folders refuses it by name.
        (
            {"2024-12-31/.neu/a.csv": b"1", "2024-12-31/.b.csv": b"1"},
            ["2024-12-31/.b.csv", "2024-12-31/.neu/a.csv"],
        ),
        ({"2024-13-31/a.csv": b"no date", "b.csv": b"1"}, ["2025-01-01/b.csv"]),
        ({"2024-12-31/a.csv": b"1", "2024-12-31/b.csv.part": b"1"}, []),
        ({"2024-12-31/a.csv": b"1", "2025-01-31/b.csv.FILEPART": b"1"}, ["2024-12-31/a.csv"]),
    ],
    ids=[
        "nothing",
        "flat",
        "dated",
        "deep",
        "never data",
        "hidden",
        "no date",
        "unfinished",
        "one unfinished",
    ],
)
def test_a_delivery_is_what_it_is_in_a_local_folder(
    tmp_path: Path, lying: dict[str, bytes], taken: list[str]
) -> None:
    assert list(fetch(Memory(lying), tmp_path).files) == taken


@pytest.mark.parametrize(
    ("beside", "lying", "stray"),
    [
        (
            "2024-12-31/a.csv",
            ["31.08.2024/a", "2024-09-30 neu/a"],
            ["2024-09-30 neu", "31.08.2024"],
        ),
        ("2024-12-31/a.csv", ["20241031/a", ".neu/a", "a.zip"], [".neu", "20241031", "a.zip"]),
        ("2024-12-31/a.csv", [".a.csv", "b.part", "c.csv"], [".a.csv", "b.part", "c.csv"]),
        ("2024-12-31/a.csv", ["@eaDir/a", ".DS_Store", "~$a.xlsx", "Thumbs.db"], []),
        ("a.csv", ["b.zip", "31.08.2024/a"], ["31.08.2024"]),
    ],
    ids=["misnamed", "folders", "files", "of systems", "flat"],
)
def test_what_belongs_to_no_delivery_is_told(
    tmp_path: Path, beside: str, lying: list[str], stray: list[str]
) -> None:
    remote = Memory(dict.fromkeys([beside, *lying], b"1"))
    first = fetch(remote, tmp_path / "1", patterns=("*.csv",))
    again = fetch(remote, tmp_path / "2", dict(first.remember), patterns=("*.csv",))
    assert list(first.stray) == list(again.stray) == stray


@pytest.mark.parametrize(
    ("lying", "aside"),
    [
        ({"2024-12-31/a.csv": b"1"}, {}),
        ({"2024-12-31/a.csv": b"1", "2024-12-31/b.csv.part": b"1"}, {"2024-12-31": "growing"}),
        ({"2024-12-31/a.csv": b"1", "2025-01-31/b.part": b"1"}, {"2025-01-31": "growing"}),
        ({"2024-12-31/a.csv": b"1", "2025-01-31/Thumbs.db": b"1"}, {"2025-01-31": "empty"}),
        ({"a.csv.part": b"1"}, {"2025-01-01": "growing"}),
    ],
)
def test_a_delivery_that_stays_on_the_server_is_told(
    tmp_path: Path, lying: dict[str, bytes], aside: dict[str, str]
) -> None:
    first = fetch(Memory(lying), tmp_path / "1")
    again = fetch(Memory(lying), tmp_path / "2", dict(first.remember))
    assert first.aside == again.aside == aside


def test_only_names_like_the_patterns(tmp_path: Path) -> None:
    remote = Memory(
        {"2025-01-31/a.csv": b"1", "2025-01-31/b.pdf": b"1", "2025-01-31/c.pdf.part": b"1"}
    )
    assert fetch(remote, tmp_path, patterns=["*.csv", "*.txt"]).files == ("2025-01-31/a.csv",)


def test_a_link_is_refused_by_name_unless_no_pattern_wants_it(tmp_path: Path) -> None:
    remote = Memory({"2025-01-31/a.csv": b"1", "2025-01-31/Verweis.txt": b"2"})
    remote.links = {"2025-01-31/Verweis.txt"}
    with pytest.raises(CannotFetch) as stopped:
        fetch(remote, tmp_path)
    assert (stopped.value.rule, "„Verweis.txt“" in stopped.value.message) == (
        "no_ordinary_file",
        True,
    )
    assert fetch(remote, tmp_path, patterns=("*.csv",)).files == ("2025-01-31/a.csv",)


def test_what_was_fetched_is_not_fetched_again_until_it_changes(tmp_path: Path) -> None:
    remote = Memory({"2025-01-31/a.csv": b"1", "2025-02-28/a.csv": b"2"})
    first = fetch(remote, tmp_path / "1")
    assert fetch(remote, tmp_path / "2", dict(first.remember)).files == ()
    remote.marks["2025-02-28/a.csv"] = "2"
    assert fetch(remote, tmp_path / "3", dict(first.remember)).files == ("2025-02-28/a.csv",)


def test_what_has_gone_outside_is_forgotten(tmp_path: Path) -> None:
    remote = Memory({"2025-01-31/a.csv": b"1", "2025-02-28/a.csv": b"2"})
    first = fetch(remote, tmp_path / "1")
    del remote.files["2025-01-31/a.csv"]
    remote.marks["2025-02-28/a.csv"] = "2"
    assert set(fetch(remote, tmp_path / "2", dict(first.remember)).remember) == {"2025-02-28"}


def test_a_growing_delivery_is_left_and_the_others_are_taken(tmp_path: Path) -> None:
    remote = Memory({"2025-01-31/a.csv": b"1", "2025-02-28/a.csv": b"2"})
    remote.before = lambda what: remote.files.update(
        {"2025-02-28/a.csv": remote.files["2025-02-28/a.csv"] + b"+"}
    )
    first = fetch(remote, tmp_path)
    assert first.files == ("2025-01-31/a.csv",)
    assert set(first.remember) == {"2025-01-31"}
    assert first.aside == {"2025-02-28": "growing"}


def once(remote: Memory, when: str, change: dict[str, bytes | None]) -> None:
    """The folder changes at the first look or read after the second look."""
    looks: list[str] = []

    def before(what: str) -> None:
        looks.append(what)
        if what == when and len(looks) > 2 and change:
            for path, content in change.items():
                remote.files.pop(path, None)
                if content is not None:
                    remote.files[path], remote.marks[path] = content, "2"
            change.clear()

    remote.before = before


@pytest.mark.parametrize("when", ["read", "list"])
@pytest.mark.parametrize(
    ("change", "there"),
    [
        (
            {"2025-01-31/a.csv": b"newer and longer"},
            {"a.csv": b"newer and longer", "b.csv": b"2222"},
        ),
        (
            {"2025-01-31/a.csv": None, "2025-01-31/z.csv": b"1111"},
            {"b.csv": b"2222", "z.csv": b"1111"},
        ),
        ({"2025-01-31/a.csv": None}, {"b.csv": b"2222"}),
        ({"2025-01-31/c.csv": b"3"}, {"a.csv": b"1111", "b.csv": b"2222", "c.csv": b"3"}),
    ],
    ids=["changed", "renamed", "vanished", "added"],
)
def test_a_change_while_reading_ends_in_one_state_of_the_folder(
    tmp_path: Path, when: str, change: dict[str, bytes | None], there: dict[str, bytes]
) -> None:
    remote = Memory({"2025-01-31/a.csv": b"1111", "2025-01-31/b.csv": b"2222"})
    once(remote, when, dict(change))
    files = fetch(remote, tmp_path).files
    assert {
        name.removeprefix("2025-01-31/"): (tmp_path / name).read_bytes() for name in files
    } == there
    assert {p.name for p in (tmp_path / "2025-01-31").iterdir()} == set(there)


def test_a_folder_that_never_rests_is_told_so(tmp_path: Path) -> None:
    remote = Memory({"2025-01-31/a.csv": b"1"})

    def before(what: str) -> None:
        if what == "read":
            remote.marks["2025-01-31/a.csv"] = remote.marks.get("2025-01-31/a.csv", "") + "x"

    remote.before = before
    with pytest.raises(CannotFetch) as stopped:
        fetch(remote, tmp_path)
    assert (stopped.value.rule, stopped.value.again) == ("changing", True)


def test_half_a_file_is_gone_on_with_unless_it_changed(tmp_path: Path) -> None:
    remote = Memory({"2025-01-31/a.csv": b"abcdefghij"})
    whole = remote.read

    def broken(file: object, begin: int) -> object:
        start, blocks = whole(file, begin)  # type: ignore[arg-type]

        def half() -> object:
            yield next(blocks)
            raise CannotFetch("connection_lost", "…")

        return start, half()

    remote.read = broken  # type: ignore[assignment,method-assign]
    with pytest.raises(CannotFetch, match="connection_lost"):
        fetch(remote, tmp_path)
    remote.read = whole  # type: ignore[method-assign]
    assert fetch(remote, tmp_path).files == ("2025-01-31/a.csv",)
    assert remote.begins == [0, 4]
    assert (tmp_path / "2025-01-31/a.csv").read_bytes() == b"abcdefghij"


@pytest.mark.parametrize(
    ("lying", "limits", "rule"),
    [
        ({f"2025-01-31/{n}.csv": b"1" for n in range(5)}, Limits(files=4), "too_many_files"),
        ({f"2025-01-31/{n}.csv": b"1" for n in range(50)}, Limits(files=4), "too_many_files"),
        ({"2025-01-31/a.csv": b"12345"}, Limits(size=4), "too_much"),
        ({"2025-01-31/a/b/c/d.csv": b"1"}, Limits(depth=2), "too_deep"),
        ({"2025-01-31/a.csv": b"1"}, Limits(seconds=-1), "too_slow"),
        ({"2025-01-31/a\\..\\b.csv": b"1"}, Limits(), "unsafe_name"),
        ({"2025-01-31/../b.csv": b"1"}, Limits(), "unsafe_name"),
        ({"2025-01-31/a\nb.csv": b"1"}, Limits(), "unsafe_name"),
        ({f"2025-01-31/{'ä' * 200}.csv": b"1"}, Limits(), "unsafe_name"),
    ],
    ids=["files", "entries", "bytes", "depth", "time", "backslash", "dots", "line break", "long"],
)
def test_what_is_beyond_the_limits_is_refused(
    tmp_path: Path, lying: dict[str, bytes], limits: Limits, rule: str
) -> None:
    with pytest.raises(CannotFetch, match=rule) as stopped:
        fetch(Memory(lying), tmp_path, limits=limits)
    assert stopped.value.message.endswith(".")
    assert list(tmp_path.rglob("*.csv")) == []


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["2025-01-31/a", "2025-01-31/b", "2025-02-28/a", "c"]),
        st.binary(max_size=30),
    )
)
def test_the_bytes_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, lying: dict[str, bytes]
) -> None:
    into = tmp_path_factory.mktemp("into")
    files = fetch(Memory(lying), into).files
    dated = {path: content for path, content in lying.items() if "/" in path} or {
        f"2025-01-01/{p}": c for p, c in lying.items()
    }
    assert {name: (into / name).read_bytes() for name in files} == dated
