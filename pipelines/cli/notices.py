"""The commands of notices: list, make the letters, note what became of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.hub import Hub
    from pipelines.notices.recorded_notices import Notice

notices_app = typer.Typer(suggest_commands=False, rich_markup_mode=None)
NoticeNumber = Annotated[
    str, typer.Argument(help="The notice's number, or its beginning (drehscheibe notices).")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="The folder for the letters; without it, out/notices of the data."),
]
By = Annotated[str, typer.Option("--by", help="Who confirmed it; is kept.")]
Note = Annotated[str, typer.Option("--note", help="By which way; is kept.")]


@notices_app.callback(invoke_without_command=True)
def notices(context: typer.Context, config: ConfigFile = None, json: Json = False) -> None:
    """Find and list what earlier recipients have to be told: that a consent was revoked or expired,
    that what they were sent was corrected, split or erased. Exit status 1 where one is overdue, or
    where forms were sent to somebody whom the configuration does not name any more.

    Example: drehscheibe notices
    """
    if context.invoked_subcommand:
        if config or json:
            raise Wrong(f"options go behind 'notices {context.invoked_subcommand}'")
        return
    from pipelines.notices.recorded_notices import (
        describe_lost,
        list_notices,
        record_due_notices,
    )

    with open_hub(config) as hub:
        recorded = record_due_notices(hub)
        found = [_describe_notice(hub, made) for made in list_notices(hub)]
    if json:
        print_json({"notices": found, "unsure": recorded.unsure, "lost": recorded.lost})
    else:
        _print_notices(found, recorded.unsure)
    if recorded.lost:
        raise Red(describe_lost(recorded.lost))
    overdue = [made["number"] for made in found if made["overdue"]]
    if overdue:
        raise Red(f"notices that should have been confirmed: {', '.join(overdue)}")


def _describe_notice(hub: Hub, made: Notice) -> dict[str, Any]:
    days = hub.config.notices.remind_days
    return {
        "number": made.notice_id,
        "recipient": made.recipient,
        "cause": made.cause,
        "state": made.state,
        "forms": [vars(form) for form in made.forms],
        "found_on": made.found_on,
        "due_on": made.due_on,
        "overdue": made.is_overdue(hub.today),
        "to_be_reminded": made.is_to_be_reminded(hub.today, days),
        "events": made.events,
    }


def _print_notices(found: list[dict[str, Any]], unsure: Mapping[str, int]) -> None:
    rows = [
        [
            made["number"],
            made["recipient"],
            made["cause"],
            len(made["forms"]),
            made["due_on"],
            _describe_state(made),
        ]
        for made in found
    ]
    columns = ["number", "recipient", "cause", "forms", "due on", "state"]
    print_table(f"Notices ({len(rows)})", columns, rows)
    for recipient, count in unsure.items():
        typer.echo(
            f"{recipient}: of {count} forms nothing sure can be said, as a source is not current, "
            "a consent cannot be read, or the decision that stands for releases is not configured "
            "any more; nothing is due for them"
        )


def _describe_state(made: dict[str, Any]) -> str:
    marks = {"overdue": made["overdue"], "to be reminded": made["to_be_reminded"]}
    return ", ".join([made["state"], *(mark for mark, holds in marks.items() if holds)])


@notices_app.command("make")
def make(out: Out = None, config: ConfigFile = None, json: Json = False) -> None:
    """Find what is due and make the letters that were not sent yet.

    Example: drehscheibe notices make --out versand/mitteilungen
    """
    from pipelines.notices.notice_letters import make_letters
    from pipelines.notices.recorded_notices import record_due_notices

    with open_hub(config) as hub:
        record_due_notices(hub)
        made = make_letters(hub, out or hub.config.data_folder.output("notices"))
    if json:
        print_json({"made": [{**vars(letter), "file": str(letter.file)} for letter in made]})
        return
    for letter in made:
        typer.echo(f"made: {letter.file}")
    typer.echo(f"letters made: {len(made)}; next: drehscheibe notices sent NUMBER")


@notices_app.command("sent")
def sent(
    number: NoticeNumber,
    note: Note = "",
    on: HappenedOn = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Note that the letter of a notice was sent.

    Example: drehscheibe notices sent 4f1c --note "Post"
    """
    from pipelines.notices.recorded_notices import NoticeState

    with open_hub(config) as hub:
        _advance(hub, number, NoticeState.SENT, clean_reason(note), day_of(on), json=json)


@notices_app.command("remind")
def remind(
    number: NoticeNumber, out: Out = None, config: ConfigFile = None, json: Json = False
) -> None:
    """Make the reminder of a notice that was sent and not confirmed.

    Example: drehscheibe notices remind 4f1c
    """
    from pipelines.notices.notice_letters import make_reminder
    from pipelines.notices.recorded_notices import find_notice

    with open_hub(config) as hub:
        folder = out or hub.config.data_folder.output("notices")
        done, letter = make_reminder(hub, find_notice(hub, number), folder)
        described = _describe_notice(hub, done)
    if json:
        print_json({**described, "file": str(letter.file)})
    else:
        typer.echo(f"made: {letter.file}")


@notices_app.command("confirm")
def confirm(
    number: NoticeNumber,
    by: By = "",
    on: HappenedOn = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Note that the recipient confirmed a notice.

    Example: drehscheibe notices confirm 4f1c --by "Frau Muster, Jobcenter"
    """
    from pipelines.notices.recorded_notices import NoticeState

    if not by.strip():
        raise Wrong("say who confirmed it with --by, which is kept with the notice")
    with open_hub(config) as hub:
        _advance(hub, number, NoticeState.CONFIRMED, clean_reason(by), day_of(on), json=json)


def _advance(hub: Hub, number: str, state: Any, note: str, on: date | None, *, json: bool) -> None:
    from pipelines.notices.recorded_notices import advance_notice, find_notice

    done = advance_notice(hub, find_notice(hub, number), state, note or None, on)
    if json:
        print_json(_describe_notice(hub, done))
    else:
        typer.echo(f"{done.state}: notice {done.notice_id}")
