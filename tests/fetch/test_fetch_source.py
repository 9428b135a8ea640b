"""From a `fetch` in the configuration to a delivery in the source's folder, with interruptions, same days and two processes at once."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.fetch.fetcher import CannotFetch, Fetched
from pipelines.config import load_config
from pipelines.failures import Kind, translate_error
from pipelines.hub import Hub
from pipelines.intake import fetch_source as fetching
from pipelines.intake.fetch_source import FetchResult, fetch_source, scope_of
from pipelines.intake.fetchers import fetcher_of
from tests.connectors.folders import find_deliveries

CONFIG = """\
district: {ags: "08999", name: Musterkreis}
sources:
  tau:
    mapping: tau_office
    fetch: {kind: sql_view, url: "postgresql+psycopg://reader@server/tau", views: {Klienten: tau.klienten}}
  local: {mapping: tau_office, folder: local}
"""
TODAY = datetime.now(ZoneInfo("Europe/Berlin")).date()

Act = Callable[[Path, Mapping[str, str]], Fetched]


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    (tmp_path / "local").mkdir()
    (tmp_path / "drehscheibe.yaml").write_text(CONFIG, encoding="utf-8")
    return Hub(load_config(tmp_path / "drehscheibe.yaml"))


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> list[Act]:
    """What the connector does at each call, in order."""
    waiting: list[Act] = []

    class Acting:
        def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
            return waiting.pop(0)(into, remembered)

    monkeypatch.setattr(fetching, "fetcher_of", lambda config, name: Acting())
    return waiting


def writes(files: dict[str, str], full: bool = True, remember: dict[str, str] | None = None) -> Act:
    def act(into: Path, remembered: Mapping[str, str]) -> Fetched:
        for name, content in files.items():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            (into / name).write_text(content)
        (into / ".notes").write_text("of the connector")
        return Fetched(tuple(files), len(files), full, remember or {})

    return act


def stops(error: Exception) -> Act:
    def act(into: Path, remembered: Mapping[str, str]) -> Fetched:
        (into / "half").write_text("what was fetched so far")
        raise error

    return act


def lying(hub: Hub) -> dict[str, str]:
    folder = hub.config.sources["tau"].folder
    return {
        p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()
    }


def test_files_without_a_day_are_a_delivery_of_today(hub: Hub, acts: list[Act]) -> None:
    acts += [writes({"Klienten.csv": "1", "sub/Ziele.csv": "2"})]
    assert fetch_source(hub, "tau") == FetchResult("tau", "fetched", dates=(TODAY,), rows=2)
    assert lying(hub) == {f"{TODAY}/Klienten.csv": "1", f"{TODAY}/sub/Ziele.csv": "2"}
    assert hub.config.sources["tau"].folder == hub.config.data / "fetched" / "tau"
    assert [
        d.date for d in find_deliveries(hub.config.sources["tau"].folder, settle_seconds=0)
    ] == [TODAY]
    assert not (hub.config.data / "fetching" / "tau" / "work").exists()


def test_dated_folders_are_deliveries_of_these_days(hub: Hub, acts: list[Act]) -> None:
    acts += [writes({"2025-01-31/a.csv": "1", "2025-02-28/a.csv": "2"})]
    assert fetch_source(hub, "tau").dates == (date(2025, 1, 31), date(2025, 2, 28))
    assert lying(hub) == {"2025-01-31/a.csv": "1", "2025-02-28/a.csv": "2"}


def test_the_same_again_is_nothing_new_and_something_else_replaces_it(
    hub: Hub, acts: list[Act]
) -> None:
    acts += [
        writes({"a.csv": "1", "b.csv": "2"}),
        writes({"a.csv": "1", "b.csv": "2"}),
        writes({"a.csv": "3"}),
    ]
    assert [fetch_source(hub, "tau").state for _ in range(3)] == [
        "fetched",
        "nothing_new",
        "fetched",
    ]
    assert lying(hub) == {f"{TODAY}/a.csv": "3"}


def test_changes_never_replace_what_might_not_be_taken_yet(hub: Hub, acts: list[Act]) -> None:
    seen: list[dict[str, str]] = []
    asks = writes({"a.csv": "3"}, full=False, remember={"since": "3"})

    def third(into: Path, remembered: Mapping[str, str]) -> Fetched:
        seen.append(dict(remembered))
        return asks(into, remembered)

    acts += [
        writes({"a.csv": "1"}, full=False, remember={"since": "1"}),
        writes({"a.csv": "2"}, False, {"since": "2"}),
        third,
    ]
    assert fetch_source(hub, "tau").state == "fetched"
    later = fetch_source(hub, "tau")
    assert (later.state, "morgen" in later.message) == ("nothing_new", True)
    fetch_source(hub, "tau")
    # the second was not laid down, so what it had seen is asked for again
    assert seen == [{"since": "1"}]
    assert lying(hub) == {f"{TODAY}/a.csv": "1"}


def test_a_delivery_of_changes_is_partial_until_a_full_one_replaces_it(
    hub: Hub, acts: list[Act]
) -> None:
    acts += [writes({"a.csv": "1"}, full=False), writes({"a.csv": "2"})]
    fetch_source(hub, "tau")
    assert scope_of(hub.config, "tau", TODAY) == "partial"
    assert scope_of(hub.config, "tau", date(2025, 1, 1)) == "full"
    fetch_source(hub, "tau")
    assert scope_of(hub.config, "tau", TODAY) == "full"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (CannotFetch("unreachable", "Der Server schweigt."), "Der Server schweigt."),
        (PermissionError(13, "Permission denied", "geheim.csv"), "Rechte"),
        (ValueError("Kennmich, Özgül"), "ValueError"),
    ],
    ids=["stopped", "rights", "unexpected"],
)
def test_a_failure_is_a_result_and_keeps_what_was_fetched(
    hub: Hub, acts: list[Act], caplog: pytest.LogCaptureFixture, error: Exception, says: str
) -> None:
    def goes_on(into: Path, remembered: Mapping[str, str]) -> Fetched:
        assert (into / "half").read_text() == "what was fetched so far"
        return writes({"a.csv": "1"})(into, remembered)

    acts += [stops(error), goes_on]
    failed = fetch_source(hub, "tau")
    assert (failed.state, says in failed.message) == ("unreachable", True)
    assert "Kennmich" not in failed.message + caplog.text
    assert "geheim.csv" not in failed.message + caplog.text
    assert lying(hub) == {}
    assert fetch_source(hub, "tau").state == "fetched"


def unreachable_while_writing(into: Path, remembered: Mapping[str, str]) -> Fetched:
    try:
        raise OSError(errno.ENOSPC, "No space left", "geheim.csv")
    except OSError:
        raise CannotFetch("unreachable", "Der Server schweigt.") from None


@pytest.mark.parametrize(
    "act", [stops(OSError(errno.EDQUOT, "Quota")), unreachable_while_writing], ids=["quota", "full"]
)
def test_a_full_disk_is_no_silent_server(hub: Hub, acts: list[Act], act: Act) -> None:
    acts += [act, writes({"a.csv": "1"})]
    with pytest.raises((OSError, CannotFetch)) as caught:
        fetch_source(hub, "tau")
    assert translate_error(caught.value).kind is Kind.DISK
    assert fetch_source(hub, "tau").state == "fetched"


@pytest.mark.parametrize(
    ("step", "seen"),
    [(1, {"a": "old", "b": "old"}), (2, {}), (3, {"a": "new", "b": "new"})],
    ids=["before", "between", "after"],
)
def test_killed_while_laying_down_nobody_sees_half_of_it(
    hub: Hub, acts: list[Act], monkeypatch: pytest.MonkeyPatch, step: int, seen: dict[str, str]
) -> None:
    new = {"a": "new", "b": "new"}
    acts += [writes({"a": "old", "b": "old"}), writes(new), writes(new)]
    fetch_source(hub, "tau")
    moves: list[object] = []
    replace = os.replace

    def killed(source: object, target: object) -> None:
        moves.append(target)
        if len(moves) == step:
            raise KeyboardInterrupt
        replace(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr("pipelines.intake.place_delivery.os.replace", killed)
    with pytest.raises(KeyboardInterrupt):
        fetch_source(hub, "tau")
    monkeypatch.setattr("pipelines.intake.place_delivery.os.replace", replace)
    deliveries = find_deliveries(hub.config.sources["tau"].folder, settle_seconds=0)
    assert {file.name: file.path.read_text() for d in deliveries for file in d.files} == seen
    fetch_source(hub, "tau")
    assert lying(hub) == {f"{TODAY}/{name}": content for name, content in new.items()}


def test_two_processes_do_not_fetch_one_source_at_once(hub: Hub, acts: list[Act]) -> None:
    folder = hub.config.data / "fetching" / "tau"
    folder.mkdir(parents=True)
    other = sqlite3.connect(folder / "lock", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert fetch_source(hub, "tau").state == "busy"
    other.close()
    acts += [writes({"a.csv": "1"})]
    assert fetch_source(hub, "tau").state == "fetched"


def test_a_state_that_is_unreadable_is_as_good_as_none(hub: Hub, acts: list[Act]) -> None:
    acts += [
        writes({"a.csv": "1"}, remember={"since": "1"}),
        lambda into, remembered: Fetched((), 0, remember={"was": str(dict(remembered))}),
    ]
    fetch_source(hub, "tau")
    state = hub.config.data / "fetching" / "tau" / "state.json"
    state.write_text("{")
    assert fetch_source(hub, "tau").state == "nothing_new"
    assert '"was": "{}"' in state.read_text()


def test_a_source_that_comes_by_itself_is_not_fetched(hub: Hub, acts: list[Act]) -> None:
    assert fetch_source(hub, "local") == FetchResult("local", "nothing_new")
    assert not (hub.config.data / "fetching" / "local").exists()


KINDS = {
    "sftp": "{kind: sftp, host: h, user: u, host_key: 'SHA256:" + "A" * 43 + "', max_mb: 1}",
    "webdav": "{kind: webdav, url: 'https://h/x/', user: u, proxy: 'http://p:8080'}",
    "sql_view": "{kind: sql_view, url: 'postgresql+psycopg://u@h/d', views: {K: k}}",
    "enaio_dms": "{kind: enaio_dms, url: 'https://h', user: u, object_types: {Person: [Nachname]}, watermark: true}",
    "enaio_osrest": "{kind: enaio_osrest, url: 'https://h', token_url: 'https://t', client_id: c, "
    "object_types: {Person: {columns: [Nachname], stored_query: '4', only: {Status: aktiv}}}}",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_connector_with_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = tmp_path / "drehscheibe.yaml"
    path.write_text(CONFIG[: CONFIG.index("{kind")] + KINDS[kind] + "\n", encoding="utf-8")
    monkeypatch.setenv("DREHSCHEIBE_SECRET_TAU", "S3cr3t")
    fetcher = fetcher_of(load_config(path, check_folders=False), "tau")
    made = getattr(fetcher, "fetcher", fetcher)
    assert type(made).__name__.casefold() == kind.replace("_", "")
    assert "S3cr3t" not in repr(getattr(made, "settings", made))


def test_without_a_secret_it_says_where_it_belongs(tmp_path: Path) -> None:
    path = tmp_path / "drehscheibe.yaml"
    path.write_text(CONFIG[: CONFIG.index("{kind")] + KINDS["webdav"] + "\n", encoding="utf-8")
    result = fetch_source(Hub(load_config(path)), "tau")
    assert (result.state, "Geheimnis-Ordner" in result.message) == ("unreachable", True)
