"""Runs Dagster's web server behind the page guard, in place of ``python -m dagster_webserver``."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import uvicorn
from dagster_webserver import cli
from dagster_webserver.app import create_app_from_workspace_process_context

from pipelines.config import Config, load_config
from pipelines.config.secret import page_password
from pipelines.orchestration.page_guard import PageGuard

CONFIG_VARIABLE = "DREHSCHEIBE_CONFIG"
LOOPBACK = "127.0.0.1"


def run_page() -> None:
    """Parses the arguments as Dagster's own program does and serves the page guarded."""
    vars(cli)["host_dagster_ui_with_workspace_process_context"] = serve_guarded
    cli.cli(auto_envvar_prefix="DAGSTER_WEBSERVER")


def serve_guarded(
    context: Any,
    host: str | None,
    port: int,
    path_prefix: str,
    log_level: str,
    live_data_poll_rate: int | None = None,
) -> None:
    """Serves the page until the process is asked to end.

    It has the parameters of Dagster's own function; ``host`` is not used: the page is on this
    machine only, at ``port`` or at the socket of the configuration.
    """
    config = load_config(Path(os.environ[CONFIG_VARIABLE]), check_folders=False)
    place = config.page.socket
    app = create_app_from_workspace_process_context(
        context, path_prefix, live_data_poll_rate, lifespan=cli._lifespan
    )
    server = uvicorn.Server(
        uvicorn.Config(
            guard_app(app, config),
            host=LOOPBACK,
            port=port,
            uds=str(place) if place else None,
            log_level=log_level,
            proxy_headers=False,
            server_header=False,
        )
    )
    logging.getLogger(cli.WEBSERVER_LOGGER_NAME).info(
        "Dagster's page is at %s", place or f"http://{LOOPBACK}:{port}"
    )
    server.run()


def guard_app(app: Any, config: Config) -> PageGuard:
    """The page with the names and the password of the configuration."""
    password = page_password(config)
    return PageGuard(app, config.page.names, password.get_secret_value() if password else None)


if __name__ == "__main__":
    run_page()
