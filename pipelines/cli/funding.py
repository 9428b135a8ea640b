"""The commands of funding: the target group per municipality, and the split of an amount by it."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Wrong
from pipelines.cli.options import (
    DAY_FORMATS,
    AsOf,
    ConfigFile,
    Json,
    open_hub,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt
    from warehouse.marts.funding import TargetGroup, Window

Amount = Annotated[str, typer.Option("--amount", help="The amount in EUR, e.g. 1000000.00.")]
Stichtag = Annotated[
    datetime, typer.Option("--stichtag", formats=DAY_FORMATS, help="The key date.")
]
WindowFirst = Annotated[
    datetime,
    typer.Option("--from", formats=DAY_FORMATS, help="First day of assignment that counts."),
]
WindowLast = Annotated[
    datetime,
    typer.Option("--to", formats=DAY_FORMATS, help="Last day of assignment that counts."),
]
LEFT_OUT = ("unknown", "without_assignment", "without_begin", "not_delivered")
funding_app = typer.Typer(
    suggest_commands=False,
    help="The funding evidence: target group and split of an amount.",
    no_args_is_help=True,
)
_AMBIGUOUS_AMOUNT = re.compile(r"\s*\d{1,3}\.\d{3}\s*(?:EUR|€)?\s*")


@funding_app.command("target-group")
def target_group(
    stichtag: Stichtag,
    first: WindowFirst,
    last: WindowLast,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Count the target group per municipality on a key date.

    Example: drehscheibe funding target-group --stichtag 2025-01-01 --from 2020-01-01 --to
    2022-12-31
    """
    from warehouse.ledger.configuration import read_municipalities

    with open_hub(config) as hub:
        window = _read_window(stichtag, first, last)
        known_at = hub.known_at(as_of)
        answer = _count_persons(hub, window, known_at)
        with hub.store.read() as connection:
            names = read_municipalities(connection, known_at)
    if json:
        print_json(answer)
        return
    columns = ["AGS", "municipality", "persons"]
    rows = [[m.municipality, names.get(m.municipality), m.persons] for m in answer.municipalities]
    print_table(f"Target group on {answer.stichtag}", columns, rows, right=1)
    _print_left_out(answer)


@funding_app.command("split")
def split(
    amount: Amount,
    stichtag: Stichtag,
    first: WindowFirst,
    last: WindowLast,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Share an amount among the municipalities in proportion to the target group, exact to the
    cent.

    Example: drehscheibe funding split --amount 1000000.00 --stichtag 2025-01-01 --from 2020-01-01
    --to 2022-12-31
    """
    from warehouse.marts.funding import split_amount

    euro = parse_amount(amount)
    with open_hub(config) as hub:
        window = _read_window(stichtag, first, last)
        group = _count_persons(hub, window, hub.known_at(as_of))
    persons = {m.municipality: m.persons for m in group.municipalities}
    try:
        amounts = split_amount(euro, persons)
    except ValueError as error:
        raise Wrong(str(error)) from None
    rows = [(ags, persons[ags], str(share)) for ags, share in amounts.items()]
    if json:
        shares = [dict(zip(("municipality", "persons", "amount"), r, strict=True)) for r in rows]
        left_out = {name: getattr(group, name) for name in LEFT_OUT}
        print_json({"amount": f"{euro:.2f}", "shares": shares, **left_out})
    else:
        columns = ["AGS", "persons", "EUR"]
        print_table(f"Split of {euro:.2f} EUR", columns, [list(row) for row in rows], right=2)
        _print_left_out(group)


def _print_left_out(group: TargetGroup) -> None:
    """Says who is not among the municipalities' persons, and why."""
    typer.echo(f"left out, in no known municipality: {group.unknown}")
    typer.echo(f"left out, with a case but no day of assignment: {group.without_assignment}")
    typer.echo(f"left out, assigned but without a known begin of a case: {group.without_begin}")
    if group.not_delivered:
        names = ", ".join(group.not_delivered)
        typer.echo(f"left out whole, as they state no day of assignment: {names}")


def _read_window(stichtag: datetime, first: datetime, last: datetime) -> Window:
    from warehouse.marts.funding import Window

    window = Window(stichtag.date(), first.date(), last.date())
    if window.first > window.last:
        raise Wrong(f"the window ends ({window.last}) before it begins ({window.first})")
    return window


def _count_persons(hub: Hub, window: Window, known_at: KnownAt) -> TargetGroup:
    from warehouse.marts import funding

    with hub.store.read() as connection:
        return funding.count_target_group(connection, window, known_at)


def parse_amount(text: str) -> Decimal:
    """An amount as offices or programs write it; Wrong where it is none or could be two."""
    if _AMBIGUOUS_AMOUNT.fullmatch(text):
        raise Wrong(f"'{text}' could be thousands or cents; write it like 1000.00 or 1.000,00")
    plain = text.strip().removesuffix("EUR").removesuffix("€").strip()
    if "," in plain:
        # "1.000.000,00" is how the office writes it, "1000000.00" how programs do.
        plain = plain.replace(".", "").replace(",", ".")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise Wrong(f"'{text}' is no amount; write it like 1000000.00")
    if amount < 0:
        raise Wrong(f"'{text}' is less than nothing; there is no such money to share")
    return amount
