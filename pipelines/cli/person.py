"""The commands of a person's rights: access, restrict, hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Wrong
from pipelines.cli.options import ConfigFile, Json, open_hub, print_json, print_table

if TYPE_CHECKING:
    from pipelines.rights.marked_records import MarkedPerson
    from warehouse.rights.record_marks import Mark

person_app = typer.Typer(
    help="The rights of a person: access to what is held, restriction, erasure, retention.",
    no_args_is_help=True,
)
PersonName = Annotated[
    str, typer.Argument(help="The person's id (p-…), or one of the records, as enaio:P-1.")
]
OutFolder = Annotated[
    Path | None, typer.Option("--out", help="Write the letter (PDF) and the data (JSON) here.")
]
Reference = Annotated[
    str | None, typer.Option("--request", help="The reference of the request; is kept.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; is kept. Name nobody in it.")]
Lift = Annotated[bool, typer.Option("--lift", help="End it again.")]


@person_app.command("access")
def access(
    person: PersonName,
    out: OutFolder = None,
    request: Reference = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Collect all that is held of a person (Art. 15 DSGVO): delivered rows, records with history,
    findings, links, what was handed to whom. Names of other persons are left out.

    Example: drehscheibe person access enaio:P-1 --out auskunft
    """
    from pipelines.rights.access import collect_held
    from pipelines.rights.access_letter import LEFT_OUT, write_access
    from pipelines.rights.plain_answer import as_plain

    if out is None and not json:
        raise Wrong("say where the letter goes with --out DIR, or ask for the data with --json")
    with open_hub(config) as hub:
        held = collect_held(hub, person, request)
        files = write_access(held, out) if out else []
    if json:
        named = {"files": [str(file) for file in files], "left_out": LEFT_OUT}
        print_json({**as_plain(held), **named})
        return
    for file in files:
        typer.echo(f"written: {file}")
    typer.echo(f"{len(held.records)} records, {len(held.landed)} delivered rows")


@person_app.command("restrict")
def restrict(
    person: PersonName,
    reason: Reason = "",
    lift: Lift = False,
    request: Reference = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Restrict what happens with a person's data (Art. 18 DSGVO): nothing of them leaves, lists
    leave them out; figures still count them. With --lift it ends.

    Example: drehscheibe person restrict enaio:P-1 --reason "Richtigkeit bestritten"
    """
    from warehouse.rights.record_marks import Mark

    _mark(person, Mark.RESTRICTED, reason, lift, request, config, json)


@person_app.command("hold")
def hold(
    person: PersonName,
    reason: Reason = "",
    lift: Lift = False,
    request: Reference = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Keep a person's data from being erased, as they are needed, say, in a lawsuit. With --lift it
    ends.

    Example: drehscheibe person hold enaio:P-1 --reason "Klage anhängig"
    """
    from warehouse.rights.record_marks import Mark

    _mark(person, Mark.HOLD, reason, lift, request, config, json)


def _mark(
    person: str,
    kind: Mark,
    reason: str,
    lift: bool,
    request: str | None,
    config: Path | None,
    json: bool,
) -> None:
    from pipelines.rights.marked_records import mark_person
    from warehouse.rights.record_marks import MarkEvent

    if not reason.strip():
        raise Wrong("say why with --reason, which is kept")
    event = MarkEvent.LIFTED if lift else MarkEvent.SET
    with open_hub(config) as hub:
        marked = mark_person(hub, person, kind, event, reason.strip(), request)
    if json:
        print_json(marked)
    else:
        _print_marks(marked)


def _print_marks(marked: MarkedPerson) -> None:
    columns = ["record", "mark", "event", "reason", "by", "at"]
    rows = [[m.record, m.kind, m.event, m.reason, m.made_by, m.made_at] for m in marked.history]
    print_table(f"Marks of {marked.person}", columns, rows)
    typer.echo(f"{marked.kind} {marked.event}: {marked.changed} of {len(marked.records)} records")
