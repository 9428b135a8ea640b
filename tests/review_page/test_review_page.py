"""The page of review: who may open it, what it shows, and that a keyboard is enough."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import uvicorn
from sqlalchemy import delete, insert, select

from pipelines.review_page.app import ReviewPage
from pipelines.review_page.record_view import view_pair
from tests.consents.office import LAST, Office, person
from tests.orchestration.browser import Page, open_page
from warehouse.schema import identity_decision, identity_pair

SPELLED = {"alpha": "AL-HASSAN", "beta": "Al Hassan"}
BECAUSE = "Gleich: Geburtsdatum."
AGAINST = "Verschieden: Nachname."
DIFFERENT = {"a": "alpha:1", "b": "beta:1", "verdict": "different", "reason": "x", "shown": ""}


@dataclass
class Served:
    """The page of an office while it is served."""

    office: Office
    page: ReviewPage
    address: str

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.address + path, headers=headers, allow_redirects=False, timeout=30)

    def post(
        self, path: str, said: dict[str, Any], cookies: dict[str, str] | None = None
    ) -> requests.Response:
        """Posts as the page does."""
        headers, url = {"idempotency-key": path}, self.address + path
        cookies = cookies or self.enter()
        return requests.post(url, json=said, cookies=cookies, headers=headers, timeout=30)

    def enter(self) -> dict[str, str]:
        """The cookie of the one browser that may use the page."""
        answer = self.get(f"/?token={self.page.token}")
        assert answer.status_code == 303
        return dict(answer.cookies)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Two systems with three persons each, of whom the first two may be one."""
    office = Office(tmp_path_factory.mktemp("review"))
    for source, name in (("alpha", "A"), ("beta", "B")):
        rows = [person(str(n), f"{name}{n}") for n in (1, 2, 3)]
        office.deliver(source, LAST, [*rows, person("4", Nachname=SPELLED[source])], [])
    office.run()
    with office.open() as hub, hub.store.transaction() as connection:
        connection.execute(delete(identity_pair))
        for number in (1, 2):
            sides = {"a_source": "alpha", "a_key": str(number)}
            sides |= {"b_source": "beta", "b_key": str(number)}
            texts = {"because": json.dumps([BECAUSE]), "against": json.dumps([AGAINST])}
            row = {"band": "review", "weight": 6.0 - number, "known_from": 1}
            connection.execute(insert(identity_pair).values(sides | texts | row))
    return office


@contextmanager
def serve(office: Office) -> Iterator[Served]:
    page = ReviewPage(office.open, "M. Beispiel")
    config = uvicorn.Config(page.build_app(), log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Served(office, page, f"http://127.0.0.1:{port}")
        finally:
            server.should_exit = True
            thread.join(20)


def decisions(office: Office) -> list[tuple[str, str, str]]:
    c = identity_decision.c
    with office.open() as hub, hub.store.read() as connection:
        rows = connection.execute(select(c.a_key, c.verdict, c.decided_by).order_by(c.number))
        return [tuple(row) for row in rows]


def test_the_address_works_once(office: Office) -> None:
    with serve(office) as served:
        assert served.get("/").status_code == 403
        assert served.get("/pairs").status_code == 403
        assert served.get("/?token=wrong").status_code == 403
        served.enter()
        assert served.get(f"/?token={served.page.token}").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "drehscheibe.example"},
        {"Origin": "http://drehscheibe.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=["other-host", "other-origin", "other-site"],
)
def test_other_hosts_and_origins_are_refused(office: Office, headers: dict[str, str]) -> None:
    with serve(office) as served:
        cookies = served.enter()
        answer = requests.get(
            f"{served.address}/pairs", headers=headers, cookies=cookies, timeout=30
        )
    assert answer.status_code == 403
    assert "alpha" not in answer.text


def test_a_form_of_another_page_decides_nothing(office: Office) -> None:
    before = decisions(office)
    said = {**DIFFERENT, "verdict": "same"}
    with serve(office) as served:
        cookies = served.enter()
        url = f"{served.address}/decide"
        plain = requests.post(url, data=json.dumps(said), cookies=cookies, timeout=30)
        unasked = requests.post(url, json=said, cookies=cookies, timeout=30)
    assert [a.status_code for a in (plain, unasked)] == [403, 403]
    assert decisions(office) == before


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"reason": ""}, 400),
        ({"reason": " \t "}, 400),
        ({"verdict": "undone"}, 400),
        ({"verdict": "perhaps"}, 400),
        ({"shown": "of another version"}, 409),
    ],
    ids=range(5),
)
def test_what_is_no_answer_decides_nothing(
    office: Office, wrong: dict[str, str], status: int
) -> None:
    before = decisions(office)
    with serve(office) as served:
        assert served.post("/decide", DIFFERENT | wrong).status_code == status
    assert decisions(office) == before


def test_nothing_of_it_is_kept_or_loaded_from_elsewhere(office: Office) -> None:
    with serve(office) as served:
        cookies = served.enter()
        answers = [
            requests.get(served.address + path, cookies=cookies, timeout=30)
            for path in ("/", "/page.css", "/page.js", "/pairs", "/pair?a=alpha:1&b=beta:1")
        ]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not {"http:", "https:"} & {urlsplit(w).scheme + ":" for w in answer.text.split('"')}


def test_a_name_that_is_only_written_otherwise_is_no_difference(office: Office) -> None:
    with office.open() as hub:
        found = view_pair(hub, ("alpha", "4"), ("beta", "4"))
    assert found is not None
    signs = {value.label: value.sign for value in found.values}
    assert (signs["Familienname"], signs["Vorname"], signs["AZR-Nummer"]) == ("≈", "=", "")


def test_an_answer_tells_what_still_waits(office: Office) -> None:
    with serve(office) as served:
        cookies = served.enter()
        url = f"{served.address}/pair?a=alpha:1&b=beta:1"
        shown = requests.get(url, cookies=cookies, timeout=30).json()["shown"]
        made = served.post("/decide", {**DIFFERENT, "shown": shown}, cookies).json()
        assert made["waiting"] == [["alpha:2", "beta:2"]]
        assert served.post("/undo", {"number": made["number"]}, cookies).json()["waiting"] == [
            ["alpha:1", "beta:1"],
            ["alpha:2", "beta:2"],
        ]


def wait_for(page: Page, script: str) -> None:
    for _ in range(200):
        if page.run(script):
            return
        time.sleep(0.1)
    raise AssertionError(page.run("document.body.innerText"))


def press(page: Page, key: str) -> None:
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key=key, text=key if len(key) == 1 else "")


def hold(page: Page, key: str) -> None:
    page.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
    wait_for(page, is_shown("1 von 2 erledigt"))
    for _ in range(5):
        page.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key, autoRepeat=True)
    page.call("Input.dispatchKeyEvent", type="keyUp", key=key)


def is_shown(text: str) -> str:
    return f"document.body.innerText.includes({json.dumps(text)})"


def test_pairs_are_decided_and_taken_back_by_keyboard(office: Office, tmp_path: Path) -> None:
    before = decisions(office)
    with serve(office) as served, open_page(tmp_path) as page:
        page.open(f"{served.address}/?token={served.page.token}")
        wait_for(page, is_shown("Paar 1 von 2"))
        for text in (
            "MusterA1",
            "MusterB1",
            "02.03.1990",
            BECAUSE,
            AGAINST,
            "Menschen insgesamt: −1.",
        ):
            assert page.run(is_shown(text)), text
        # Held down, a key repeats itself and decides one pair.
        hold(page, "2")
        wait_for(page, is_shown("1 von 2 erledigt"))
        assert page.run(is_shown("MusterA2"))
        press(page, "3")
        wait_for(page, is_shown("Alle Paare sind durchgesehen"))
        press(page, "z")
        wait_for(page, is_shown("1 von 2 erledigt"))
        assert page.run(is_shown("MusterA2"))
        press(page, "z")
        wait_for(page, is_shown("0 von 2 erledigt"))
    who = "M. Beispiel"
    assert decisions(office)[len(before) :] == [
        ("1", "different", who),
        ("2", "unsure", who),
        ("2", "undone", who),
        ("1", "undone", who),
    ]


def test_the_page_is_accessible(office: Office, tmp_path: Path) -> None:
    axe = resources.files(
        pytest.importorskip("axe_core_python", reason="comes with the group dev")
    ).joinpath("axe.min.js")
    with serve(office) as served, open_page(tmp_path) as page:
        page.open(f"{served.address}/?token={served.page.token}")
        wait_for(page, is_shown("Paar 1 von 2"))
        page.call("Runtime.evaluate", expression=axe.read_text("utf-8"))
        found = page.run("axe.run().then(r => r.violations.map(v => v.id))")
    assert found == []
