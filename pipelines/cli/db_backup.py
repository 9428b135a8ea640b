"""The commands db backup and db restore. What a backup is stands in warehouse/upkeep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.db import Account, as_it_is, build_address
from pipelines.cli.errors import Wrong
from pipelines.cli.options import ConfigFile, Json, open_hub, print_json

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.backup.archive import BackupManifest
    from warehouse.database.store import Store


def backup(
    target: Annotated[
        Path,
        typer.Argument(
            help="The file to write, or a folder in which it gets a name with the time."
        ),
    ],
    config: ConfigFile = None,
    wait: Annotated[
        int,
        typer.Option(
            "--wait", min=0, help="Seconds to wait for a run that has the embedded warehouse."
        ),
    ] = 0,
    leave_out_damaged: Annotated[
        bool,
        typer.Option(
            "--leave-out-damaged",
            help="Write the backup though landed files are lost, without their deliveries' files.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Write one file with the warehouse as it is at this moment and all landed files. It names persons: keep it as safe as the warehouse.

    Where the warehouse is encrypted, so is the backup, with the same key. On a server a run may go on meanwhile; the embedded
    warehouse takes one process at a time.
    Example: drehscheibe db backup sicherung/ --wait 600
    """
    from warehouse.backup.backup import write_backup as write
    from warehouse.backup.landed_files import hash_stream

    with open_hub(config) as hub:
        file = _backup_path(target, hub)
        with _open_when_free(hub, wait) as store:
            contents = write(
                store,
                hub.landing,
                file,
                hub.config.district.ags,
                leave_out_damaged=leave_out_damaged,
            )
    with file.open("rb") as stream:
        sha256 = hash_stream(stream)
    if json:
        print_json({"file": str(file), "sha256": sha256, **_count_contents(contents)})
    else:
        typer.echo(
            f"written: {file} ({_describe_contents(contents)}, revision {contents.revision})\nsha256: {sha256}"
        )
        _tell_left_out(contents.left_out, "left out, because the landing is damaged")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    config: Annotated[
        Path | None,
        typer.Option(
            "-c",
            "--config",
            "--into",
            help="The configuration whose warehouse and landing receive it.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what the warehouse holds.")
    ] = False,
    district: Annotated[
        str | None,
        typer.Option(
            "--district",
            help="The AGS the backup was made with, where it has been corrected since.",
            show_default=False,
        ),
    ] = None,
    user: Account = None,
    json: Json = False,
) -> None:
    """Put a backup into an empty warehouse, of the same engine or the other. It is checked as a whole before anything is touched.

    Example: drehscheibe db restore sicherung/drehscheibe-08999-2025-08-01T0200.zip --into neu/drehscheibe.yaml
    """
    from warehouse.backup.restore import open_checked
    from warehouse.backup.restore import restore_backup as put

    if not file.is_file():
        raise Wrong(f"there is no file {file}")
    with (
        open_hub(config) as hub,
        open_checked(file, hub.key, district or hub.config.district.ags) as backup,
        _open_target(hub, user, force=force) as store,
    ):
        contents = put(backup, store, hub.landing, force=force)
    if json:
        print_json({"file": str(file), "made_at": contents.made_at, **_count_contents(contents)})
    else:
        typer.echo(f"restored: {_describe_contents(contents)}, as of {contents.made_at}")
        _tell_left_out(contents.left_out, "when the backup was made, these were lost already")


def _open_target(hub: Hub, user: str | None, *, force: bool) -> Store:
    """The warehouse a backup goes into; what lies in its place and cannot be opened is put aside where it may be replaced."""
    from warehouse.database.embedded_file import file_of, put_aside
    from warehouse.database.store import DamagedWarehouse, Store

    place, ags = build_address(hub, user), hub.config.district.ags
    try:
        return Store(place, hub.key, ags=ags)
    except DamagedWarehouse:
        file = file_of(place)
        if not force or file is None:
            raise
        typer.echo(f"the damaged file was put aside as {put_aside(file, 'damaged').name}", err=True)
    return Store(place, hub.key, ags=ags)


def _count_contents(contents: BackupManifest) -> dict[str, Any]:
    counts = {"rows": sum(contents.tables.values()), "deliveries": len(contents.deliveries)}
    return {"revision": contents.revision, **counts, "left_out": contents.left_out}


def _describe_contents(contents: BackupManifest) -> str:
    return f"{sum(contents.tables.values())} rows, {len(contents.deliveries)} deliveries"


def _tell_left_out(left_out: list[str], why: str) -> None:
    for number, sentence in enumerate(left_out):
        typer.echo(f"{why}:\n{sentence}" if number == 0 else sentence, err=True)


def _open_when_free(hub: Hub, seconds: int) -> Store:
    import time

    from warehouse.database.store import WarehouseBusy

    until = time.monotonic() + seconds
    while True:
        try:
            return as_it_is(hub)
        except WarehouseBusy:
            if time.monotonic() >= until:
                raise
            time.sleep(0.5)


def _backup_path(target: Path, hub: Hub) -> Path:
    """The file to write; Wrong where it exists already or has no folder. A name without a backup's ending is a folder, made if need be."""
    from datetime import datetime

    if (
        not target.exists()
        and target.parent.is_dir()
        and not target.name.endswith((".zip", ".zip.age"))
    ):
        target.mkdir(mode=0o700)
    if target.is_dir():
        target = (
            target
            / f"drehscheibe-{hub.config.district.ags}-{datetime.now():%Y-%m-%dT%H%M%S}.zip{'.age' if hub.key else ''}"
        )
    if target.exists():
        raise Wrong(f"{target} exists already; a backup never replaces another")
    if not target.parent.is_dir():
        raise Wrong(f"there is no folder {target.parent}")
    return target
