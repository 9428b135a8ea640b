"""The commands of consents by hand: exit status, sentences, JSON in the terms of TS 27560, no names unless asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli.app import app
from pipelines.cli.errors import guarded
from tests.consents.office import LAST, Office, form, person

Call = Callable[..., tuple[int, str, str]]
GRANT = ("grant", "alpha:1", "jobcenter", "--group", "sprache", "--purpose", "vermittlung")
ABOUT = ("--on", "20.07.2025", "--released", "Anna Berater", "--witness", "Vera Zeugin")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district with one person, who has a form."""
    office = Office(tmp_path_factory.mktemp("loaded"))
    office.deliver("alpha", LAST, [person("1")], [form("E1", "1")])
    office.run()
    (office.folder / "scan.pdf").write_bytes(b"%PDF signed by Amal")
    return office.folder


@pytest.fixture
def call(loaded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls `consent …` on a copy of the district."""
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True)

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            guarded(lambda: app(["consent", *words, "-c", str(tmp_path / "drehscheibe.yaml")]))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def answer(call: Call, *words: str) -> Any:
    status, out, _ = call(*words, "--json")
    assert status == 0
    return json.loads(out)


@pytest.mark.thorough
def test_from_a_grant_to_a_revocation(call: Call, tmp_path: Path) -> None:
    granted = answer(call, *GRANT, *ABOUT, "--scan", str(tmp_path / "scan.pdf"))
    assert granted["written"]["kind"] == "granted"
    assert granted["decisions"][0]["recipient"] == "jobcenter"
    shown = answer(call, "show", "alpha:1")
    delivered, by_hand = shown["records"][0]["consents"]
    assert delivered["record"]["record_id"] == "alpha:1/E1"
    assert by_hand["record"]["schema_version"] == "ISO/IEC TS 27560:2023"
    assert by_hand["record"]["pii_principal_id"] == shown["person"]
    purpose = by_hand["pii_processing"][0]
    assert purpose["recipient_third_parties"] == ["Jobcenter Musterkreis"]
    assert purpose["pii_information"][0]["pii_type"] == "sprache"
    assert by_hand["events"][0]["event_state"] == "given"
    assert len(by_hand["notice"]["scan_sha256"]) == 64
    assert "Zeugin" not in json.dumps(shown)
    named = answer(call, "show", shown["person"], "--with-values")
    assert named["records"][0]["consents"][1]["party_identification"]["witness"] == "Vera Zeugin"
    revoked = answer(call, "revoke", "alpha:1", "jobcenter")
    assert revoked["decisions"][0]["groups"] == []
    status, out, _ = call("show", "alpha:1")
    assert status == 0 and "Es geht nichts hinaus" in out and "Amal" not in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("grant", "alpha:9", *GRANT[2:]), "no person record"),
        (("grant", "alpha:1", "jobcentre", *GRANT[3:]), "no recipient"),
        ((*GRANT, "--group", "Gesundheit"), "special categories"),
        ((*GRANT, "--on", "2035-01-01"), "after today"),
        (("revoke", "alpha:9"), "no person record"),
        (("revoke", "alpha:1", "--as", "ended"), "name it"),
        (("show", "alpha:9"), "no person record"),
        (("show", "p-nobody"), "no person"),
        (("form", "jobcenter", "--out", "x.pdf", "--language", "uk"), "no consent form in 'uk'"),
    ],
)
def test_a_wrong_call_writes_nothing(call: Call, words: tuple[str, ...], told: str) -> None:
    status, out, said = call(*words)
    assert (status, out) == (2, "")
    assert told in said
