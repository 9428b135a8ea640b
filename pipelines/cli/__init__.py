"""The command line; ``main`` is the entry point of the installed ``drehscheibe``.

A command imports what it needs when it runs, so that the help is shown without loading the engine.
"""

from __future__ import annotations


def main() -> None:
    """Runs the command given and exits.

    Status 0: fine; 1: something is red; 2: the call or the configuration is wrong.
    """
    from pipelines.cli.app import app
    from pipelines.cli.errors import guarded

    guarded(app)
