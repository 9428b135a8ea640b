"""Starts Dagster for one district, served on the loopback address of this machine only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from pipelines.config import Config, load_config

ROOT = Path(__file__).resolve().parents[2]


def serve_dagster(config_path: Path, port: int = 3000) -> int:
    """Runs `dagster dev` until it is stopped and returns its exit status; raises ConfigError."""
    config = load_config(config_path, check_folders=False)
    call, environment = build_command(port), prepare_environment(config)
    # A shell's `&` leaves SIGINT ignored: Dagster and its children could not be stopped any more.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if os.name == "nt":
        return subprocess.call(call, env=environment)
    # The process is replaced, so that signals and exit status are Dagster's own.
    os.execve(call[0], call, environment)


def build_command(port: int) -> list[str]:
    """The command line of Dagster for the location of workspace.yaml."""
    place = ["-w", str(ROOT / "workspace.yaml"), "-h", "127.0.0.1", "-p", str(port)]
    return [sys.executable, "-W", "ignore::FutureWarning", "-m", "dagster", "dev", *place]


def prepare_environment(config: Config) -> dict[str, str]:
    """The environment of Dagster; makes its home in the data folder, for its owner only."""
    home = config.data_folder.dagster
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(ROOT / "dagster.yaml", home / "dagster.yaml")
    return {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DREHSCHEIBE_CONFIG": str(config.path),
    }
