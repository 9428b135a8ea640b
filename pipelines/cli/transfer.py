"""The command transfer: makes the forms for a recipient, by the consents of the persons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.deliveries import clean_reason
from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import (
    DAY_FORMATS,
    AsOf,
    ConfigFile,
    Json,
    check_name,
    day_of,
    known_sources,
    open_hub,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from pipelines.transfer.decision import AllowedStale, Decision, Transfer
    from warehouse.as_of import Moment

RecipientName = Annotated[
    str,
    typer.Argument(help="A recipient of the configuration, e.g. jobcenter."),
]
SendingDay = Annotated[
    datetime | None,
    typer.Option(
        "--on", formats=DAY_FORMATS, help="Another day than today, to look back with --dry-run."
    ),
]
ParcelFolder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="The folder for the parcel, in place of the configured destination; "
        "must not hold another one.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Only list who and which data groups, and who not and why."),
]


Withdraw = Annotated[
    str | None,
    typer.Option("--withdraw", help="The number of an unfinished parcel that was not handed over."),
]
Reason = Annotated[
    str,
    typer.Option("--reason", help="Why: with --withdraw or --allow-stale; is kept."),
]
AllowStale = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-stale",
        metavar="SOURCE",
        help="Hand over of this source although its newest delivery is older than expected; may be "
        "given several times. A delivery that waits, is held or failed is never passed over.",
    ),
]


def transfer(
    recipient: RecipientName,
    on: SendingDay = None,
    out: ParcelFolder = None,
    dry_run: DryRun = False,
    as_of: AsOf = None,
    withdraw: Withdraw = None,
    reason: Reason = "",
    allow_stale: AllowStale = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Make the forms for a recipient, for today: of each person just the data groups consented to.

    With --dry-run and another day it looks back: what was granted on that day. `transfer list`
    shows the parcels made, and those that were not finished.
    Example: drehscheibe transfer jobcenter --out versand/heute
    """
    if as_of is not None and not dry_run:
        # What was consented to then may have been revoked since.
        raise Wrong("forms are made of what is known now; --as-of only looks back: add --dry-run")
    with open_hub(config) as hub:
        if withdraw is not None:
            _withdraw_parcel(hub, withdraw, reason, json)
        else:
            check_name("recipient", recipient, hub.config.recipients)
            day = day_of(on) or hub.today
            stale = _allow_stale(hub, known_sources(hub, allow_stale), reason, day, as_of)
            _transfer(hub, recipient, day, None if dry_run else out, dry_run, as_of, json, stale)


def _allow_stale(
    hub: Hub, sources: Sequence[str], reason: str, on: date, as_of: Moment | None
) -> Sequence[AllowedStale]:
    from pipelines.transfer.stale_sources import allow_stale

    words = clean_reason(reason)
    if sources and not words:
        raise Wrong("say why with --reason, which is kept with the parcel")
    if sources and as_of is not None:
        raise Wrong("--allow-stale is about today's deliveries; leave --as-of out")
    return allow_stale(hub, sources, words, on) if sources else ()


def _transfer(
    hub: Hub,
    recipient: str,
    on: date,
    out: Path | None,
    dry_run: bool,
    as_of: Moment | None,
    json: bool,
    stale: Sequence[AllowedStale],
) -> None:
    from pipelines.transfer.hand_over import hand_over
    from pipelines.transfer.named_persons import refuse_unnamed
    from pipelines.transfer.sending_policy import decide_sending

    if not dry_run and on != hub.today:
        raise Wrong("forms are made for today; --on another day only looks back: add --dry-run")
    decision = decide_sending(hub, recipient, on, as_of, allow_stale=stale)
    named = refuse_unnamed(hub, decision)
    answer = named.as_answer() if dry_run else hand_over(hub, decision, out)
    if json:
        print_json(answer)
    else:
        if decision.gate.looks_back:
            typer.echo(f"Looking back: {_describe_past(decision)}; no form is made.")
        folder = getattr(answer, "folder", None)
        _print_transfer(answer, _describe_outcome(folder, dry_run=dry_run))
    _report_held_back(decision, answer)


def _describe_outcome(folder: Path | None, *, dry_run: bool) -> str:
    if dry_run:
        return "would be made"
    return f"in {folder}, with manifest.json" if folder else "to send: no parcel was made"


def _describe_past(decision: Decision) -> str:
    gate = decision.gate
    known = "now" if gate.known_at.current else f"at load {gate.known_at.load}"
    return (
        f"what was granted on {gate.on}, as known {known}; deliveries dated after "
        f"{decision.fresh_on} that are not loaded were not looked at"
    )


def _report_held_back(decision: Decision, answer: Transfer) -> None:
    """Ends in red where a source is not current or a form could not be set."""
    held = [f"{name} ({message})" for name, message in sorted(decision.stale.items())]
    texts = [f"nothing was released of sources that are not current: {'; '.join(held)}"]
    texts = texts if held else []
    if not_printed := getattr(answer, "not_printed", ()):
        texts.append(f"{len(not_printed)} forms could not be set: {', '.join(not_printed)}")
    if texts:
        raise Red(". ".join(texts))


def _withdraw_parcel(hub: Hub, number: str, reason: str, json: bool) -> None:
    from pipelines.transfer.withdrawal import withdraw_unsent

    if not reason.strip():
        raise Wrong("say why with --reason, which is kept with the parcel")
    parcel = withdraw_unsent(hub, number, reason.strip())
    if json:
        print_json({"withdrawn": parcel})
    else:
        typer.echo(f"withdrawn: parcel {parcel.number} of {parcel.sent_on}, {parcel.forms} forms")


def _print_transfer(answer: Transfer, outcome: str) -> None:
    released = [_join_cells(r.records, r.groups) for r in answer.released]
    refused = [_join_cells(r.records, r.reasons) for r in answer.refused]
    print_table("Released", ["records", "data groups"], released)
    print_table("Refused", ["record", "reason"], refused)
    for sentence in dict.fromkeys(text for r in answer.refused for text in r.because):
        typer.echo(sentence)
    typer.echo(f"{len(released)} forms {outcome}")
    if answer.grounds_missing:
        typer.echo(
            f"of these, no form is made of {len(answer.grounds_missing)}: a release in a system "
            "counts only by a decision of the data protection officer (configuration: releases)"
        )


def _join_cells(*cells: Sequence[str]) -> list[str]:
    return [", ".join(cell) for cell in cells]
