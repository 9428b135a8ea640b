"""The command transfer: makes the forms for a recipient, by the consents of the persons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import (
    DAY_FORMATS,
    AsOf,
    ConfigFile,
    Json,
    check_name,
    day_of,
    open_hub,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.transfer.decision import Transfer

RecipientName = Annotated[
    str, typer.Argument(help="A recipient of the configuration, e.g. jobcenter.")
]
SendingDay = Annotated[
    datetime | None,
    typer.Option("--on", formats=DAY_FORMATS, help="The day of sending; today without it."),
]
ParcelFolder = Annotated[
    Path | None,
    typer.Option("--out", help="The folder for the parcel; must not hold another one."),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Only list who and which data groups, and who not and why."),
]


def transfer(
    recipient: RecipientName,
    on: SendingDay = None,
    out: ParcelFolder = None,
    dry_run: DryRun = False,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Make the forms for a recipient: of each person just the data groups consented to, valid on
    the day of sending.

    Example: drehscheibe transfer jobcenter --on 2025-08-01 --out versand/2025-08-01
    """
    from pipelines.transfer.decision import decide_transfer
    from pipelines.transfer.hand_over import hand_over

    if out is None and not dry_run:
        raise Wrong("say where the parcel goes with --out DIR, or look first with --dry-run")
    if as_of is not None and not dry_run:
        # What was consented to then may have been revoked since.
        raise Wrong("forms are made of what is known now; --as-of only looks back: add --dry-run")
    with open_hub(config) as hub:
        check_name("recipient", recipient, hub.config.recipients)
        decision = decide_transfer(hub, recipient, day_of(on) or date.today(), as_of)
        answer = decision.as_answer() if dry_run or out is None else hand_over(hub, decision, out)
    if json:
        print_json(answer)
    else:
        _print_transfer(answer, "would be made" if dry_run else f"in {out}, with manifest.json")
    if decision.stale:
        names = "; ".join(f"{name} ({message})" for name, message in sorted(decision.stale.items()))
        raise Red(f"nothing was released of sources whose newest delivery is not loaded: {names}")


def _print_transfer(answer: Transfer, outcome: str) -> None:
    released = [_join_cells(r.records, r.groups) for r in answer.released]
    refused = [_join_cells(r.records, r.reasons) for r in answer.refused]
    print_table("Released", ["record", "data groups"], released)
    print_table("Refused", ["record", "reason"], refused)
    typer.echo(f"{len(released)} forms {outcome}")


def _join_cells(*cells: Sequence[str]) -> list[str]:
    return [", ".join(cell) for cell in cells]
