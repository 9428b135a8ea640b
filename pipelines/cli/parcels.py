"""The commands of parcels: list, show, and note what the recipient did with one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer
from typer.core import TyperGroup

from pipelines.cli.deliveries import clean_reason
from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import (
    ConfigFile,
    HappenedOn,
    Json,
    day_of,
    open_hub,
    print_json,
    print_table,
)
from pipelines.cli.transfer import transfer

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from pipelines.transfer.parcels import ListedParcel, ParcelEvent

MAKE = "make"
HELP = ("-h", "--help")


class Parcels(TyperGroup):
    """Takes what is no command for the name of a recipient, for whom forms are made."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the command in its place where it was left out."""
        if args and args[0] not in (*self.commands, *HELP):
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


transfer_app = typer.Typer(
    suggest_commands=False,
    cls=Parcels,
    help="Make the forms for a recipient by the consents of the persons (drehscheibe transfer "
    "jobcenter --dry-run), list the parcels made, and note what became of them.",
    no_args_is_help=True,
)
ParcelNumber = Annotated[
    str, typer.Argument(help="The parcel's number, or its beginning (transfer list).")
]
Receipt = Annotated[
    Path | None, typer.Option("--file", help="A file that proves it; a copy is kept.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why it was rejected; is kept.")]
Note = Annotated[str, typer.Option("--note", help="To whom, by which way; is kept.")]
transfer_app.command(MAKE)(transfer)


@transfer_app.command("list")
def list_all(config: ConfigFile = None, json: Json = False) -> None:
    """List the parcels with their state; exit status 1 where one was never put in place.

    Example: drehscheibe transfer list
    """
    from pipelines.transfer.parcels import OPEN_STATES, list_parcels

    with open_hub(config) as hub:
        parcels = list_parcels(hub)
    if json:
        print_json({"parcels": parcels})
    else:
        _print_parcels(parcels)
    unfinished = [p.number for p in parcels if p.state in OPEN_STATES]
    if unfinished:
        raise Red(
            f"parcels in the ledger that were not finished: {', '.join(unfinished)};"
            " make one of today again, or say that it was not handed over: drehscheibe transfer"
            " RECIPIENT --withdraw NUMBER --reason …"
        )


def _print_parcels(parcels: list[ListedParcel]) -> None:
    rows = [[p.number, p.recipient, p.sent_on, p.forms, p.state, p.reason] for p in parcels]
    columns = ["number", "recipient", "sent on", "forms", "state", "reason"]
    print_table(f"Parcels ({len(rows)})", columns, rows)


@transfer_app.command("show")
def show_forms(number: ParcelNumber, config: ConfigFile = None, json: Json = False) -> None:
    """Show one parcel: its forms, each with record, data groups and consents, and its history.

    Example: drehscheibe transfer show 4f1c
    """
    from pipelines.transfer.transmissions import show_parcel

    with open_hub(config) as hub:
        shown = show_parcel(hub, number)
    if json:
        print_json(shown)
        return
    _print_parcels([shown.parcel])
    rows = [[f.number, ":".join(f.record), ", ".join(f.groups)] for f in shown.forms]
    print_table(f"Forms ({len(rows)})", ["number", "record", "data groups"], rows)
    history = [_list_cells(event) for event in shown.events]
    print_table("History", ["what", "on", "by", "note", "receipt"], history)


def _list_cells(event: ParcelEvent) -> list[object]:
    day = event.happened_on or event.event_at.date()
    return [event.event, day, event.made_by, event.reason, (event.receipt_sha256 or "")[:16]]


@transfer_app.command("handed-over")
def handed_over(
    number: ParcelNumber,
    note: Note = "",
    on: HappenedOn = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Note that a parcel was handed over to its recipient.

    Example: drehscheibe transfer handed-over 4f1c --note "Bote, Poststelle Jobcenter"
    """
    from pipelines.notices.recorded_notices import count_ended_forms
    from pipelines.transfer.parcels import Event, advance_parcel, find_parcel

    with open_hub(config) as hub:
        day = day_of(on) or hub.today
        parcel = find_parcel(hub, number)
        ended = count_ended_forms(hub, parcel.key) if day == hub.today else 0
        if ended:
            raise Red(
                f"nothing was noted: since parcel {parcel.number} was made, {ended} of its consents "
                "ended. Was it handed over before, say when with --on; else take it back: "
                f"drehscheibe transfer --withdraw {parcel.number} --reason …"
            )
        words = clean_reason(note) or None
        _print_advanced(advance_parcel(hub, number, Event.HANDED_OVER, words, day), json)


@transfer_app.command("receipt")
def receipt(
    number: ParcelNumber,
    file: Receipt = None,
    note: Note = "",
    on: HappenedOn = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Note that the recipient confirmed a parcel, and keep the receipt.

    Example: drehscheibe transfer receipt 4f1c --file Empfangsbestätigung.pdf
    """
    from pipelines.transfer.parcels import Event, advance_parcel

    with open_hub(config) as hub:
        kept, words = _keep_file(hub, file), clean_reason(note) or None
        done = advance_parcel(hub, number, Event.RECEIVED, words, day_of(on), kept)
        _print_advanced(done, json)


@transfer_app.command("ask")
def ask(config: ConfigFile = None, json: Json = False) -> None:
    """Ask FIT-Connect what became of the parcels submitted there; exit status 1 where one is open.

    Only signed events count: accepted becomes received, rejected comes with its reason.
    Example: drehscheibe transfer ask
    """
    from pipelines.transfer.delivery_log import ask_parcels

    with open_hub(config) as hub:
        asked = ask_parcels(hub)
    if json:
        print_json({"parcels": asked})
    else:
        _print_parcels([one.parcel for one in asked])
    problems = [f"{one.parcel.number}: {one.problem}" for one in asked if one.problem]
    if problems:
        raise Red(" ".join(problems))


@transfer_app.command("reject")
def reject(
    number: ParcelNumber,
    reason: Reason = "",
    file: Receipt = None,
    on: HappenedOn = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Note that the recipient rejected a parcel, and why.

    Example: drehscheibe transfer reject 4f1c --reason "nicht lesbar"
    """
    from pipelines.transfer.parcels import Event, advance_parcel

    words = clean_reason(reason)
    if not words:
        raise Wrong("say why with --reason, which is kept with the parcel")
    with open_hub(config) as hub:
        kept = _keep_file(hub, file)
        done = advance_parcel(hub, number, Event.REJECTED, words, day_of(on), kept)
        _print_advanced(done, json)


def _keep_file(hub: Hub, file: Path | None) -> str | None:
    from pipelines.submission.kept_receipts import keep_receipt

    return keep_receipt(hub, file) if file else None


def _print_advanced(parcel: ListedParcel, json: bool) -> None:
    if json:
        print_json(parcel)
    else:
        typer.echo(f"{parcel.state}: parcel {parcel.number} of {parcel.sent_on}")
