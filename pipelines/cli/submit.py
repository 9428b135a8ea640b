"""The commands of submissions: freeze, follow, verify, make again, correct."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.kennzahlen import FormMapping, Template, make_request
from pipelines.cli.options import (
    DAY_FORMATS,
    ConfigFile,
    Json,
    check_name,
    open_hub,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from pipelines.submission.correction import Correction
    from pipelines.submission.replayed_package import Replayed
    from pipelines.submission.submissions import Prepared
    from warehouse.ledger.submissions import State, Submission
    from warehouse.marts.scope import By

# Who a submission is for, as people say it, and the unit its figures are divided by.
AUDIENCES = {"antragsteller": "municipality"}
submit_app = typer.Typer(
    suggest_commands=False,
    help="Submissions: freeze the Kennzahlen of a period or the evidence of a grant, follow what "
    "becomes of them, make them again byte for byte, correct them.",
    no_args_is_help=True,
)
SubmissionId = Annotated[
    str, typer.Argument(help="The submission, or the beginning of its id (submit list).")
]
PeriodFirst = Annotated[
    datetime, typer.Option("--from", formats=DAY_FORMATS, help="First day of the period.")
]
PeriodLast = Annotated[
    datetime, typer.Option("--to", formats=DAY_FORMATS, help="Last day of the period.")
]
Audience = Annotated[
    list[str] | None,
    typer.Option(
        "--for",
        help="Divide the figures also by antragsteller (municipality), staff, municipality, "
        "carrier, team or source; may be given several times.",
    ),
]
Name = Annotated[str, typer.Option("--by", help="Who does it; without it, the account.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; is kept.")]
Note = Annotated[str, typer.Option("--note", help="To whom, by which way; is kept.")]
Receipt = Annotated[
    Path | None, typer.Option("--receipt", help="A file that proves it; a copy is kept.")
]


@submit_app.command("kennzahlen")
def kennzahlen(
    first: PeriodFirst,
    last: PeriodLast,
    audience: Audience = None,
    template: Template = None,
    mapping: FormMapping = None,
    by: Name = "",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Freeze the Kennzahlen of a period as a package: workbook, PDF, open data, what it is made of.

    With --template also the form you were given, filled; the form itself is kept, so that the
    copy can be made again.

    Example: drehscheibe submit kennzahlen --from 2024-01-01 --to 2024-12-31 --for antragsteller
    """
    from pipelines.submission.submissions import keep_form, prepare_kennzahlen

    if mapping and not template:
        raise Wrong("--mapping belongs to a form; name it with --template")
    units = parse_audiences(audience or [])
    with open_hub(config) as hub:
        request = make_request(hub, first, last, None)
        if request.first is None or request.last is None:
            raise Wrong("a submission needs a first and a last day")
        days = request.first, request.last
        form = keep_form(hub, *days, template, mapping) if template else None
        prepared = prepare_kennzahlen(hub, *days, units, by, form=form)
    _print_prepared(prepared, json=json)


@submit_app.command("evidence")
def evidence(
    grant: Annotated[str, typer.Argument(help="The grant, by its key in the register.")],
    corrects: Annotated[
        str | None, typer.Option("--corrects", help="The submission it takes the place of.")
    ] = None,
    by: Name = "",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Freeze the Verwendungsnachweise of a grant as a package: per Integrationsmanager/in a workbook
    and a PDF, an overview, what they are made of.

    Example: drehscheibe submit evidence im-2024 --by "A. Beispiel"
    """
    from pipelines.submission.submissions import prepare_evidence

    with open_hub(config) as hub:
        prepared = prepare_evidence(hub, grant, by, corrects)
    _print_prepared(prepared, json=json)


def _print_prepared(prepared: Prepared, *, json: bool) -> None:
    if json:
        print_json(prepared)
        return
    typer.echo(f"{'prepared' if prepared.is_new else 'prepared before'}: {prepared.id}")
    typer.echo(f"in {prepared.folder}, as known after load {prepared.load}")
    for point in prepared.open_points:
        typer.echo(f"open: {point}")
    for note in prepared.notes:
        typer.echo(note)
    typer.echo(f"next: drehscheibe submit approve {prepared.id} --by NAME")


def parse_audiences(names: list[str]) -> list[By]:
    """The kinds of unit meant, each once; Wrong names the first unknown one."""
    from warehouse.marts.scope import UNITS

    for name in names:
        check_name("audience", name, [*AUDIENCES, *UNITS])
    wanted = {AUDIENCES.get(name, name) for name in names}
    return [unit for unit in UNITS if unit in wanted]


@submit_app.command("list")
def list_all(config: ConfigFile = None, json: Json = False) -> None:
    """List the submissions with their state.

    Example: drehscheibe submit list
    """
    from pipelines.submission.submissions import list_submissions

    with open_hub(config) as hub:
        found = list_submissions(hub)
    if json:
        print_json({"submissions": [describe_submission(made) for made in found]})
    else:
        _print_submissions(found)


def _print_submissions(found: Sequence[Submission]) -> None:
    rows = [
        [m.submission_id, m.period_from, m.period_to, m.load_number, m.state.value] for m in found
    ]
    print_table(f"Submissions ({len(rows)})", ["id", "from", "to", "load", "state"], rows)


@submit_app.command("show")
def show(submission_id: SubmissionId, config: ConfigFile = None, json: Json = False) -> None:
    """Show one submission: what it is made of and what became of it.

    Example: drehscheibe submit show kennzahlen-2024
    """
    from pipelines.submission.submissions import find_submission

    with open_hub(config) as hub:
        made = find_submission(hub, submission_id)
        folder = hub.config.data_folder.submission(made.submission_id)
    described = {**describe_submission(made), "folder": str(folder)}
    if json:
        print_json(described)
        return
    for name, value in described.items():
        if name != "events":
            typer.echo(f"{name}: {', '.join(value) if isinstance(value, list) else value}")
    rows = [[e.event_at, e.state.value, e.made_by, e.note, e.receipt_sha256] for e in made.events]
    print_table("What became of it", ["at (UTC)", "state", "by", "note", "receipt"], rows)


def describe_submission(made: Submission) -> dict[str, object]:
    """The submission as the commands show it."""
    from json import loads

    return {
        "id": made.submission_id,
        "product": made.product,
        "from": made.period_from,
        "to": made.period_to,
        "by": loads(made.units),
        "load": made.load_number,
        "state": made.state.value,
        "prepared_at": made.prepared_at.isoformat(),
        "prepared_by": made.prepared_by,
        "corrects": made.corrects,
        "open_points": loads(made.open_points),
        "manifest_sha256": made.manifest_sha256,
        "events": list(made.events),
    }


@submit_app.command("approve")
def approve(
    submission_id: SubmissionId,
    by: Name = "",
    reason: Reason = "",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Approve a submission; with open points only with a reason, with four eyes by another person.

    Example: drehscheibe submit approve kennzahlen-2024 --by "A. Beispiel"
    """
    _advance(config, submission_id, "approved", reason, by, None, json)


@submit_app.command("hand-over")
def hand_over(
    submission_id: SubmissionId,
    note: Note = "",
    by: Name = "",
    receipt: Receipt = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Note that an approved submission was handed over.

    Example: drehscheibe submit hand-over kennzahlen-2024 --note "E-Mail an RPS" --receipt mail.pdf
    """
    _advance(config, submission_id, "handed_over", note, by, receipt, json)


@submit_app.command("accept")
def accept(
    submission_id: SubmissionId,
    note: Note = "",
    by: Name = "",
    receipt: Receipt = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Note that a submission was accepted.

    Example: drehscheibe submit accept kennzahlen-2024 --receipt bescheid.pdf
    """
    _advance(config, submission_id, "accepted", note, by, receipt, json)


@submit_app.command("reject")
def reject(
    submission_id: SubmissionId,
    reason: Reason = "",
    by: Name = "",
    receipt: Receipt = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Note that a submission was rejected, and why.

    Example: drehscheibe submit reject kennzahlen-2024 --reason "Zeitraum unvollständig"
    """
    _advance(config, submission_id, "rejected", reason, by, receipt, json)


@submit_app.command("withdraw")
def withdraw(
    submission_id: SubmissionId,
    reason: Reason = "",
    by: Name = "",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Withdraw a submission that was not handed over; it stays in the list.

    Example: drehscheibe submit withdraw kennzahlen-2024 --reason "falscher Zeitraum"
    """
    _advance(config, submission_id, "withdrawn", reason, by, None, json)


def _advance(
    config: Path | None,
    submission_id: str,
    state: str,
    note: str,
    by: str,
    receipt: Path | None,
    json: bool,
) -> None:
    from pipelines.submission.submissions import advance_submission
    from warehouse.ledger.submissions import State

    with open_hub(config) as hub:
        made = advance_submission(hub, submission_id, State(state), note, by, receipt)
    if json:
        print_json(describe_submission(made))
    else:
        typer.echo(f"{made.submission_id}: {_say_state(made.state)}")


def _say_state(state: State) -> str:
    return state.value.replace("_", " ")


@submit_app.command("verify")
def verify(submission_id: SubmissionId, config: ConfigFile = None, json: Json = False) -> None:
    """Check that a package and its receipts lie there as they were recorded; exit 1 names what
    does not.

    Example: drehscheibe submit verify kennzahlen-2024
    """
    from pipelines.submission.replayed_package import verify_submission

    with open_hub(config) as hub:
        verified = verify_submission(hub, submission_id)
    if json:
        print_json(verified)
    if not verified.is_whole:
        raise Red(f"{verified.id} is not as it was recorded: {'; '.join(verified.damages)}")
    if not json:
        typer.echo(f"{verified.id}: every file is as it was recorded")


@submit_app.command("replay")
def replay(
    submission_id: Annotated[
        str | None, typer.Argument(help="The submission; without it, one of them at random.")
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Make a package anew from the warehouse; exit 0: equal in every byte, 1: it says where not.

    Example: drehscheibe submit replay kennzahlen-2024
    """
    from pipelines.submission.replayed_package import replay_submission

    with open_hub(config) as hub:
        replayed = replay_submission(hub, submission_id or _choose_any(hub))
    if json:
        print_json(replayed)
    if not replayed.equal:
        raise Red(_describe_differences(replayed))
    if not json:
        typer.echo(f"{replayed.id}: all {replayed.files} files are equal in every byte")
    if replayed.erased_since and not json:
        typer.echo(f"erased since: {replayed.erased_since} persons, who count on without names")


def _choose_any(hub: Hub) -> str:
    """The id of a submission drawn at random."""
    from pipelines.submission.replayed_package import choose_submission

    chosen = choose_submission(hub, random.Random())
    if chosen is None:
        raise Wrong("there is no submission yet; make one with submit kennzahlen")
    return chosen.submission_id


def _describe_differences(replayed: Replayed) -> str:
    named = "; ".join(f"{d.file} ({', '.join(d.where)})" for d in replayed.differences)
    why = " It was made by another version of the program." if replayed.program_changed else ""
    return f"{replayed.id} is not made again as it was: {named}.{why}"


@submit_app.command("correct")
def correct(
    submission_id: SubmissionId,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also write the notice (PDF, JSON) here.")
    ] = None,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Prepare the submission that corrects it.")
    ] = False,
    by: Name = "",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Say what a submission would say today: which figures changed, why, and where else they stand.

    Example: drehscheibe submit correct kennzahlen-2024 --out berichtigung
    """
    from pipelines.submission.correction import correct_submission
    from pipelines.submission.submissions import prepare_correction

    with open_hub(config) as hub:
        correction = correct_submission(hub, submission_id)
        files = _write_notice(hub, correction, out) if out else []
        prepared = prepare_correction(hub, correction.submission, by) if prepare else None
    answer = {"correction": correction, "files": files, "prepared": prepared}
    if json:
        print_json(answer)
        return
    _print_correction(correction)
    for file in files:
        typer.echo(f"written: {file}")
    if prepared:
        typer.echo(f"prepared: {prepared.id} in {prepared.folder}")
    elif correction.changed:
        typer.echo(f"next: drehscheibe submit correct {correction.submission} --prepare")


def _print_correction(correction: Correction) -> None:
    title = f"{correction.submission}: load {correction.load} compared with {correction.now}"
    rows = [
        [
            " ".join(filter(None, [f.indicator, f.category, *map(str, f.unit.values())])),
            ", ".join(one.cause.value for one in f.causes),
            f.then,
            f.now,
        ]
        for f in correction.changed
    ]
    print_table(title, ["figure", "because", "then", "now"], rows, right=2)
    for effect in correction.money:
        persons = f"{effect.persons_then} → {effect.persons_now} persons"
        euro = f", {effect.amount_then} → {effect.amount_now} EUR" if effect.amount_now else ""
        typer.echo(f"money {effect.year}, {effect.municipality}: {persons}{euro}")
    for year in correction.money_unknown:
        typer.echo(f"money {year.year}: not known, {year.because}")
    for other in correction.also_in:
        typer.echo(f"also changed: {other.changed} figures of {other.id} ({other.state})")
    for one in correction.published:
        typer.echo(f"also published: {one.cells} numbers of publication {one.number}")
    typer.echo(f"{len(rows)} figures changed, {correction.material} of them material")


def _write_notice(hub: Hub, correction: Correction, out: Path) -> list[str]:
    from json import dumps

    from mappings.catalogue import label_indicators
    from pipelines.cli.json_answer import to_json
    from pipelines.figures.figure_rules import read_rules
    from pipelines.submission.correction_notice import print_correction
    from warehouse.files.atomic_file import write_file

    catalogue = read_rules(hub, correction.period_to, hub.known_at(correction.now)).catalogue
    names = {key: carrier.name for key, carrier in hub.config.carriers.items()}
    names |= {ags: place.name for ags, place in hub.config.municipalities.items()}
    pdf = print_correction(correction, label_indicators(catalogue), names, hub.today)
    text = dumps(to_json(correction), ensure_ascii=False, indent=1, default=str) + "\n"
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = f"berichtigung-{correction.submission}-{correction.now}"
    files = {out / f"{stem}.pdf": pdf, out / f"{stem}.json": text.encode()}
    for path, content in files.items():
        write_file(path, content)
    return [str(path) for path in files]
