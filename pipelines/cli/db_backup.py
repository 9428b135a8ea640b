"""The commands db backup and db restore."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.db import Account, build_address, open_unmigrated
from pipelines.cli.errors import Wrong
from pipelines.cli.options import ConfigFile, Json, open_hub, print_json, print_progress

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.backup.archive import BackupManifest
    from warehouse.database.store import Store

RETRY_SECONDS = 0.5
NO_JOURNALS = (
    "no journal of erasures, withdrawals and restrictions lies in the data folder (rights): whoever "
    "was erased or withdrew since the backup was made is back. Bring the folder rights over from "
    "the former data folder, then run: drehscheibe person erase --resume --yes"
)
BackupTarget = Annotated[
    Path,
    typer.Argument(help="The file to write, or a folder in which it gets a name with the time."),
]
WaitSeconds = Annotated[
    int,
    typer.Option(
        "--wait", min=0, help="Seconds to wait for a run that has the embedded warehouse."
    ),
]
LeaveOutDamaged = Annotated[
    bool,
    typer.Option(
        "--leave-out-damaged",
        help="Write the backup though landed files are lost, without their deliveries' files.",
    ),
]
BackupFile = Annotated[Path, typer.Argument(help="A backup.")]
TargetConfig = Annotated[
    Path | None,
    typer.Option(
        "-c", "--config", "--into", help="The configuration whose warehouse and landing receive it."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace what the warehouse holds.")]
FormerAgs = Annotated[
    str | None,
    typer.Option(
        "--district", help="The AGS the backup was made with, where it has been corrected since."
    ),
]


def backup(
    target: BackupTarget,
    config: ConfigFile = None,
    wait: WaitSeconds = 0,
    leave_out_damaged: LeaveOutDamaged = False,
    json: Json = False,
) -> None:
    """Write one file with the warehouse as it is at this moment and all landed files. It names
    persons: keep it as safe as the warehouse.

    Where the warehouse is encrypted, so is the backup, with the same key. On a server a run may go
    on meanwhile; the embedded warehouse takes one process at a time.
    Example: drehscheibe db backup sicherung/ --wait 600
    """
    from warehouse.backup.backup import write_backup
    from warehouse.backup.landed_files import hash_stream

    with open_hub(config) as hub:
        file = _choose_file(target, hub)
        ags = hub.config.district.ags
        with _open_when_free(hub, wait) as store:
            contents = write_backup(
                store, hub.landing, file, ags, leave_out_damaged=leave_out_damaged
            )
    with file.open("rb") as stream:
        sha256 = hash_stream(stream)
    if json:
        print_json({"file": str(file), "sha256": sha256, **_count_contents(contents)})
        return
    typer.echo(f"written: {file} ({_describe_contents(contents)}, revision {contents.revision})")
    typer.echo(f"sha256: {sha256}")
    _print_left_out(contents.left_out, "left out, because the landing is damaged")


def restore(
    file: BackupFile,
    config: TargetConfig = None,
    force: Force = False,
    district: FormerAgs = None,
    user: Account = None,
    json: Json = False,
) -> None:
    """Put a backup into an empty warehouse, of the same engine or the other. It is checked as a
    whole before anything is touched.

    Example: drehscheibe db restore sicherung/drehscheibe-08999-2025-08-01T0200.zip --into
    neu/drehscheibe.yaml
    """
    from warehouse.backup.restore import open_checked, restore_backup

    if not file.is_file():
        raise Wrong(f"there is no file {file}")
    with (
        open_hub(config) as hub,
        open_checked(file, hub.key, district or hub.config.district.ags) as archive,
        _open_target(hub, user, force=force) as store,
    ):
        has_journals = hub.config.data_folder.rights.exists()
        contents = restore_backup(archive, store, hub.landing, force=force)
    erased = _repeat_erasures(config)
    if not has_journals:
        typer.echo(NO_JOURNALS, err=True)
    if json:
        answer = {"file": str(file), "made_at": contents.made_at, "erased_again": erased}
        answer["journals_found"] = has_journals
        print_json({**answer, **_count_contents(contents)})
    else:
        typer.echo(f"restored: {_describe_contents(contents)}, as of {contents.made_at}")
        _print_left_out(contents.left_out, "when the backup was made, these were lost already")


def _repeat_erasures(config: Path | None) -> int:
    """Erases again who was erased since the backup was made; until then nothing can be read."""
    from pipelines.rights.replayed_erasures import resume_erasures

    with open_hub(config) as hub:
        return len(resume_erasures(hub, print_progress))


def _open_target(hub: Hub, user: str | None, *, force: bool) -> Store:
    """The warehouse a backup goes into; with ``force`` a damaged embedded file is put aside."""
    from warehouse.database.embedded_file import file_of, put_aside
    from warehouse.database.store import DamagedWarehouse, Store

    address, ags = build_address(hub, user), hub.config.district.ags
    try:
        return Store(address, hub.key, ags=ags)
    except DamagedWarehouse:
        file = file_of(address)
        if not force or file is None:
            raise
        typer.echo(f"the damaged file was put aside as {put_aside(file, 'damaged').name}", err=True)
    return Store(address, hub.key, ags=ags)


def _count_contents(contents: BackupManifest) -> dict[str, Any]:
    return {
        "revision": contents.revision,
        "rows": sum(contents.tables.values()),
        "deliveries": len(contents.deliveries),
        "left_out": contents.left_out,
    }


def _describe_contents(contents: BackupManifest) -> str:
    return f"{sum(contents.tables.values())} rows, {len(contents.deliveries)} deliveries"


def _print_left_out(sentences: list[str], reason: str) -> None:
    if sentences:
        typer.echo(f"{reason}:", err=True)
    for sentence in sentences:
        typer.echo(sentence, err=True)


def _open_when_free(hub: Hub, seconds: int) -> Store:
    """The warehouse, as soon as no other process has it; WarehouseBusy after ``seconds``."""
    from warehouse.database.store import WarehouseBusy

    until = time.monotonic() + seconds
    while True:
        try:
            return open_unmigrated(hub)
        except WarehouseBusy:
            if time.monotonic() >= until:
                raise
            time.sleep(RETRY_SECONDS)


def _choose_file(target: Path, hub: Hub) -> Path:
    """The file to write; a name without a backup's ending is a folder, made if need be.

    Wrong where the file exists already or has no folder.
    """
    has_ending = target.name.endswith((".zip", ".zip.age"))
    if not has_ending and not target.exists() and target.parent.is_dir():
        target.mkdir(mode=0o700)
    if target.is_dir():
        target = target / _backup_name(hub)
    if target.exists():
        raise Wrong(f"{target} exists already; a backup never replaces another")
    if not target.parent.is_dir():
        raise Wrong(f"there is no folder {target.parent}")
    return target


def _backup_name(hub: Hub) -> str:
    ending = ".zip.age" if hub.key else ".zip"
    return f"drehscheibe-{hub.config.district.ags}-{datetime.now():%Y-%m-%dT%H%M%S}{ending}"
