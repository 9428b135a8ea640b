"""Commands that hand something out: forms for a recipient, the funding evidence."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import AsOf, ConfigFile, Json, day_of, open_hub, print_json, print_table

if TYPE_CHECKING:
    from pipelines.transfer.hand_over import Transfer
    from warehouse.marts.funding import TargetGroup

_DAYS = ["%Y-%m-%d", "%d.%m.%Y"]
Stichtag = Annotated[datetime, typer.Option("--stichtag", formats=_DAYS, help="The key date.")]
WindowFirst = Annotated[
    datetime, typer.Option("--from", formats=_DAYS, help="First day of assignment that counts.")
]
WindowLast = Annotated[
    datetime, typer.Option("--to", formats=_DAYS, help="Last day of assignment that counts.")
]
funding_app = typer.Typer(
    help="The funding evidence: target group and split of an amount.", no_args_is_help=True
)


def transfer(
    recipient: Annotated[
        str, typer.Argument(help="A recipient of the configuration, e.g. jobcenter.")
    ],
    on: Annotated[
        datetime | None,
        typer.Option(
            "--on", formats=_DAYS, help="The day of sending; today without it.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="The folder for the parcel; must not hold another one.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only list who and which data groups, and who not and why."),
    ] = False,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Make the forms for a recipient: of each person just the data groups consented to, valid on the day of sending.

    Example: drehscheibe transfer jobcenter --on 2025-08-01 --out versand/2025-08-01
    """
    from mappings.problems import did_you_mean
    from pipelines.transfer.hand_over import decide_transfer, hand_over

    if out is None and not dry_run:
        raise Wrong("say where the parcel goes with --out DIR, or look first with --dry-run")
    if as_of is not None and not dry_run:
        # What was consented to then may have been revoked since.
        raise Wrong("forms are made of what is known now; --as-of only looks back: add --dry-run")
    with open_hub(config) as hub:
        if recipient not in hub.config.recipients:
            raise Wrong(
                f"there is no recipient '{recipient}'; {did_you_mean(recipient, hub.config.recipients)}"
            )
        decision = decide_transfer(hub, recipient, day_of(on) or date.today(), as_of)
        answer = decision.as_answer() if dry_run or out is None else hand_over(hub, decision, out)
    if json:
        print_json(answer)
    else:
        _show_transfer(answer, out, dry_run)
    if decision.stale:
        names = "; ".join(f"{name} ({message})" for name, message in sorted(decision.stale.items()))
        raise Red(f"nothing was released of sources whose newest delivery is not loaded: {names}")


def _show_transfer(answer: Transfer, out: Path | None, dry_run: bool) -> None:
    print_table(
        "Released",
        ["record", "data groups"],
        [[", ".join(r.records), ", ".join(r.groups)] for r in answer.released],
    )
    print_table(
        "Refused",
        ["record", "reason"],
        [[", ".join(r.records), ", ".join(r.reasons)] for r in answer.refused],
    )
    typer.echo(
        f"{len(answer.released)} forms"
        + (f" in {out}, with manifest.json" if not dry_run else " would be made")
    )


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

    Example: drehscheibe funding target-group --stichtag 2025-01-01 --from 2020-01-01 --to 2022-12-31
    """
    from warehouse.ledger.configuration import read_municipalities

    with open_hub(config) as hub:
        window = _read_window(stichtag, first, last)
        known_at = hub.known_at(as_of)
        answer = _target_group(hub, window, known_at)
        with hub.store.read() as connection:
            names = read_municipalities(connection, known_at)
    if json:
        print_json(answer)
        return
    rows = [[m.municipality, names.get(m.municipality), m.persons] for m in answer.municipalities]
    print_table(
        f"Target group on {answer.stichtag}", ["AGS", "municipality", "persons"], rows, right=1
    )
    typer.echo(f"in no known municipality: {answer.unknown}")


@funding_app.command("split")
def split(
    amount: Annotated[str, typer.Option("--amount", help="The amount in EUR, e.g. 1000000.00.")],
    stichtag: Stichtag,
    first: WindowFirst,
    last: WindowLast,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Share an amount among the municipalities in proportion to the target group, exact to the cent.

    Example: drehscheibe funding split --amount 1000000.00 --stichtag 2025-01-01 --from 2020-01-01 --to 2022-12-31
    """
    from warehouse.marts.funding import split_amount as share

    euro = _parse_amount(amount)
    with open_hub(config) as hub:
        window = _read_window(stichtag, first, last)
        group = _target_group(hub, window, hub.known_at(as_of))
    persons = {m.municipality: m.persons for m in group.municipalities}
    try:
        shares = share(euro, persons)
    except ValueError as error:
        raise Wrong(str(error)) from None
    told = [{"municipality": a, "persons": persons[a], "amount": str(shares[a])} for a in shares]
    if json:
        print_json({"amount": f"{euro:.2f}", "shares": told, "unknown": group.unknown})
        return
    print_table(
        f"Split of {euro:.2f} EUR",
        ["AGS", "persons", "EUR"],
        [[s["municipality"], s["persons"], s["amount"]] for s in told],
        right=2,
    )


def _read_window(stichtag: datetime, first: datetime, last: datetime) -> Any:
    from warehouse.marts.funding import Window

    window = Window(stichtag.date(), first.date(), last.date())
    if window.first > window.last:
        raise Wrong(f"the window ends ({window.last}) before it begins ({window.first})")
    return window


def _target_group(hub: Any, window: Any, known_at: Any) -> TargetGroup:
    from warehouse.marts.funding import count_target_group, target_group

    question = target_group(window, known_at)
    with hub.store.read() as connection:
        return count_target_group(connection, window, question)


def _parse_amount(text: str) -> Decimal:
    if re.fullmatch(r"\s*\d{1,3}\.\d{3}\s*(?:EUR|€)?\s*", text):
        raise Wrong(f"'{text}' could be thousands or cents; write it like 1000.00 or 1.000,00")
    try:
        plain = text.strip().removesuffix("EUR").removesuffix("€").strip()
        # "1.000.000,00" is how the office writes it, "1000000.00" how programs do.
        return Decimal(plain.replace(".", "").replace(",", ".") if "," in plain else plain)
    except InvalidOperation:
        raise Wrong(f"'{text}' is no amount; write it like 1000000.00") from None
