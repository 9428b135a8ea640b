"""Serves the review page on this machine until its user is done."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from pipelines.hub import Hub
from pipelines.review_page.app import ReviewPage

_LOOPBACK = "127.0.0.1"


def serve_review(
    open_hub: Callable[[], Hub], by: str, tell: Callable[[str], None], *, opens: bool = True
) -> None:
    """Serves the page at a free port until it is interrupted; ``tell`` is given its address.

    ``opens``: opens it in the user's browser.
    """
    page = ReviewPage(open_hub, by)
    config = _configure_server(page)
    with config.bind_socket() as listening:
        address = f"http://{_LOOPBACK}:{listening.getsockname()[1]}/?token={page.token}"
        tell(address)
        if opens:
            webbrowser.open(address)
        # Ctrl-C is how its user is done.
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


def _configure_server(page: ReviewPage) -> uvicorn.Config:
    # Its log would name the records of each request.
    return uvicorn.Config(
        page.build_app(),
        host=_LOOPBACK,
        port=0,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
    )
