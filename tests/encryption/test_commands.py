"""The commands encrypt and decrypt: what is explained before anything happens, what is refused, and which line to add."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli.encryption import EXPLAINED, SENTENCES
from pipelines.config import ConfigError, load_config
from tests.acceptance.district import CONFIGURATION, FOLDER
from warehouse.encryption import key_marker
from warehouse.encryption.key import from_file, make_file

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district whose first delivery of one source is taken in; copied, never written to."""
    folder = tmp_path_factory.mktemp("taken")
    path = folder / "drehscheibe.yaml"
    path.write_text(CONFIGURATION.format(exports=FOLDER, warehouse="duckdb"), encoding="utf-8")
    done = call(path, "run", "--source", "workbook", "--until", "2025-01-31")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def district(taken: Path, tmp_path: Path) -> Path:
    """The configuration of such a district."""
    shutil.copytree(taken, tmp_path, dirs_exist_ok=True)
    return tmp_path / "drehscheibe.yaml"


def call(
    district: Path, *words: str, typed: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command line as a program of its own."""
    program = [
        sys.executable,
        "-c",
        "from pipelines.cli import main; main()",
        *words,
        "-c",
        str(district),
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        program,
        cwd=district.parent,
        env=env,
        capture_output=True,
        text=True,
        input=typed,
        check=False,
    )


def secret(path: Path) -> str:
    return path.read_text("ascii").splitlines()[-1]


@pytest.mark.parametrize("typed", ["", "ja\n", "yes\n"])
def test_first_it_is_explained_and_without_the_sentence_nothing_happens(
    district: Path, typed: str
) -> None:
    before = {p: p.stat().st_mtime_ns for p in (district.parent / "data").rglob("*")}
    done = call(district, "encrypt", "--key-file", "keys/kreis.key", typed=typed)
    assert done.returncode != 0
    assert EXPLAINED in done.stderr
    assert {p: p.stat().st_mtime_ns for p in (district.parent / "data").rglob("*")} == before


@pytest.mark.parametrize(
    "words",
    [
        "OHNE DIESEN SCHLÜSSEL",
        "Sicherung braucht ihn",
        "zwei Kopien",
        "WITHOUT THIS KEY",
        "Every backup needs it",
        "two copies",
    ],
)
def test_the_explanation_says_what_matters_in_both_languages(words: str) -> None:
    assert words in EXPLAINED


@pytest.mark.thorough
def test_the_whole_way_there_and_back(district: Path) -> None:
    there = call(district, "encrypt", "--key-file", "keys/kreis.key", typed=f"{SENTENCES[0]}\n")
    assert there.returncode == 0, there.stderr
    assert "may be recoverable" in there.stdout
    key_file = district.parent / "keys" / "kreis.key"
    refused = call(district, "status")
    assert refused.returncode == 2 and "name the key in the configuration" in refused.stderr
    line = there.stdout.splitlines()[-1]
    assert line == "encryption: {key_file: keys/kreis.key}"
    without = district.read_text("utf-8")
    district.write_text(f"{without}{line}\n", encoding="utf-8")
    run = call(district, "run", "--source", "workbook")
    assert run.returncode == 0, run.stderr
    again = call(district, "encrypt", "--yes-i-keep-the-key", "--json")
    assert json.loads(again.stdout)["changed"] is False
    back = call(district, "decrypt")
    assert back.returncode == 0 and f"take 'encryption' out of {district}" in back.stdout
    district.write_text(without, encoding="utf-8")
    assert call(district, "status").returncode == 0
    told = "".join(d.stdout + d.stderr for d in (there, refused, run, again, back))
    assert secret(key_file)[15:] not in told and from_file(key_file).warehouse_secret() not in told


@pytest.mark.slow
def test_the_key_may_come_from_the_environment(district: Path, tmp_path: Path) -> None:
    make_file(tmp_path / "elsewhere")
    done = call(
        district,
        "encrypt",
        "--yes-i-keep-the-key",
        "--json",
        DREHSCHEIBE_KEY=secret(tmp_path / "elsewhere"),
    )
    assert json.loads(done.stdout)["configuration"] == "encryption: {key_env: DREHSCHEIBE_KEY}"
    assert (
        key_marker.read_recipient(district.parent / "data" / "landing")
        == from_file(tmp_path / "elsewhere").recipient
    )


def test_a_key_with_what_it_opens_is_refused(district: Path) -> None:
    done = call(district, "encrypt", "--key-file", "data/kreis.key", "--yes-i-keep-the-key")
    assert done.returncode == 2 and "must not lie in the data folder" in done.stderr
    assert not (district.parent / "data" / "kreis.key").exists()


def test_without_any_key_it_is_asked_where_it_is_to_be_kept(district: Path) -> None:
    done = call(district, "encrypt", "--yes-i-keep-the-key", DREHSCHEIBE_KEY="")
    assert done.returncode != 0 and "key" in done.stderr.splitlines()[-1].casefold()


def test_once_encrypted_no_other_key_is_made(district: Path) -> None:
    assert (
        call(district, "encrypt", "--key-file", "keys/one.key", "--yes-i-keep-the-key").returncode
        == 0
    )
    done = call(district, "encrypt", "--key-file", "keys/two.key", "--yes-i-keep-the-key")
    assert done.returncode == 2 and "is missing" in done.stderr
    assert not (district.parent / "keys" / "two.key").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{}", "needs one of key_file and key_env"),
        ("{key_file: a, key_env: B}", "needs one of key_file and key_env"),
        ("{key_env: AGE-SECRET-KEY-1QQQ}", "is no name of a variable"),
        ("{key_file: data/kreis.key}", "lies in the data folder"),
        ("{key: x}", "unknown key"),
    ],
)
def test_mistakes_in_the_configuration_are_told_without_repeating_a_key(
    tmp_path: Path, line: str, words: str
) -> None:
    path = tmp_path / "drehscheibe.yaml"
    path.write_text(
        CONFIGURATION.format(exports=FOLDER, warehouse="duckdb") + f"encryption: {line}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=words) as told:
        load_config(path)
    assert "SECRET" not in str(told.value)
