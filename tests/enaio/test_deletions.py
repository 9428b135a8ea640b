"""Deletions in enaio from the recycle bin to the figures: a fetch of changes knows afterwards what a fetch of everything would."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlalchemy import select

from connectors.enaio.fetch_run import Tools
from connectors.enaio.working_folder import WorkingFolder
from pipelines.config import Config, load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.enaio.test_whole_way import fetched, holdings
from tests.enaio.trial import FULL_BEFORE, fetch, partly
from tests.fakes.enaio import FakeEnaio
from tests.fakes.enaio.holdings import Held, Holdings
from warehouse.backup.consistency_check import check_warehouse
from warehouse.schema import ENTITIES, entity_balance, finding, load, table_balance
from warehouse.schema.columns import HISTORY_NAMES

pytestmark = pytest.mark.thorough

DAYS = [date(2025, 2, day) for day in (1, 2, 3, 6, 8)]
Known = dict[str, list[Any]]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEnaio]:
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with FakeEnaio(holdings(), tls=context) as running:
        monkeypatch.setenv("DREHSCHEIBE_SECRET_ENAIO", running.accounts.password)
        yield running


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Sets the day on which is fetched."""

    def set_to(day: date) -> None:
        moment = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        tools = (Tools(now=lambda: moment),)
        monkeypatch.setattr("connectors.enaio.fetch_run.EnaioFetcher.__init__.__defaults__", tools)
        monkeypatch.setattr(Config, "today", property(lambda config: day))

    return set_to


def config(folder: Path, fake: FakeEnaio, ca: Path, *, changes: bool) -> Path:
    path = fetched(folder, fake, ca)
    if changes:
        path.write_text(
            path.read_text("utf-8").replace(
                "      page_size", "      watermark: true\n      page_size"
            ),
            "utf-8",
        )
    return path


def known(hub: Hub, at: int | None = None) -> Known:
    """What is known (at a load), without where it came from."""
    found: Known = {}
    with hub.store.read() as connection:
        for name, kind in ENTITIES.items():
            c = kind.table.c
            own = [column for column in c if column.name not in HISTORY_NAMES]
            now = (
                c.known_to.is_(None)
                if at is None
                else (c.known_from <= at) & (c.known_to.is_(None) | (c.known_to > at))
            )
            found[name] = sorted(
                map(tuple, connection.execute(select(c.source_key, *own).where(now))), key=str
            )
    return found


def keys(hub: Hub, entity: str) -> set[str]:
    return {row[0] for row in known(hub)[entity]}


def delete_as_enaio_may(held: Holdings, id_: str) -> None:
    """Into the recycle bin without another date of change: nothing promises that there is one."""
    held.delete(id_, held.get(id_).changed)


def again(held: Holdings, id_: str, changed: str) -> None:
    """The object is made anew: another id, the same values, the old one deleted."""
    old = held.get(id_)
    held.objects.append(Held(f"{id_}-neu", old.type, dict(old.values), old.case, changed))
    delete_as_enaio_may(held, id_)


def test_what_is_deleted_ends_with_the_next_changes(
    fake: FakeEnaio, on: Callable[[date], None], tmp_path: Path
) -> None:
    people = [h.id for h in fake.holdings.of("Person")]
    number = {h.id: str(h.value("Personennummer")) for h in fake.holdings.of("Person")}
    talks = [
        h
        for h in fake.holdings.of("Beratung")
        if number[people[0]] in str(h.value("Personennummern"))
    ]
    gone, anew, double, untouched = people[0], people[1], people[2], people[3]
    ca = tmp_path / "ca.pem"
    with Hub(
        load_config(config(tmp_path / "changes", fake, ca, changes=True), check_folders=False)
    ) as hub:
        states = []

        def take(day: date) -> Known:
            on(day)
            states.extend(r.state for r in run_intake(hub) if r.state != "known")
            with Hub(
                load_config(
                    config(tmp_path / f"full-{day}", fake, ca, changes=False), check_folders=False
                )
            ) as full:
                assert [r.state for r in run_intake(full)] == ["loaded"]
                assert known(hub) == known(full)
            return known(hub)

        # A bin that was filled before the hub came, among it a double of somebody who lives.
        fake.holdings.objects.append(
            Held("weg", "Person", {"Personennummer": "P-999"}, "1", deleted=True)
        )
        fake.holdings.objects.append(Held("leer", "Person", {}, "1", deleted=True))
        fake.holdings.objects.append(replace(fake.holdings.get(double), id="doppelt", deleted=True))
        before = take(DAYS[0])
        figures = compute_kennzahlen(hub, FigureRequest(None, DAYS[0], DAYS[0])).figures

        delete_as_enaio_may(fake.holdings, gone)
        delete_as_enaio_may(fake.holdings, talks[0].id)
        again(fake.holdings, anew, f"{DAYS[0]}T12:00:00")
        take(DAYS[1])
        assert number[gone] not in keys(hub, "person") | keys(hub, "case") | keys(hub, "housing")
        assert {number[anew], number[double], number[untouched]} <= keys(hub, "person")
        assert talks[0].value("Beratungsnummer") not in keys(hub, "conversation")
        # Only what is named ends: the other talks of a deleted person go on naming it.
        assert number[gone] in {row[2] for row in known(hub)["conversation_participant"]}
        assert counted(hub) == {"case": 1, "conversation": 1}

        restored = fake.holdings.get(gone)
        restored.deleted, restored.changed = False, f"{DAYS[1]}T12:00:00"
        take(DAYS[2])
        assert number[gone] in keys(hub, "person")
        # No longer among the changes, the new object is still there, and the old one still in the bin.
        take(DAYS[3])
        take(DAYS[4])
        assert states == ["loaded"] * len(DAYS)
        assert known(hub, at=1) == before
        assert compute_kennzahlen(hub, FigureRequest(None, DAYS[0], DAYS[0])).figures == figures
        assert check_warehouse(hub.store, hub.landing) == []


def counted(hub: Hub) -> dict[str, int]:
    """How many records the last delivery ended; all rows of it went somewhere, and nothing was found."""
    c, t = entity_balance.c, table_balance.c
    with hub.store.read() as connection:
        this = (
            select(load.c.delivery_id)
            .where(load.c.number == hub.store.last_load())
            .scalar_subquery()
        )
        rows = connection.execute(select(t).where(t.delivery_id == this)).all()
        assert {r.table_name for r in rows} >= {
            "deleted/Person",
            "living/Person",
            "deleted/Beratung",
        }
        assert all(r.read == r.used for r in rows)
        assert connection.execute(select(finding).where(finding.c.delivery_id == this)).all() == []
        gone = connection.execute(select(c.entity, c.gone).where(c.delivery_id == this, c.gone > 0))
        return {row.entity: row.gone for row in gone}


def test_whether_a_deleted_key_lives_is_asked_in_parts(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        again(fake.holdings, "1000", "2020-01-01T08:00:00")
        got = fetch(partly(fake), tmp_path, FULL_BEFORE)
        asked = [
            a.question["query"] for a in fake.asked if "among" in a.question["query"]["parameters"]
        ]
    # Eleven lie in the sample's bin, this is the twelfth; five fit one question, and each is asked twice to see it rest.
    assert [len(q["parameters"]["among"]) for q in asked] == [5, 5, 5, 5, 2, 2]
    assert all(
        "IN (@among)" in q["statement"]
        and q["handleDeletedDocuments"] == "DELETED_DOCUMENTS_EXCLUDE"
        for q in asked
    )
    living = [name for name in got.files if name.startswith("living/")]
    assert living == [
        f"living/Person/{part}/000001-{n:06d}.json" for part, n in ((1, 1), (2, 0), (3, 0))
    ]
    assert not any(name.startswith(("deleted/Leer", "living/Leer")) for name in got.files), (
        "nothing names an object without a key"
    )


def test_what_was_asked_about_other_keys_is_asked_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    kept = WorkingFolder.store_page

    def killed(self: WorkingFolder, folder: str, *args: Any) -> Any:
        if folder.startswith("living/Person/2"):
            raise Killed
        return kept(self, folder, *args)

    with FakeEnaio() as fake:
        monkeypatch.setattr(WorkingFolder, "store_page", killed)
        with pytest.raises(Killed):
            fetch(partly(fake), tmp_path, FULL_BEFORE)
        monkeypatch.setattr(WorkingFolder, "store_page", kept)
        (tmp_path / "deleted" / "Person" / "000001-000005.json").write_bytes(b"torn")
        again(fake.holdings, "1000", "2020-01-01T08:00:00")
        got = fetch(partly(fake), tmp_path, FULL_BEFORE)
    assert "living/Person/1/000001-000001.json" in got.files
