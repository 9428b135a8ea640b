"""The real thing: `serve` starts Dagster, its page answers, the nightly job is launched over GraphQL and succeeds, SIGTERM ends it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.orchestration.browser import open_page
from tests.orchestration.running import PLANTED, ROOT, places

pytestmark = pytest.mark.thorough

START = """import sys
from pathlib import Path
from pipelines.orchestration.web_server import serve_dagster
sys.exit(serve_dagster(Path(sys.argv[1]), int(sys.argv[2])))
"""
LAUNCH = """mutation ($job: String!) {
  launchRun(executionParams: {selector: {repositoryLocationName: "drehscheibe", repositoryName: "__repository__", jobName: $job}}) {
    __typename ... on LaunchRunSuccess { run { runId } }
  }
}"""
STATUS = "query ($run: ID!) { runOrError(runId: $run) { ... on Run { status assetMaterializations { assetKey { path } } } } }"
EVENTS = """query ($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events {
  ... on ExecutionStepFailureEvent { stepKey error { message } }
  ... on RunFailureEvent { error { message } }
  ... on AssetCheckEvaluationEvent { evaluation { checkName success assetKey { path } } }
} } } }"""


class Server:
    """A Dagster that answers on an address of this machine."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, query: str, **variables: Any) -> Any:
        """The answer to a GraphQL query."""
        answer = requests.post(
            f"{self.address}/graphql",
            json={"query": query, "variables": variables},
            headers={"Idempotency-Key": "a test"},
            timeout=30,
        ).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def answers(self) -> bool:
        """True once its page is served."""
        assert self.process.poll() is None, "Dagster has ended"
        try:
            return requests.get(f"{self.address}/server_info", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False


def eventually(what: Callable[[], Any], seconds: float = 120) -> Any:
    """Asks until there is an answer."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, f"nothing within {seconds} s"
        time.sleep(0.3)
    return found


@pytest.fixture(scope="module")
def server(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Dagster for the simulated district, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("DAGSTER", "DREHSCHEIBE"))
    }
    env |= {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    call = [sys.executable, "-c", START, str(config), str(port)]
    with (folder / "printed.log").open("wb") as printed:
        process = subprocess.Popen(
            call, env=env, cwd=folder, stdout=printed, stderr=subprocess.STDOUT
        )
        try:
            found = Server(process, port)
            eventually(found.answers)
            yield found
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(20)
    assert status == 0
    assert places(folder, PLANTED) == set()


def ended(server: Server, number: str) -> Any:
    """The run once it has ended; None before."""
    found = server.ask(STATUS, run=number)["runOrError"]
    return found if found["status"] in {"SUCCESS", "FAILURE", "CANCELED"} else None


@pytest.fixture(scope="module")
def run(server: Server) -> tuple[str, set[str]]:
    """The nightly job, launched and succeeded: its id, and the assets it made."""
    launched = server.ask(LAUNCH, job="nightly")["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess"
    number = launched["run"]["runId"]

    told = eventually(lambda: ended(server, number))
    assert told["status"] == "SUCCESS", server.ask(EVENTS, run=number)["logsForRun"]["events"]
    return number, {"/".join(made["assetKey"]["path"]) for made in told["assetMaterializations"]}


def test_the_job_launched_over_graphql_makes_every_asset(run: tuple[str, set[str]]) -> None:
    made = run[1]
    assert {
        "intake",
        "identity",
        "figures",
        "report",
        "workbook",
        "landing/enaio",
        "warehouse/enaio",
    } <= made


def test_its_checks_can_be_asked_for(server: Server, run: tuple[str, set[str]]) -> None:
    events = server.ask(EVENTS, run=run[0])["logsForRun"]["events"]
    told = {
        f"{'/'.join(e['evaluation']['assetKey']['path'])}:{e['evaluation']['checkName']}": e[
            "evaluation"
        ]["success"]
        for e in events
        if "evaluation" in e
    }
    assert (
        told["intake:balance"]
        and told["identity:everyone_linked"]
        and told["warehouse/enaio:balance"]
    )


@pytest.mark.usefixtures("run")
def test_its_home_lies_in_the_data_folder_and_holds_no_name(config: Path) -> None:
    home = config.parent / "data" / "dagster"
    assert home.stat().st_mode & 0o077 == 0
    assert places(home, "warehouse")
    assert places(home, PLANTED) == set()
    assert not (home / ".telemetry").exists()


RUNS = "query { runsOrError { ... on Runs { results { id tags { key value } } } } }"
CLICK = """(async () => {
  for (let tries = 0; tries < 100; tries++) {
    const found = [...document.querySelectorAll("button")].find(b => /^Materialize/.test(b.innerText) && !b.disabled);
    if (found) { found.click(); return true; }
    await new Promise(done => setTimeout(done, 200));
  }
  return document.body.innerText;
})()"""


def runs(server: Server) -> set[str]:
    """The numbers of all runs."""
    return {run["id"] for run in server.ask(RUNS)["runsOrError"]["results"]}


@pytest.mark.usefixtures("run")
def test_a_click_in_its_page_starts_a_run(server: Server, tmp_path: Path) -> None:
    before = runs(server)
    with open_page(tmp_path) as page:
        page.open(f"{server.address}/locations/drehscheibe/jobs/nightly/")
        assert page.run(CLICK) is True
        assert eventually(lambda: runs(server) - before, 30)


@pytest.mark.usefixtures("run")
def test_no_other_request_starts_a_run(server: Server) -> None:
    before = runs(server)
    body = json.dumps({"query": LAUNCH, "variables": {"job": "nightly"}})
    typed, keyed = {"Content-Type": "application/json"}, {"Idempotency-Key": "1"}
    for headers in (
        typed,
        {**typed, **keyed, "Origin": "http://evil.example"},
        {**typed, **keyed, "Host": "evil.example"},
        {**typed, **keyed, "Sec-Fetch-Site": "same-site"},
        {**keyed, "Content-Type": "text/plain; application/json"},
    ):
        asked = requests.post(f"{server.address}/graphql", body, headers=headers, timeout=30)
        assert asked.status_code == 403
    asked = requests.get(f"{server.address}/graphql", {"query": LAUNCH}, timeout=30)
    assert asked.status_code == 403
    assert runs(server) == before


@pytest.mark.usefixtures("run")
def test_a_subscription_starts_no_run(server: Server) -> None:
    before = runs(server)
    address = server.address.replace("http", "ws") + "/graphql"
    start = {
        "id": 1,
        "type": "start",
        "payload": {"query": LAUNCH, "variables": {"job": "nightly"}},
    }
    with connect(address, subprotocols=[Subprotocol("graphql-ws")]) as opened:
        opened.send(json.dumps(start))
        assert json.loads(opened.recv(timeout=20))["type"] == "error"
    with pytest.raises(InvalidStatus):
        connect(address, origin=Origin("http://evil.example"))
    assert runs(server) == before


AGAIN = """mutation ($run: String!) { launchRunReexecution(reexecutionParams: {parentRunId: $run, strategy: ALL_STEPS}) {
  __typename ... on LaunchRunSuccess { run { runId } }
} }"""
TRANSFER = """mutation ($config: RunConfigData) { launchRun(executionParams: {
  selector: {repositoryLocationName: "drehscheibe", repositoryName: "__repository__", jobName: "transfer"},
  runConfigData: $config
}) { __typename ... on LaunchRunSuccess { run { runId } } } }"""


@pytest.mark.usefixtures("run")
def test_a_transfer_wants_the_recipients_name_and_is_not_repeated(
    server: Server, config: Path
) -> None:
    parcels = config.parent / "data" / "out" / "transfer"
    assert server.ask(TRANSFER)["launchRun"]["__typename"] == "RunConfigValidationInvalid"
    typed = {"confirm_recipient": "Jobcenter Beispielkreis"}
    given = {"ops": {"transfer__jobcenter": {"config": typed}}}
    started = server.ask(TRANSFER, config=given)["launchRun"]["run"]["runId"]
    assert eventually(lambda: ended(server, started))["status"] == "SUCCESS"
    made = sorted(parcels.rglob("*"))
    assert made
    again = server.ask(AGAIN, run=started)["launchRunReexecution"]["run"]["runId"]
    assert eventually(lambda: ended(server, again))["status"] == "FAILURE"
    events = server.ask(EVENTS, run=again)["logsForRun"]["events"]
    assert any("not repeated" in str(event) for event in events)
    assert sorted(parcels.rglob("*")) == made
