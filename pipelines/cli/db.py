"""The commands db upgrade, check and rights: schema, consistency and accounts of the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import ConfigFile, Json, check_name, open_hub, print_json

if TYPE_CHECKING:
    from sqlalchemy import URL

    from pipelines.hub import Hub
    from warehouse.database.store import Store

db_app = typer.Typer(
    suggest_commands=False,
    help="The warehouse itself: upgrade, check, backup, restore, rights.",
    no_args_is_help=True,
)
Account = Annotated[
    str | None,
    typer.Option(
        "--user", help="Use this database account instead of the configured one, e.g. the owner's."
    ),
]


LoginName = Annotated[
    str | None,
    typer.Option("--login", help="Put this login role into a group role."),
]
RoleName = Annotated[
    str | None,
    typer.Option("--role", help="loader, analyst, transfer or auditor."),
]
DistrictAgs = Annotated[
    str | None,
    typer.Option("--district", help="The AGS it works for, where several share the server."),
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
    elif done.before == done.after:
        typer.echo(f"already at revision {done.after}")
    else:
        typer.echo(f"upgraded from {done.before or 'empty'} to {done.after}")
    if not done.rights_given:
        typer.echo(
            "this account may make no roles; "
            "let an administrator run: drehscheibe db rights --user NAME",
            err=True,
        )


@db_app.command("check")
def check(config: ConfigFile = None, json: Json = False) -> None:
    """Check schema, balances, links, receipts and the landed bytes of every delivery; reads
    everything, changes nothing.

    Example: drehscheibe db check
    """
    from warehouse.backup.consistency_check import check_warehouse

    with open_hub(config) as hub, open_unmigrated(hub) as store:
        wrong = check_warehouse(store, hub.landing, hub.config.data_folder.receipts)
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
    login: LoginName = None,
    role: RoleName = None,
    district: DistrictAgs = None,
    json: Json = False,
) -> None:
    """Make the four group roles on a PostgreSQL server and give each its rights anew; with --login,
    admit a login role.

    Example: drehscheibe db rights --user postgres --login kreis_a_loader --role loader --district
    08999
    """
    from warehouse.database.store import Store
    from warehouse.schema.roles import ROLES

    if (login is None) != (role is None) or (district and not login):
        raise Wrong("--login and --role go together, and --district with them")
    group = _find_group(role) if role is not None else None
    with open_hub(config) as hub, Store(build_address(hub, user), hub.key) as store:
        given = _grant_rights(store, login, group, district)
    if not given:
        raise Red(
            "this account may make no roles; "
            "let an administrator of the server run it, with --user NAME"
        )
    roles = list(ROLES)
    if json:
        print_json({"roles": roles, "login": login, "role": group, "district": district})
    else:
        admitted = f"; {login} is in {group}" if login and group else ""
        typer.echo("rights given: " + ", ".join(roles) + admitted)


def _find_group(role: str) -> str:
    """The group role by its short name; Wrong where there is none such."""
    from warehouse.schema.roles import ROLES

    groups = {name.removeprefix("drehscheibe_"): name for name in ROLES}
    check_name("role", role, groups)
    return groups[role]


def _grant_rights(store: Store, login: str | None, group: str | None, ags: str | None) -> bool:
    """Grants the rights and admits the login; False where the account may make no roles."""
    from warehouse.schema.roles import admit_login, grant_rights

    if store.is_embedded:
        raise Wrong("the embedded warehouse has no roles; who may read its folder may read it")
    with store.transaction() as connection:
        given = grant_rights(connection)
        if given and login and group:
            admit_login(connection, login, group, ags)
    return given


def build_address(hub: Hub, user: str | None) -> URL:
    """The address of the warehouse, with ``user`` as account where it is on a server."""
    url = hub.config.warehouse_url()
    return url.set(username=user) if user and url.get_backend_name() != "duckdb" else url


def open_unmigrated(hub: Hub) -> Store:
    """The warehouse without bringing it to the newest schema."""
    from warehouse.database.store import Store

    return Store(hub.config.warehouse_url(), hub.key, migrate=False, ags=hub.config.district.ags)
