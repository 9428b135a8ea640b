"""Commands that keep the warehouse itself: db upgrade, check, rights. Backups stand in saving.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import ConfigFile, Json, open_hub, print_json

if TYPE_CHECKING:
    from sqlalchemy import URL

    from pipelines.hub import Hub
    from warehouse.database.store import Store

db_app = typer.Typer(
    help="The warehouse itself: upgrade, check, backup, restore, rights.", no_args_is_help=True
)
Account = Annotated[
    str | None,
    typer.Option(
        "--user",
        help="Use this database account instead of the configured one, e.g. the owner's.",
        show_default=False,
    ),
]


@db_app.command("upgrade")
def upgrade(config: ConfigFile = None, user: Account = None, json: Json = False) -> None:
    """Bring the warehouse to the newest schema and say from which revision to which.

    Example: drehscheibe db upgrade --user hub_owner
    """
    from warehouse.database.store import upgrade_warehouse

    with open_hub(config) as hub:
        done = upgrade_warehouse(build_address(hub, user), hub.key)
    if json:
        print_json({"from": done.before, "to": done.after, "rights_given": done.rights_given})
    else:
        typer.echo(
            f"already at revision {done.after}"
            if done.before == done.after
            else f"upgraded from {done.before or 'empty'} to {done.after}"
        )
    if not done.rights_given:
        typer.echo(
            "this account may make no roles; let an administrator run: drehscheibe db rights --user NAME",
            err=True,
        )


@db_app.command("check")
def check(config: ConfigFile = None, json: Json = False) -> None:
    """Check schema, balances, links and the landed bytes of every delivery; reads everything, changes nothing.

    Example: drehscheibe db check
    """
    from warehouse.backup.consistency_check import check_warehouse as look

    with open_hub(config) as hub, as_it_is(hub) as store:
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


@db_app.command("rights")
def rights(
    config: ConfigFile = None,
    user: Account = None,
    login: Annotated[
        str | None,
        typer.Option("--login", help="Put this login role into a group role.", show_default=False),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option("--role", help="loader, analyst, transfer or auditor.", show_default=False),
    ] = None,
    district: Annotated[
        str | None,
        typer.Option("--district", help="The AGS it works for, where several share the server."),
    ] = None,
    json: Json = False,
) -> None:
    """Make the four group roles on a PostgreSQL server and give each its rights anew; with --login, admit a login role.

    Example: drehscheibe db rights --user postgres --login kreis_a_loader --role loader --district 08999
    """
    from mappings.problems import did_you_mean
    from warehouse.database.store import Store
    from warehouse.schema.roles import ROLES, admit_login, grant_rights

    groups = {name.removeprefix("drehscheibe_"): name for name in ROLES}
    if (login is None) != (role is None) or (district and not login):
        raise Wrong("--login and --role go together, and --district with them")
    if role is not None and role not in groups:
        raise Wrong(f"there is no role '{role}'; {did_you_mean(role, groups)}")
    with open_hub(config) as hub, Store(build_address(hub, user), hub.key) as store:
        if store.is_embedded:
            raise Wrong("the embedded warehouse has no roles; who may read its folder may read it")
        with store.transaction() as connection:
            given = grant_rights(connection)
            if given and login and role:
                admit_login(connection, login, groups[role], district)
    if not given:
        raise Red(
            "this account may make no roles; let an administrator of the server run it, with --user NAME"
        )
    if json:
        print_json(
            {
                "roles": list(ROLES),
                "login": login,
                "role": role and groups[role],
                "district": district,
            }
        )
    else:
        typer.echo(
            "rights given: "
            + ", ".join(ROLES)
            + (f"; {login} is in {groups[role]}" if login and role else "")
        )


def build_address(hub: Hub, user: str | None) -> URL:
    """Where the warehouse is, by the account asked for."""
    url = hub.config.warehouse_url()
    return url.set(username=user) if user and url.get_backend_name() != "duckdb" else url


def as_it_is(hub: Hub) -> Store:
    """The warehouse without bringing it to the newest schema."""
    from warehouse.database.store import Store

    return Store(hub.config.warehouse_url(), hub.key, migrate=False, ags=hub.config.district.ags)
