"""The commands of a person's rights: access, restrict, hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.db import Account
from pipelines.cli.errors import Wrong
from pipelines.cli.options import (
    ConfigFile,
    Json,
    open_hub,
    print_json,
    print_progress,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from pipelines.rights.erase import ErasedPerson
    from pipelines.rights.marked_records import MarkedPerson
    from warehouse.rights.record_marks import Mark

person_app = typer.Typer(
    suggest_commands=False,
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


@person_app.command("erase")
def erase(
    person: Annotated[
        str | None, typer.Argument(help="The person's id (p-…), or one of the records.")
    ] = None,
    reason: Reason = "",
    request: Reference = None,
    out: OutFolder = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without it, only say of whom.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Finish what was interrupted or is not certified.")
    ] = False,
    user: Account = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Erase a person (Art. 17 DSGVO) from landing, warehouse and what was made of them; then search
    every byte, and certify only if nothing is found. Figures of earlier loads stay as they are.

    Example: drehscheibe person erase enaio:P-1 --reason "Antrag vom 3.8." --request 12/2025 --yes
    """
    if (person is None) != resume:
        raise Wrong("name a person, or finish what was begun with --resume")
    if person and not reason.strip():
        raise Wrong("say why with --reason")
    with open_hub(config) as hub:
        hub.account = user
        if person and not yes:
            _show_person(hub, person, json)
            return
        done = _resume_all(hub) if person is None else [_erase(hub, person, reason, request)]
        folder = out or hub.config.data_folder.output("loeschungen")
        files = [_certify(hub, one, folder) for one in done]
    _print_erased(done, files, json)


def _show_person(hub: Hub, person: str, json: bool) -> None:
    from pipelines.rights.requested_person import find_person

    with hub.store.read() as connection:
        subject = find_person(connection, person)
    answer = {"person": subject.person, "records": subject.names, "erased": []}
    if json:
        print_json(answer)
    else:
        _say_of_whom(subject.names)


def _say_of_whom(names: list[str]) -> None:
    typer.echo(f"would erase {', '.join(names)}; to do it, add --yes")


def _erase(hub: Hub, person: str, reason: str, request: str | None) -> ErasedPerson:
    from pipelines.rights.erase import erase_person

    return erase_person(hub, person, reason.strip(), request, print_progress)


def _resume_all(hub: Hub) -> list[ErasedPerson]:
    from pipelines.rights.replayed_erasures import resume_erasures

    return resume_erasures(hub, print_progress)


def _certify(hub: Hub, done: ErasedPerson, folder: Path) -> list[str]:
    from pipelines.rights.certificate import write_certificate

    return [str(path) for path in write_certificate(done, hub.config.district.name, folder)]


def _print_erased(done: list[ErasedPerson], files: list[list[str]], json: bool) -> None:
    from pipelines.rights.plain_answer import as_plain

    if json:
        told = zip(done, files, strict=True)
        print_json({"erased": [{**as_plain(one), "files": named} for one, named in told]})
        return
    for one, named in zip(done, files, strict=True):
        typer.echo(f"erased: {one.records} records, {one.rows} rows, {one.files_rewritten} files")
        for file in named:
            typer.echo(f"written: {file}")
    if not done:
        typer.echo("nothing was left to do")


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


@person_app.command("admit")
def admit(
    record: Annotated[str, typer.Argument(help="The record that is delivered, as enaio:P-1.")],
    reason: Reason = "",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Let a record of somebody who was erased come in again, as they came back to be counselled. It
    counts from the next delivery on.

    Example: drehscheibe person admit enaio:P-900 --reason "neue Betreuung seit 1.9."
    """
    from pipelines.rights.admitted_record import admit_record

    if not reason.strip():
        raise Wrong("say why with --reason, which is kept")
    with open_hub(config) as hub:
        admit_record(hub, record, reason.strip())
    if json:
        print_json({"admitted": record})
    else:
        typer.echo(f"admitted: {record}, from the next delivery on")


@person_app.command("retention")
def retention(
    apply: Annotated[
        bool, typer.Option("--apply/--dry-run", help="Empty who is due; without it, only count.")
    ] = False,
    out: OutFolder = None,
    user: Account = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """List who is due by the terms of retention: ids and counts, no names. With --apply their data
    are emptied as by `person erase`; who is on hold stays.

    Example: drehscheibe person retention --dry-run
    """
    from pipelines.rights.retention import apply_retention, find_due

    with open_hub(config) as hub:
        hub.account = user
        report = apply_retention(hub, print_progress) if apply else find_due(hub)
        folder = out or hub.config.data_folder.output("loeschungen")
        files = [_certify(hub, one, folder) for one in report.emptied]
    if json:
        print_json(report)
        return
    rows = [[owner, state] for state in ("due", "held", "undated") for owner in vars(report)[state]]
    print_table(f"Counselling ended before {report.until}", ["person", "state"], rows)
    typer.echo(f"{len(report.due)} due, {len(report.held)} held, {len(report.undated)} undated")
    typer.echo(f"{len(files)} emptied")
