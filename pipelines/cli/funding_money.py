"""The commands funding clients and funding distribution: who counts by which rule, who gets what."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.errors import Wrong
from pipelines.cli.options import (
    DAY_FORMATS,
    AsOf,
    ConfigFile,
    Json,
    check_name,
    day_of,
    open_hub,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.target_group_verdict import Question
    from pipelines.config.models import Municipality
    from pipelines.funding.distribution import Distribution, Terms
    from pipelines.funding.target_group import ClientVerdict
    from pipelines.hub import Hub

# What a caller may give instead of the year's own terms.
GIVEN_LABELS = {"rate": "Satz", "stichtag": "Stichtag", "window": "Zeitfenster"}
ANSWERS = {"in": "gehört dazu", "out": "gehört nicht dazu", "unknown": "unklar"}
Year = Annotated[
    str | None,
    typer.Option("--year", help="Key date and window of this year of calculation, e.g. 2025."),
]
WantedYear = Annotated[str, typer.Option("--year", help="The year of calculation, e.g. 2025.")]
Stichtag = Annotated[
    datetime | None, typer.Option("--stichtag", formats=DAY_FORMATS, help="The key date.")
]
First = Annotated[
    datetime | None,
    typer.Option("--from", formats=DAY_FORMATS, help="First day of the window that counts."),
]
Last = Annotated[
    datetime | None,
    typer.Option("--to", formats=DAY_FORMATS, help="Last day of the window that counts."),
]
Rule = Annotated[
    str | None,
    typer.Option("--rule", help="This rule for everybody: a name, or the path of a YAML file."),
]
WhatIf = Annotated[
    list[str] | None,
    typer.Option("--rule", help="Show what this rule would change; may be given several times."),
]
AnswerOption = Annotated[
    str | None, typer.Option("--answer", help="Only those who are in, out or unknown.")
]
Place = Annotated[
    str | None, typer.Option("--municipality", help="Only those of this municipality (AGS).")
]
Rate = Annotated[
    str | None, typer.Option("--rate", help="EUR per person, where the year has a rate.")
]
Budget = Annotated[
    str | None, typer.Option("--budget", help="The budget in EUR; the difference to it is shown.")
]
Counts = Annotated[
    Path | None,
    typer.Option(
        "--counts",
        help="Share by the persons of this CSV file (AGS;persons) instead of the warehouse's.",
    ),
]
WithClients = Annotated[
    bool, typer.Option("--clients", help="With --json: every person with the deciding days.")
]


def clients(
    year: Year = None,
    stichtag: Stichtag = None,
    first: First = None,
    last: Last = None,
    rule: Rule = None,
    answer: AnswerOption = None,
    municipality: Place = None,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Say of every client whether they are in the target group, and by which rule. Ids, no names.

    What is missing or contradictory makes "unknown", which counts neither way.
    Example: drehscheibe funding clients --year 2025 --answer unknown
    """
    from pipelines.funding.target_group import count_verdicts, decide_clients, open_rules

    if answer is not None:
        check_name("answer", answer, ANSWERS)
    with open_hub(config) as hub:
        if municipality is not None:
            check_name("municipality", municipality, hub.config.municipalities)
        asked = _read_question(hub, year, stichtag, first, last)
        found = decide_clients(
            hub, asked, hub.known_at(as_of), open_rules(hub.config, asked.stichtag, rule)
        )
    counts = count_verdicts(found)
    shown = [
        v for v in found if answer in (None, v.answer) and municipality in (None, v.municipality)
    ]
    if json:
        head = {"stichtag": asked.stichtag, "window": _spell_window(asked), "counts": counts}
        print_json({**head, "clients": shown})
        return
    _print_verdicts(asked, counts, shown)


def distribution(
    year: WantedYear,
    budget: Budget = None,
    rate: Rate = None,
    stichtag: Stichtag = None,
    first: First = None,
    last: Last = None,
    rule: WhatIf = None,
    counts: Counts = None,
    with_clients: WithClients = False,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Share the money of a year among the municipalities, as the formula of that year does.

    Key date, window, rate and rounding are those known of the year; what is given here goes before
    them. Each --rule is set beside the district's own.
    Example: drehscheibe funding distribution --year 2025 --budget 1000000.00 --rule nur-erwachsene.yaml
    """
    from pipelines.funding.distribution import distribute, read_counts, set_terms, share_counts

    given: dict[str, Any] = {
        "rate": _read_amount(rate),
        "budget": _read_amount(budget),
        "stichtag": day_of(stichtag),
        "days": _read_days(first, last),
    }
    names: dict[str, str] = {}
    if counts is not None:
        _check_file(counts)
        terms = set_terms(None, year, **given)
        places = _find_places(config)
        names = {ags: place.name for ags, place in places.items()}
        found = [share_counts(terms, read_counts(counts, places))]
    else:
        with open_hub(config) as hub:
            names = {ags: place.name for ags, place in hub.config.municipalities.items()}
            terms, known_at = set_terms(hub, year, **given), hub.known_at(as_of)
            found = [distribute(hub, terms, known_at, name) for name in (None, *(rule or []))]
    if json:
        print_json(_as_answer(terms, found, with_clients=with_clients))
    else:
        _print_distribution(terms, found, names)


def _find_places(config: Path | None) -> Mapping[str, Municipality]:
    """The municipalities of the configuration; none where there is no configuration."""
    from pipelines.config import ConfigError, find_config

    try:
        path = config or find_config(Path.cwd())
    except ConfigError:
        return {}
    with open_hub(path) as hub:
        return hub.config.municipalities


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise Wrong(f"there is no file {path}")


def _read_question(
    hub: Hub,
    year: str | None,
    stichtag: datetime | None,
    first: datetime | None,
    last: datetime | None,
) -> Question:
    from mappings.target_group_verdict import Question
    from pipelines.funding.distribution import set_terms

    day, days = day_of(stichtag), _read_days(first, last)
    if year is not None:
        return set_terms(hub, year, stichtag=day, days=days).question
    if day is None:
        raise Wrong("name the key date with --stichtag, or a year of calculation with --year")
    return Question(day, *(days or ()))


def _read_days(first: datetime | None, last: datetime | None) -> tuple[date, date] | None:
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise Wrong("a window needs both --from and --to")
    if first > last:
        raise Wrong(f"the window ends ({last.date()}) before it begins ({first.date()})")
    return first.date(), last.date()


def _read_amount(text: str | None) -> Decimal | None:
    from pipelines.cli.funding import parse_amount

    return None if text is None else parse_amount(text)


def _spell_window(asked: Question) -> dict[str, date] | None:
    if asked.first is None or asked.last is None:
        return None
    return {"from": asked.first, "to": asked.last}


def _print_verdicts(asked: Question, counts: dict[str, int], shown: list[ClientVerdict]) -> None:
    columns = ["Person", "Gemeinde", "Antwort", "Regel", "Begründung"]
    rows = [
        [
            verdict.person,
            verdict.municipality,
            ANSWERS[verdict.answer],
            verdict.rule,
            "; ".join(reason.sentence for reason in verdict.reasons),
        ]
        for verdict in shown
    ]
    print_table(f"Zielgruppe am {asked.stichtag:%d.%m.%Y}", columns, rows)
    for answer, label in ANSWERS.items():
        typer.echo(f"{label}: {counts[answer]}")


def _as_answer(terms: Terms, found: list[Distribution], *, with_clients: bool) -> dict[str, Any]:
    from dataclasses import fields

    def spell(one: Distribution) -> dict[str, Any]:
        names = (field.name for field in fields(one))
        return {n: getattr(one, n) for n in names if n != "clients" or with_clients}

    year = terms.year
    head = {
        "year": year.year,
        # What the year's source proves is not what was given instead of it.
        "known": None if terms.given else year.known,
        "given": terms.given,
        "formula": year.formula,
        "rate": None if year.rate is None else str(year.rate),
        "unit": str(year.unit),
        "stichtag": year.stichtag,
        "window": year.window and {"from": year.window.first, "to": year.window.last},
        "source": year.source,
    }
    return {**head, **spell(found[0]), "what_if": [spell(one) for one in found[1:]]}


def _print_distribution(terms: Terms, found: list[Distribution], names: Mapping[str, str]) -> None:
    from mappings.distribution import KNOWN_LABELS

    base, *others = found
    year = terms.year
    formula = f"{year.rate} EUR je Person" if year.formula == "rate" else "Anteil am Budget"
    given = ", ".join(GIVEN_LABELS[name] for name in terms.given)
    basis = f"angegeben: {given}" if given else KNOWN_LABELS[year.known]
    title = f"Mittelverteilung {year.year} ({formula}; {basis})"
    columns = ["Gemeinde", "Personen", "EUR"]
    for other in others:
        name = ", ".join(other.rules)
        columns += [f"Personen nach {name}", "EUR", "Unterschied"]
    places = sorted({share.municipality for one in found for share in one.shares})
    rows = [[_label(place, names), *_row(place, base, others)] for place in places]
    print_table(title, columns, rows, right=len(columns) - 1)
    for one in found:
        _print_sums(one)
    instead = f"angegeben: {given}; bekannt ist von {year.year}: " if given else ""
    typer.echo(f"Grundlage: {instead}{year.source}")


def _label(place: str, names: Mapping[str, str]) -> str:
    return f"{place} {names[place]}" if place in names else place


def _row(place: str, base: Distribution, others: list[Distribution]) -> list[Any]:
    own = _share_of(base, place)
    row: list[Any] = [*own]
    for other in others:
        persons, amount = _share_of(other, place)
        row += [persons, amount, f"{Decimal(amount) - Decimal(own[1]):+.2f}"]
    return row


def _share_of(found: Distribution, place: str) -> tuple[int, str]:
    shares = {share.municipality: (share.persons, share.amount) for share in found.shares}
    return shares.get(place, (0, "0.00"))


def _print_sums(found: Distribution) -> None:
    named = f" ({', '.join(found.rules)})" if found.rules else ""
    typer.echo(f"Summe{named}: {found.total} EUR für {found.persons} Personen")
    if found.difference is not None:
        typer.echo(f"Unterschied zum Budget von {found.budget} EUR: {found.difference} EUR")
    if found.rules:
        typer.echo(
            f"nicht gezählt: {found.out} gehören nicht dazu, {found.unknown} unklar, "
            f"{found.without_municipality} in keiner bekannten Gemeinde"
        )
