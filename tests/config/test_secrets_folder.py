"""A secrets folder that others can read or change is refused before anything is done with what it holds."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from pipelines.cli.app import app
from pipelines.cli.errors import guarded
from pipelines.config import load_config
from pipelines.config.secret import OpenSecrets, source_secret
from pipelines.hub import Hub

CONFIG = """district: {ags: "08999", name: Kreis}
sources: {tau: {mapping: tau_office, folder: tau}}
"""
# Modes of the folder and of the file in it.
REFUSED = [
    (0o755, 0o600),
    (0o777, 0o600),
    (0o711, 0o600),
    (0o770, 0o600),
    (0o704, 0o600),
    (0o700, 0o644),
    (0o700, 0o604),
    (0o700, 0o602),
    (0o700, 0o660),
    (0o700, 0o620),
]
TAKEN = [(0o700, 0o600), (0o500, 0o400), (0o750, 0o640), (0o700, 0o700)]


def with_secrets(folder: Path, modes: tuple[int, int]) -> Path:
    """A configuration with a secrets folder beside it."""
    (folder / "drehscheibe.yaml").write_text(CONFIG, "utf-8")
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "other").write_text("another's")
    (secrets / "other").chmod(modes[1])
    (secrets / "tau").write_text("geheim")
    (secrets / "tau").chmod(0o600)
    secrets.chmod(modes[0])
    return folder / "drehscheibe.yaml"


def octal(modes: tuple[int, int]) -> str:
    return f"{modes[0]:o}-{modes[1]:o}"


@pytest.mark.parametrize("modes", REFUSED, ids=octal)
def test_an_open_folder_is_refused_until_the_command_is_run(
    modes: tuple[int, int], tmp_path: Path
) -> None:
    config = load_config(with_secrets(tmp_path, modes), check_folders=False)
    with pytest.raises(OpenSecrets):
        source_secret(config, "tau")
    with pytest.raises(OpenSecrets) as refused:
        Hub(config)
    assert not config.data.exists()
    assert "geheim" not in str(refused.value)
    command = str(refused.value).split("ausführen: ")[1]
    subprocess.run(shlex.split(command), check=True)
    Hub(config).close()
    found = source_secret(config, "tau")
    assert found is not None and found.get_secret_value() == "geheim"


@pytest.mark.parametrize("modes", TAKEN, ids=octal)
def test_a_closed_folder_is_taken(modes: tuple[int, int], tmp_path: Path) -> None:
    config = load_config(with_secrets(tmp_path, modes), check_folders=False)
    Hub(config).close()
    assert source_secret(config, "tau") is not None


def test_every_command_says_so_and_ends_with_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = with_secrets(tmp_path, (0o755, 0o600))
    for words in (["run"], ["doctor"], ["status"]):
        with pytest.raises(SystemExit) as ended:
            guarded(lambda words=words: app([*words, "--json", "-c", str(config)]))  # type: ignore[misc]
        assert ended.value.code == 2
        failure = json.loads(capsys.readouterr().out)["failure"]
        assert failure["kind"] == "wrong_access"
        assert "chmod -R g-w,o-rwx" in failure["message"]


def test_a_link_that_leads_nowhere_is_no_secret(tmp_path: Path) -> None:
    config = load_config(with_secrets(tmp_path, (0o700, 0o600)), check_folders=False)
    (tmp_path / "secrets" / "gone").symlink_to(tmp_path / "nowhere")
    assert source_secret(config, "tau") is not None
