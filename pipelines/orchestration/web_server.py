"""Starts Dagster for one district, with its page guarded and on this machine only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from connectors.fetch.local_port import find_port_trouble
from pipelines.config import Config, load_config
from pipelines.config.secret import page_password
from pipelines.failures import Failure, Kind

ROOT = Path(__file__).resolve().parents[2]
# The guarded page listens on this machine whatever it is told. Dagster's own web server, should a
# later release start it in another way than today, finds no such host and ends: it never serves.
UNGUARDED_HOST = "unguarded.invalid"
SHORTEST_PASSWORD = 12
# The longest path that the address of a Unix socket holds.
_LONGEST_SOCKET = 107


def serve_dagster(config_path: Path, port: int = 3000) -> int:
    """Runs Dagster until it is stopped and returns its exit status; raises ConfigError."""
    config = load_config(config_path, check_folders=False)
    check_page(config)
    if config.page.socket is None:
        check_port(port)
    call, environment = build_command(port), prepare_environment(config)
    # A shell's `&` leaves SIGINT ignored: Dagster and its children could not be stopped any more.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if os.name == "nt":
        return subprocess.call(call, env=environment)
    # The process is replaced, so that signals and exit status are Dagster's own.
    os.execve(call[0], call, environment)


def check_port(port: int) -> None:
    """Raises Failure where another program has the port of this machine."""
    trouble = find_port_trouble(port)
    if trouble:
        raise Failure(
            f"port {port} of this machine {trouble}; choose another, such as: "
            f"drehscheibe dagster --port {port + 1}",
            Kind.WRONG_CALL,
        )


def check_page(config: Config) -> None:
    """Raises Failure where the page cannot be protected as the configuration asks."""
    password = page_password(config)
    if config.page.password and password is None:
        raise Failure(
            "'page.password' asks for a password, and there is none: put it into the variable "
            "DREHSCHEIBE_PAGE_PASSWORD or the file drehscheibe_page_password of the secrets folder",
            Kind.WRONG_ACCESS,
        )
    if password and len(password.get_secret_value()) < SHORTEST_PASSWORD:
        raise Failure(
            f"the password of the page is too short: it needs {SHORTEST_PASSWORD} characters",
            Kind.WRONG_ACCESS,
        )
    if config.page.socket:
        _prepare_socket(config.page.socket)


def _prepare_socket(place: Path) -> None:
    """Makes the folder of the socket; it alone keeps others out, who could connect to any socket."""
    if os.name == "nt" or len(os.fsencode(place)) > _LONGEST_SOCKET:
        raise Failure(
            f"no socket can be made at {place}: this system has none, or the path is longer than "
            f"{_LONGEST_SOCKET} bytes",
            Kind.WRONG_CALL,
        )
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if place.parent.stat().st_mode & 0o077:
        raise Failure(
            f"other users of this machine could reach the page's socket; run: "
            f"chmod 700 {place.parent}, or name a folder of its own in 'page.socket'",
            Kind.WRONG_ACCESS,
        )


def build_command(port: int) -> list[str]:
    """The command line of Dagster for the location of workspace.yaml."""
    place = ["-w", str(ROOT / "workspace.yaml"), "-h", UNGUARDED_HOST, "-p", str(port)]
    program = "pipelines.orchestration.services_process"
    return [sys.executable, "-W", "ignore::FutureWarning", "-m", program, *place]


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
