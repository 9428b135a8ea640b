"""The list of commands. Each stands in a file beside this one; this file only joins them."""

from __future__ import annotations

import typer
from click import Context
from typer.core import TyperGroup

from pipelines.cli import asking, demonstrating, handing, keeping, loading, looking, saving, sealing
from pipelines.cli.errors import json_awaited


class Commands(TyperGroup):
    """All commands; notes whether `--json` was given before anything can fail."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse the arguments of a call."""
        json_awaited.set("--json" in args)
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Commands,
    name="drehscheibe",
    help="Data hub for the Integrationsmanagement of a district: from the exports of the case systems to figures, reports and forms.",
    epilog="Start with: drehscheibe demo   ·   Exit status: 0 fine, 1 something is red, 2 the call or the configuration is wrong",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(demonstrating.demo)
app.command()(loading.run)
app.command()(loading.accept)
app.command()(loading.status)
app.command()(loading.balance)
app.command()(loading.findings)
app.command()(asking.kennzahlen)
app.command()(asking.report)
app.add_typer(asking.identity_app, name="identity")
app.command()(handing.transfer)
app.add_typer(handing.funding_app, name="funding")
app.command()(looking.read)
app.command()(looking.explain)
app.command()(looking.doctor)
app.command()(looking.dagster)
app.command()(looking.docs)
app.command()(sealing.encrypt)
app.command()(sealing.decrypt)
keeping.db_app.command()(saving.backup)
keeping.db_app.command()(saving.restore)
app.add_typer(keeping.db_app, name="db")
