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
    replay,
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
for command in (
    demo.demo,
    deliveries.run,
    deliveries.accept,
    replay.undo,
    replay.reread,
    deliveries.status,
    deliveries.balance,
    deliveries.findings,
    kennzahlen.kennzahlen,
    kennzahlen.report,
    transfer.transfer,
    read_files.read,
    explain.explain,
    operations.doctor,
    operations.dagster,
    operations.docs,
    encryption.encrypt,
    encryption.decrypt,
):
    app.command()(command)
db.db_app.command()(db_backup.backup)
db.db_app.command()(db_backup.restore)
app.add_typer(identity.identity_app, name="identity")
app.add_typer(funding.funding_app, name="funding")
app.add_typer(db.db_app, name="db")
