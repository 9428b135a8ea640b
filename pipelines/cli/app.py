"""Joins the commands of the other modules to the program ``drehscheibe``."""

from __future__ import annotations

import typer
from click import Context
from typer.core import TyperGroup

from pipelines.cli import (
    db,
    db_backup,
    deliveries,
    demo,
    encryption,
    explain,
    funding,
    identity,
    kennzahlen,
    operations,
    read_files,
    transfer,
)
from pipelines.cli.errors import json_awaited


class Commands(TyperGroup):
    """All commands; notes whether `--json` was given before anything can fail."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Notes ``--json``, then parses the arguments of the call."""
        json_awaited.set("--json" in args)
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Commands,
    name="drehscheibe",
    help="Data hub for the Integrationsmanagement of a district: from the exports of the case "
    "systems to figures, reports and forms.",
    epilog="Start with: drehscheibe demo   ·   Exit status: 0 fine, 1 something is red, "
    "2 the call or the configuration is wrong",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(demo.demo)
app.command()(deliveries.run)
app.command()(deliveries.accept)
app.command()(deliveries.status)
app.command()(deliveries.balance)
app.command()(deliveries.findings)
app.command()(kennzahlen.kennzahlen)
app.command()(kennzahlen.report)
app.add_typer(identity.identity_app, name="identity")
app.command()(transfer.transfer)
app.add_typer(funding.funding_app, name="funding")
app.command()(read_files.read)
app.command()(explain.explain)
app.command()(operations.doctor)
app.command()(operations.dagster)
app.command()(operations.docs)
app.command()(encryption.encrypt)
app.command()(encryption.decrypt)
db.db_app.command()(db_backup.backup)
db.db_app.command()(db_backup.restore)
app.add_typer(db.db_app, name="db")
