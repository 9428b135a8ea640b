"""A fetch killed after any page is gone on with: the same bytes at the end, and no page asked for twice."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from typing import Literal

import pytest

from connectors.enaio.working_folder import WorkingFolder
from connectors.fetch.fetcher import CannotFetch
from tests.enaio.trial import FULL_BEFORE, NOW, fetch, pages, partly, read, settings
from tests.fakes.enaio import FakeEnaio, Fault

JOURNAL = ".fetch/journal.jsonl"


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("after", ["page", "journal"])
@pytest.mark.parametrize(("api", "partial"), [("dms", False), ("dms", True), ("osrest", False)])
def test_killed_after_each_page(
    api: Literal["dms", "osrest"],
    partial: bool,
    after: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = FULL_BEFORE if partial else {}
    with FakeEnaio() as fake:
        told = partly(fake) if partial else settings(fake, api)
        whole = fetch(told, tmp_path / "whole", before)
        usual = len(fake.asked)
        fake.asked.clear()
        kept, kills = WorkingFolder.store_page, 0

        def killed(self: WorkingFolder, *args: object) -> object:
            nonlocal kills
            kills += 1
            if after == "page":
                monkeypatch.setattr(self, "_append_line", _raise)
            kept(self, *args)  # type: ignore[arg-type]
            raise Killed

        while True:
            held = len(pages(tmp_path / "torn"))
            monkeypatch.setattr(
                WorkingFolder, "store_page", killed if after == "journal" or kills < 3 else kept
            )
            try:
                fetched = fetch(told, tmp_path / "torn", before)
                break
            except Killed:
                assert len(pages(tmp_path / "torn")) == (
                    held + 1 if after == "journal" else held or 1
                )
    assert kills == (len(pages(tmp_path / "whole")) if after == "journal" else 3)
    assert pages(tmp_path / "torn") == pages(tmp_path / "whole")
    assert (fetched.files, fetched.rows, fetched.full) == (whole.files, whole.rows, whole.full)
    probes = kills * len(told.types)
    twice = len(fake.asked) - probes - usual
    if api == "dms":
        assert twice == (kills if after == "page" else 0)
    else:
        # that a list has ended is seen by a page that brings nothing new; it is not kept, and so is asked for again
        assert twice <= kills * 2 * len(told.types)


def _raise(_: object) -> None:
    raise Killed


def test_a_finished_folder_answers_without_a_request(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        first = fetch(settings(fake), tmp_path)
        asked = fake.requests
        assert fetch(settings(fake), tmp_path) == first
        assert fake.requests == asked


@pytest.mark.parametrize(
    "harm",
    [
        "torn journal",
        "no journal",
        "damaged page",
        "lost page",
        "older than a day",
        "other columns",
    ],
)
def test_what_cannot_be_gone_on_with_is_fetched_again(harm: str, tmp_path: Path) -> None:
    with FakeEnaio(faults=[Fault("busy_for_hours", 8)]) as fake:
        told = settings(fake)
        with pytest.raises(CannotFetch):
            fetch(told, tmp_path)
        now, page = NOW, tmp_path / max(pages(tmp_path))
        if harm == "torn journal":
            text = (tmp_path / JOURNAL).read_bytes()
            (tmp_path / JOURNAL).write_bytes(text[:-20])
        elif harm == "no journal":
            (tmp_path / JOURNAL).unlink()
        elif harm == "damaged page":
            page.write_bytes(page.read_bytes()[:-3])
        elif harm == "lost page":
            page.unlink()
        elif harm == "older than a day":
            now += datetime.timedelta(hours=25)
        else:
            told = settings(fake, types=told.types[:2])
        fetched = fetch(told, tmp_path, now=now)
        shutil.rmtree(tmp_path / ".fetch")
        clean = fetch(told, tmp_path / "clean")
        assert read(tmp_path, fetched.files) == read(tmp_path / "clean", clean.files)
        assert sorted(fetched.files) == [
            name for name in pages(tmp_path) if not name.startswith("clean/")
        ]


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with FakeEnaio() as fake, pytest.raises(CannotFetch) as stopped:
        fetch(settings(fake), tmp_path / "file")
    assert stopped.value.rule == "folder_unusable"
    assert fake.requests == 0
