"""The command line: ``main`` is what the installed ``drehscheibe`` calls. Commands load what they need when they run, not before."""

from __future__ import annotations


def main() -> None:
    """Runs the command; ends with status 0 (fine), 1 (something is red) or 2 (the call or the configuration is wrong)."""
    from pipelines.cli.app import app
    from pipelines.cli.errors import guarded

    guarded(app)
