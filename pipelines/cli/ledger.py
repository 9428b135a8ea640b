"""The commands of the ledger: prove it by a printed checkpoint, print one, prove an entry."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import ConfigFile, Json, open_hub, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.ledger.verification import Finding, Verification

ledger_app = typer.Typer(
    suggest_commands=False,
    help="The ledger of everything handed over: prove by a printed checkpoint that nothing in it "
    "was changed since.",
    no_args_is_help=True,
)
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="FILE|CHECKPOINT",
        help="A form, letter, notice or statement that carries a checkpoint, or its text "
        "'SIZE · ROOT'.",
    ),
]
Position = Annotated[int, typer.Argument(help="The position of the entry, from 0.")]
SHOWN = 20


@ledger_app.command("verify")
def verify(against: Against = None, config: ConfigFile = None, json: Json = False) -> None:
    """Recompute the ledger and compare it with a printed checkpoint. Exit status 0 where it is
    proved that nothing before it was changed, 1 where not; without one nothing is provable.

    Example: drehscheibe ledger verify --against formular.pdf
    """
    from pipelines.operations.printed_checkpoint import read_printed
    from pipelines.rights.requested_person import read_key
    from warehouse.ledger.verification import verify_ledger

    printed = read_printed(against) if against else None
    with open_hub(config) as hub, hub.store.read() as connection:
        found = verify_ledger(
            connection,
            printed.checkpoint if printed else None,
            printed.form if printed else None,
            read_key(hub).sign_erasure,
        )
    if json:
        print_json({"proved": found.is_proved, **vars(found)})
    else:
        _print_verification(found, has_form=printed is not None and printed.form is not None)
    if not found.is_proved:
        raise Red(_describe_verdict(found))


def _print_verification(found: Verification, *, has_form: bool) -> None:
    typer.echo(f"entries: {found.size}, of which contents erased: {found.erased}")
    typer.echo(f"rows compared with their entries: {found.rows}")
    if found.findings:
        rows = [[f.fault, f.position, f.table] for f in found.findings[:SHOWN]]
        title = f"Findings ({len(found.findings)}, the first {len(rows)})"
        print_table(title, ["what", "position", "table"], rows)
    if found.is_proved:
        typer.echo(f"proved: everything before {found.against} is as it was then")
        if has_form:
            typer.echo("the form itself is in the ledger, and its file is the one entered")


def _describe_verdict(found: Verification) -> str:
    if found.findings:
        return f"the ledger was changed: {_count_faults(found.findings)}"
    if found.against is not None:
        return "not provable: the checkpoint was printed before the first entry; name a later one"
    return (
        "not provable: nothing in the ledger contradicts itself, but whoever builds all of it anew "
        "can achieve that. Name a document that was handed over: --against FORM.pdf"
    )


def _count_faults(findings: Sequence[Finding]) -> str:
    counted = Counter(finding.fault.value for finding in findings)
    return ", ".join(f"{count} × {fault}" for fault, count in sorted(counted.items()))


@ledger_app.command("checkpoint")
def checkpoint(config: ConfigFile = None, json: Json = False) -> None:
    """Print the checkpoint now, to be kept by somebody else.

    Example: drehscheibe ledger checkpoint
    """
    from warehouse.ledger.entries import read_checkpoint

    with open_hub(config) as hub, hub.store.read() as connection:
        now = read_checkpoint(connection)
    if json:
        print_json({"checkpoint": now.text, "size": now.size, "root": now.root.hex()})
    else:
        typer.echo(now.text)


@ledger_app.command("proof")
def proof(
    position: Position, against: Against = None, config: ConfigFile = None, json: Json = False
) -> None:
    """Print the proof of one entry in the terms of RFC 9162, for somebody who checks it alone:
    that it is in the ledger, and that the ledger was only added to since the checkpoint.

    Example: drehscheibe ledger proof 41 --against formular.pdf --json
    """
    from pipelines.operations.printed_checkpoint import read_printed
    from warehouse.ledger.proofs import prove_entry

    size = read_printed(against).checkpoint.size if against else None
    with open_hub(config) as hub, hub.store.read() as connection:
        try:
            proved = prove_entry(connection, position, size)
        except ValueError as error:
            raise Wrong(str(error)) from None
    if json:
        print_json(proved)
        return
    typer.echo(f"leaf {proved.position}: {proved.leaf_hash}")
    typer.echo(f"root: {proved.size} · {proved.root}")
    for node in proved.inclusion:
        typer.echo(f"inclusion: {node}")
    for node in proved.consistency:
        typer.echo(f"consistency: {node}")
