"""Runs ``dagster dev`` with the guarded page in place of Dagster's own web server."""

from __future__ import annotations

from collections.abc import Sequence
from subprocess import Popen
from typing import Any

from dagster._cli import dev
from dagster_shared.ipc import open_ipc_subprocess

PAGE = "pipelines.orchestration.page_process"


def run_services() -> None:
    """Starts code server, page and daemon, and ends them when the process is asked to end."""
    vars(dev)["open_ipc_subprocess"] = start_service
    dev.dev_command()


def start_service(parts: Sequence[str], **options: Any) -> Popen[Any]:
    """Starts a process of Dagster; where it is the web server, the guarded one."""
    return open_ipc_subprocess(
        [PAGE if part == "dagster_webserver" else part for part in parts], **options
    )


if __name__ == "__main__":
    run_services()
