"""The commands undo and reread: take a load back, read what was delivered anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.deliveries import (
    CHANGE_KINDS,
    clean_reason,
    count_deliveries,
    renew_outputs,
)
from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import (
    DAY_FORMATS,
    ConfigFile,
    Json,
    check_name,
    day_of,
    open_hub,
    print_json,
    print_progress,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from pipelines.intake.replay import Replay

LoadNumber = Annotated[
    int, typer.Argument(help="The number of the load, as `balance` and `status` name it.")
]
SourceName = Annotated[
    str | None, typer.Argument(help="The source; without it, every one in turn.")
]
UndoReason = Annotated[str, typer.Option("--reason", help="Why it is taken back; is kept.")]
RereadReason = Annotated[
    str,
    typer.Option("--reason", help="Why it is right that unusually much changes; is kept."),
]
From = Annotated[
    datetime | None,
    typer.Option("--from", formats=DAY_FORMATS, help="Only deliveries of this day or later."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Do it, say what it changes, and keep nothing.")
]
_DOUBTED_AGAIN = (
    "{source}: of {n} somebody had decided that nothing was withdrawn, and they are in doubt again; "
    "nothing of them goes out until that is decided anew: drehscheibe accept"
)
CHANGE_COLUMNS = ["source", "records", "known", *CHANGE_KINDS]


def undo(
    load: LoadNumber,
    reason: UndoReason = "",
    dry_run: DryRun = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Take a load back: its source is as if that delivery had never come, later ones are loaded
    again without it. Nothing is deleted, and answers as of earlier loads stay what they were.

    Example: drehscheibe undo 12 --reason "Ausfuhr eines anderen Kreises"
    """
    words = clean_reason(reason)
    if not words:
        raise Wrong("say why with --reason, which is kept in the ledger")
    from pipelines.intake.replay import undo_load

    with open_hub(config) as hub:
        done = [undo_load(hub, load, words, rehearse=dry_run, tell=print_progress)]
        _end_replays(hub, done, json=json)


def reread(
    source: SourceName = None,
    since: From = None,
    reason: RereadReason = "",
    dry_run: DryRun = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Read again what a source has delivered, with today's mapping, code lists and municipalities,
    as if it had been read so from the start. Answers as of earlier loads stay what they were.

    Example: drehscheibe reread enaio --from 2025-01-01
    """
    from pipelines.intake.replay import list_replayable, reread_source

    with open_hub(config) as hub:
        if source is not None:
            check_name("source", source, hub.config.sources)
        names = [source] if source else list_replayable(hub)
        words, day = clean_reason(reason), day_of(since)
        done = [
            reread_source(hub, name, day, words, rehearse=dry_run, tell=print_progress)
            for name in names
        ]
        _end_replays(hub, done, json=json)


def _end_replays(hub: Hub, done: Sequence[Replay], *, json: bool) -> None:
    """Renews the outputs and prints the answer; Red where a delivery is not wholly loaded."""
    kept = [replay for replay in done if not replay.rehearsed]
    files = renew_outputs(hub, has_loaded=True) if kept else []
    if json:
        print_json({"replays": [_replay_data(replay) for replay in done], "files": files})
    else:
        _print_replays(done)
        for file in files:
            typer.echo(f"written: {file}")
    red = [
        f"{replay.source} ({loaded.delivered_on}: {loaded.state})"
        for replay in done
        for loaded in replay.deliveries
        if loaded.state.is_red
    ]
    if red:
        raise Red("red: " + "; ".join(red))


def _replay_data(replay: Replay) -> dict[str, Any]:
    return {
        "source": replay.source,
        "undone": replay.undone,
        "date": replay.undone_delivered_on,
        "load": replay.returned_as,
        "deliveries": [
            {"date": loaded.delivered_on, "load": loaded.load, "state": loaded.state}
            for loaded in replay.deliveries
        ],
        "records": {name: vars(change) for name, change in replay.changes.items()},
        "dry_run": replay.rehearsed,
        "doubted_again": replay.doubted_again,
    }


def _print_replays(done: Sequence[Replay]) -> None:
    rows = [row for replay in done for row in _list_changes(replay)]
    if rows:
        print_table("Records, compared with before", CHANGE_COLUMNS, rows, right=5)
    for replay in done:
        typer.echo(_describe_replay(replay))
        if replay.doubted_again:
            typer.echo(_DOUBTED_AGAIN.format(source=replay.source, n=replay.doubted_again))


def _list_changes(replay: Replay) -> Iterator[list[object]]:
    for name, change in replay.changes.items():
        if change.known or change.new:
            counts = (getattr(change, kind) for kind in CHANGE_KINDS)
            yield [replay.source, name, change.known, *counts]


def _describe_replay(replay: Replay) -> str:
    loaded = [row.load for row in replay.deliveries if row.load is not None]
    again = f"{count_deliveries(len(loaded))} of {replay.source} loaded again"
    if replay.undone is not None:
        taken = f"load {replay.undone} (delivery of {replay.undone_delivered_on}) taken back"
        again = f"{taken}, {again}"
    if replay.rehearsed:
        return f"{again}; nothing of it was kept (--dry-run)"
    done = f"{again}, as of load {max([replay.returned_as, *loaded])}"
    if replay.undone is None:
        return done
    return f"{done}. To bring it back: drehscheibe undo {replay.returned_as} --reason …"
