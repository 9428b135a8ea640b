"""Joins the commands of the other modules to the program ``drehscheibe``."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer
from click import Context
from typer.core import TyperGroup

from pipelines.cli import (
    consent,
    db,
    db_backup,
    deliveries,
    demo,
    encryption,
    explain,
    funding,
    funding_evidence,
    funding_money,
    funding_staff,
    identity,
    kennzahlen,
    ledger,
    notices,
    operations,
    parcels,
    person,
    publish,
    read_files,
    replay,
    submit,
)
from pipelines.cli.errors import json_awaited, quiet

QUIET = "--quiet"


class Commands(TyperGroup):
    """All commands; notes what counts for each of them before anything can fail."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Notes ``--json`` and ``--quiet``, then parses the arguments of the call."""
        json_awaited.set("--json" in args)
        quiet.set(QUIET in args)
        if args[:1] == ["help"]:
            args = ["--help"]
        # It counts wherever it stands, as in `run --quiet`.
        return super().parse_args(ctx, [word for word in args if word != QUIET])


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"drehscheibe {version('drehscheibe')}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True),
]
Quiet = Annotated[bool, typer.Option(QUIET, help="Say nothing of what a command is doing.")]


app = typer.Typer(
    suggest_commands=False,
    cls=Commands,
    name="drehscheibe",
    help="Data hub for the Integrationsmanagement of a district: from the exports of the case "
    "systems to figures, reports and forms.",
    epilog="Start with: drehscheibe demo   ·   Exit status: 0 fine, 1 something is red, "
    "2 the call or the configuration is wrong",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _begin(version: Version = False, quiet: Quiet = False) -> None:
    """Data hub for the Integrationsmanagement of a district: from the exports of the case systems
    to figures, reports and forms."""


for command in (
    demo.demo,
    deliveries.run,
    deliveries.accept,
    replay.undo,
    replay.reread,
    deliveries.status,
    deliveries.balance,
    deliveries.findings,
    kennzahlen.report,
    read_files.read,
    explain.explain,
    operations.doctor,
    operations.dagster,
    operations.docs,
    operations.papers,
    encryption.encrypt,
    encryption.decrypt,
):
    app.command()(command)
db.db_app.command()(db_backup.backup)
db.db_app.command()(db_backup.restore)
funding.funding_app.command()(funding_money.clients)
funding.funding_app.command()(funding_money.distribution)
funding.funding_app.command()(funding_staff.staff)
app.add_typer(kennzahlen.kennzahlen_app, name="kennzahlen")
funding.funding_app.command()(funding_evidence.evidence)
funding.funding_app.command("total-evidence")(funding_evidence.total_evidence)
app.add_typer(publish.publish_app, name="publish")
app.add_typer(identity.identity_app, name="identity")
app.add_typer(consent.consent_app, name="consent")
app.add_typer(funding.funding_app, name="funding")
app.add_typer(parcels.transfer_app, name="transfer")
app.add_typer(submit.submit_app, name="submit")
app.add_typer(ledger.ledger_app, name="ledger")
app.add_typer(notices.notices_app, name="notices")
app.add_typer(person.person_app, name="person")
app.add_typer(db.db_app, name="db")
