"""Commands that keep the warehouse itself: db upgrade, check, backup, restore, rights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import ConfigFile, Json, open_hub, print_json

if TYPE_CHECKING:
    from sqlalchemy import URL

    from pipelines.hub import Hub
    from warehouse.store import Store

db_app = typer.Typer(help="The warehouse itself: upgrade, check, backup, restore, rights.", no_args_is_help=True)
Account = Annotated[
    str | None,
    typer.Option("--user", help="Use this database account instead of the configured one, e.g. the owner's.", show_default=False),
]


@db_app.command("upgrade")
def upgrade(config: ConfigFile = None, user: Account = None, json: Json = False) -> None:
    """Bring the warehouse to the newest schema and say from which revision to which.

    Example: drehscheibe db upgrade --user hub_owner
    """
    from warehouse.migrations import upgrade as run_revisions
    from warehouse.store import engine_of
    from warehouse.trouble import told

    with open_hub(config) as hub:
        engine = engine_of(_address(hub, user), hub.key)
    try:
        done = run_revisions(engine)
    except Exception as error:
        known = told(error, opening=True)
        if known is None:
            raise
        raise known from None
    finally:
        engine.dispose()
    if json:
        print_json({"from": done.before, "to": done.after, "rights_given": done.rights_given})
    else:
        typer.echo(
            f"already at revision {done.after}" if done.before == done.after else f"upgraded from {done.before or 'empty'} to {done.after}"
        )
    if not done.rights_given:
        typer.echo("this account may make no roles; let an administrator run: drehscheibe db rights --user NAME", err=True)


@db_app.command("check")
def check(config: ConfigFile = None, json: Json = False) -> None:
    """Check schema, balances, links and the landed bytes of every delivery; reads everything, changes nothing.

    Example: drehscheibe db check
    """
    from warehouse.upkeep.check import check as look

    with open_hub(config) as hub, _as_it_is(hub) as store:
        wrong = look(store, hub.landing)
    if json:
        print_json({"wrong": wrong})
    else:
        for sentence in wrong:
            typer.echo(sentence)
    if wrong:
        raise Red(f"{len(wrong)} things are wrong")
    if not json:
        typer.echo("all is well")


@db_app.command("backup")
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write, or a folder in which it gets a name with the time.")],
    config: ConfigFile = None,
    wait: Annotated[int, typer.Option("--wait", min=0, help="Seconds to wait for a run that has the embedded warehouse.")] = 0,
    leave_out_damaged: Annotated[
        bool, typer.Option("--leave-out-damaged", help="Write the backup though landed files are lost, without their deliveries' files.")
    ] = False,
    json: Json = False,
) -> None:
    """Write one file with the warehouse as it is at this moment and all landed files. It names persons: keep it as safe as the warehouse.

    Where the warehouse is encrypted, so is the backup, with the same key. On a server a run may go on meanwhile; the embedded
    warehouse takes one process at a time.
    Example: drehscheibe db backup sicherung/ --wait 600
    """
    from warehouse.upkeep.backup import backup as write
    from warehouse.upkeep.landed import digest

    with open_hub(config) as hub:
        file = _named(target, hub)
        with _patiently(hub, wait) as store:
            contents = write(store, hub.landing, file, hub.config.district.ags, leave_out_damaged=leave_out_damaged)
    with file.open("rb") as stream:
        sha256 = digest(stream)
    rows, count = sum(contents.tables.values()), len(contents.deliveries)
    if json:
        answer = {"file": str(file), "sha256": sha256, "revision": contents.revision, "rows": rows, "deliveries": count}
        print_json({**answer, "left_out": contents.left_out})
    else:
        typer.echo(f"written: {file} ({rows} rows, {count} deliveries, revision {contents.revision})\nsha256: {sha256}")
        _tell_left_out(contents.left_out, "left out, because the landing is damaged")


@db_app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    config: Annotated[
        Path | None,
        typer.Option("-c", "--config", "--into", help="The configuration whose warehouse and landing receive it.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what the warehouse holds.")] = False,
    district: Annotated[
        str | None,
        typer.Option("--district", help="The AGS the backup was made with, where it has been corrected since.", show_default=False),
    ] = None,
    user: Account = None,
    json: Json = False,
) -> None:
    """Put a backup into an empty warehouse, of the same engine or the other. It is checked as a whole before anything is touched.

    Example: drehscheibe db restore sicherung/drehscheibe-08999-2025-08-01T0200.zip --into neu/drehscheibe.yaml
    """
    from warehouse.store import Store
    from warehouse.upkeep.restore import checked
    from warehouse.upkeep.restore import restore as put

    if not file.is_file():
        raise Wrong(f"there is no file {file}")
    with open_hub(config) as hub:
        ags = hub.config.district.ags
        with checked(file, hub.key, district or ags) as backup, Store(_address(hub, user), hub.key, ags=ags) as store:
            contents = put(backup, store, hub.landing, force=force)
    rows, count = sum(contents.tables.values()), len(contents.deliveries)
    if json:
        print_json(
            {
                "file": str(file),
                "made_at": contents.made_at,
                "revision": contents.revision,
                "rows": rows,
                "deliveries": count,
                "left_out": contents.left_out,
            }
        )
    else:
        typer.echo(f"restored: {rows} rows, {count} deliveries, as of {contents.made_at}")
        _tell_left_out(contents.left_out, "when the backup was made, these were lost already")


@db_app.command("rights")
def rights(
    config: ConfigFile = None,
    user: Account = None,
    login: Annotated[str | None, typer.Option("--login", help="Put this login role into a group role.", show_default=False)] = None,
    role: Annotated[str | None, typer.Option("--role", help="loader, analyst, transfer or auditor.", show_default=False)] = None,
    district: Annotated[str | None, typer.Option("--district", help="The AGS it works for, where several share the server.")] = None,
    json: Json = False,
) -> None:
    """Make the four group roles on a PostgreSQL server and give each its rights anew; with --login, admit a login role.

    Example: drehscheibe db rights --user postgres --login kreis_a_loader --role loader --district 08999
    """
    from mappings.problems import did_you_mean
    from warehouse.rights import ROLES, admit, grant
    from warehouse.store import Store

    groups = {name.removeprefix("drehscheibe_"): name for name in ROLES}
    if (login is None) != (role is None) or (district and not login):
        raise Wrong("--login and --role go together, and --district with them")
    if role is not None and role not in groups:
        raise Wrong(f"there is no role '{role}'; {did_you_mean(role, groups)}")
    with open_hub(config) as hub, Store(_address(hub, user), hub.key) as store:
        if store.embedded:
            raise Wrong("the embedded warehouse has no roles; who may read its folder may read it")
        with store.transaction() as connection:
            given = grant(connection)
            if given and login and role:
                admit(connection, login, groups[role], district)
    if not given:
        raise Red("this account may make no roles; let an administrator of the server run it, with --user NAME")
    if json:
        print_json({"roles": list(ROLES), "login": login, "role": role and groups[role], "district": district})
    else:
        typer.echo("rights given: " + ", ".join(ROLES) + (f"; {login} is in {groups[role]}" if login and role else ""))


def _address(hub: Hub, user: str | None) -> URL:
    url = hub.config.warehouse_url()
    return url.set(username=user) if user and url.get_backend_name() != "duckdb" else url


def _tell_left_out(left_out: list[str], why: str) -> None:
    for number, sentence in enumerate(left_out):
        typer.echo(f"{why}:\n{sentence}" if number == 0 else sentence, err=True)


def _as_it_is(hub: Hub) -> Store:
    """The warehouse without bringing it to the newest schema."""
    from warehouse.store import Store

    return Store(hub.config.warehouse_url(), hub.key, migrate=False, ags=hub.config.district.ags)


def _patiently(hub: Hub, seconds: int) -> Store:
    import time

    from warehouse.store import WarehouseBusy

    until = time.monotonic() + seconds
    while True:
        try:
            return _as_it_is(hub)
        except WarehouseBusy:
            if time.monotonic() >= until:
                raise
            time.sleep(0.5)


def _named(target: Path, hub: Hub) -> Path:
    """The file to write; Wrong where it exists already or has no folder. A name without a backup's ending is a folder, made if need be."""
    from datetime import datetime

    if not target.exists() and target.parent.is_dir() and not target.name.endswith((".zip", ".zip.age")):
        target.mkdir(mode=0o700)
    if target.is_dir():
        target = target / f"drehscheibe-{hub.config.district.ags}-{datetime.now():%Y-%m-%dT%H%M%S}.zip{'.age' if hub.key else ''}"
    if target.exists():
        raise Wrong(f"{target} exists already; a backup never replaces another")
    if not target.parent.is_dir():
        raise Wrong(f"there is no folder {target.parent}")
    return target
