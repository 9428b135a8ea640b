"""The commands of consents by hand: write down, revoke, show, and make the form to sign."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from pipelines.cli.deliveries import WithValues, clean_reason
from pipelines.cli.options import (
    DAY_FORMATS,
    ConfigFile,
    Json,
    check_name,
    day_of,
    open_hub,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.consents.consent_record import ConsentRecord
    from pipelines.consents.shown_consents import ShownConsents
    from pipelines.consents.statements import Written
    from pipelines.hub import Hub

consent_app = typer.Typer(
    suggest_commands=False,
    help="Consents and withdrawals by hand, and what they let out.",
    no_args_is_help=True,
)
# What `revoke` can write down, by its option.
_WITHDRAWALS = ("revoked", "refused", "ended")
Record = Annotated[str, typer.Argument(help="The person's record, such as enaio:P-1.")]
RecordOrPerson = Annotated[
    str, typer.Argument(metavar="RECORD|PERSON", help="A record (enaio:P-1), or a person's id.")
]
RecipientKey = Annotated[str, typer.Argument(help="A recipient of the configuration.")]
Groups = Annotated[
    list[str],
    typer.Option("--group", help="A data group, e.g. sprache; may be given several times."),
]
Purposes = Annotated[
    list[str],
    typer.Option("--purpose", help="A purpose, e.g. vermittlung; may be given several times."),
]
SaidOn = Annotated[
    datetime | None,
    typer.Option("--on", formats=DAY_FORMATS, help="The day it was said; without it, today."),
]
Direction = Annotated[
    str,
    typer.Option(
        "--direction",
        click_type=click.Choice(("one_way", "mutual")),
        help="Only to the recipient, or both ways.",
    ),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=DAY_FORMATS, help="The last day on which it counts."),
]
EndsWith = Annotated[
    str,
    typer.Option("--ends-with", help="The event that ends its occasion; at the latest the case."),
]
ReleasedPersons = Annotated[
    list[str] | None,
    typer.Option("--released", metavar="NAME", help="Who is released from confidentiality."),
]
Own = Annotated[
    bool, typer.Option("--own/--not-own", help="Whether the person consented, or a guardian alone.")
]
Guardian = Annotated[str, typer.Option("--guardian", metavar="NAME", help="A guardian's consent.")]
FormVersion = Annotated[str, typer.Option("--form-version", help="Without it, the one of today.")]
Language = Annotated[str, typer.Option("--language", help="The language of the form: de, uk, ar …")]
Witness = Annotated[str, typer.Option("--witness", metavar="NAME", help="Who took it.")]
Interpreter = Annotated[str, typer.Option("--interpreter", metavar="NAME", help="Who interpreted.")]
Scan = Annotated[
    Path | None, typer.Option("--scan", help="The signed form; only its SHA-256 is kept.")
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who writes it down.")]


@consent_app.command("grant")
def grant(
    record: Record,
    recipient: RecipientKey,
    group: Groups,
    purpose: Purposes,
    on: SaidOn = None,
    direction: Direction = "one_way",
    until: Until = None,
    ends_with: EndsWith = "",
    released: ReleasedPersons = None,
    own: Own = True,
    guardian: Guardian = "",
    form_version: FormVersion = "",
    language: Language = "de",
    witness: Witness = "",
    interpreter: Interpreter = "",
    scan: Scan = None,
    by: By = "",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write down a consent on paper. It counts from now on like a form that a source delivers; one of
    the same day for the same recipient takes the place of the former.

    Example: drehscheibe consent grant enaio:P-1 jobcenter --group sprache --group beruf --purpose
    vermittlung --on 2025-07-01 --released "Anna Rösler" --witness "Anna Rösler" --scan form.pdf
    """
    from pipelines.consents.grant import Consent, grant_consent

    with open_hub(config) as hub:
        check_name("recipient", recipient, hub.config.recipients)
        given = Consent(
            record=record,
            recipient=recipient,
            groups=group,
            purposes=purpose,
            given_on=day_of(on) or hub.today,
            direction=direction,
            valid_until=day_of(until),
            ends_with=clean_reason(ends_with),
            released_persons=[name for one in released or [] if (name := clean_reason(one))],
            own_consent=own,
            guardian=clean_reason(guardian),
            form_version=clean_reason(form_version),
            form_language=clean_reason(language),
            witnessed_by=clean_reason(witness),
            interpreter=clean_reason(interpreter),
            scan=scan,
            by=clean_reason(by),
        )
        _print_written(hub, grant_consent(hub, given), json=json)


@consent_app.command("revoke")
def revoke(
    record: Record,
    recipient: Annotated[
        str | None, typer.Argument(help="A recipient; without it, towards all.")
    ] = None,
    on: SaidOn = None,
    kind: Annotated[
        str,
        typer.Option(
            "--as",
            click_type=click.Choice(_WITHDRAWALS),
            help="Revoked; refused from the start; or its occasion ended.",
        ),
    ] = "revoked",
    witness: Witness = "",
    scan: Scan = None,
    by: By = "",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write down that a person revoked or refused. It counts at once against everything given up to
    that day, in all records of the person, whatever a system delivers; a newer consent counts again.

    Example: drehscheibe consent revoke enaio:P-1 jobcenter
    """
    from pipelines.consents.grant import withdraw_consent

    with open_hub(config) as hub:
        if recipient is not None:
            check_name("recipient", recipient, hub.config.recipients)
        written = withdraw_consent(
            hub,
            record,
            recipient,
            day_of(on) or hub.today,
            kind=kind,
            witnessed_by=clean_reason(witness),
            scan=scan,
            by=clean_reason(by),
        )
        _print_written(hub, written, json=json)


@consent_app.command("show")
def show(
    name: RecordOrPerson,
    with_values: WithValues = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Show every consent and withdrawal of a record or person, from sources and by hand, and what may
    go out today and why. With --json in the terms of ISO/IEC TS 27560; the names of witnesses,
    interpreters and guardians only with --with-values.

    Example: drehscheibe consent show enaio:P-1 --json
    """
    from pipelines.consents.shown_consents import show_consents

    with open_hub(config) as hub:
        shown = show_consents(hub, name, with_values=with_values)
    if json:
        print_json(shown)
    else:
        _print_shown(shown)


@consent_app.command("form")
def form(
    recipient: RecipientKey,
    out: Annotated[Path, typer.Option("--out", help="The PDF to write.")],
    language: Annotated[
        str, typer.Option("--language", help="de adds plain German (Leichte Sprache); or en, uk …")
    ] = "de",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Make the consent form for a recipient: the German pages to sign, and pages that explain them in
    plain German or another language. What it names is what `transfer` can hand over, and no more.

    Example: drehscheibe consent form jobcenter --out einwilligung.pdf --language en
    """
    from pipelines.consents.consent_form import write_consent_form

    with open_hub(config) as hub:
        check_name("recipient", recipient, hub.config.recipients)
        made = write_consent_form(hub, recipient, out, language)
    if json:
        print_json({"files": [str(made)]})
    else:
        typer.echo(str(made))


def _print_written(hub: Hub, written: Written, *, json: bool) -> None:
    """What was written down, and what may go out of the record now."""
    from pipelines.consents.shown_consents import show_consents

    shown = show_consents(hub, written.record)
    decisions = [
        one
        for record in shown.records
        for one in record.decisions
        if written.recipient in (None, one.recipient)
    ]
    if json:
        print_json({"written": written, "decisions": decisions})
        return
    typer.echo(f"{written.kind}: number {written.number}, since load {written.load}")
    for one in decisions:
        for sentence in one.because:
            typer.echo(f"  {one.recipient}: {sentence}")


def _print_shown(shown: ShownConsents) -> None:
    for record in shown.records:
        rows = [_describe_row(one) for one in record.consents]
        columns = ["consent", "given", "recipient", "groups", "until", "events"]
        print_table(f"{record.record}: consents ({len(rows)})", columns, rows)
        for decision in record.decisions:
            for sentence in decision.because:
                typer.echo(f"  {decision.recipient}: {sentence}")


def _describe_row(one: ConsentRecord) -> list[str | None]:
    purpose = one.pii_processing[0] if one.pii_processing else None
    return [
        one.record.record_id,
        str(one.events[0].event_time) if one.events else None,
        ", ".join(purpose.recipient_third_parties) if purpose else None,
        ", ".join(group.pii_type for group in purpose.pii_information) if purpose else None,
        purpose.retention_period if purpose else None,
        ", ".join(event.event_state for event in one.events),
    ]
