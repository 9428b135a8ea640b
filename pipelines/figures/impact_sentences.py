"""Says in German what a decision on two records changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from connectors.documents.german_format import number_text
from mappings.code_lists import load_code_list
from pipelines.figures.pair_impact import PairImpact, ReleaseChange
from pipelines.hub import Hub
from warehouse.marts.merge_impact import GroupChange, MoneyChange, UnitChange

_NOTHING = "Keine Zahl, keine Einwilligung und keine Übermittlung ändert sich."


def describe_impact(hub: Hub, impact: PairImpact) -> list[str]:
    """One sentence for each thing that changes, the gravest first; no names of persons."""
    return list(_list_sentences(hub, impact)) or [_NOTHING]


def _list_sentences(hub: Hub, impact: PairImpact) -> Iterator[str]:
    for source in impact.doubled:
        yield (
            f"Ein Mensch hätte dann mehrere Datensätze von {source}; was sie bisher mit anderen "
            "verknüpft, kann sich dadurch lösen. Genau sagt es: drehscheibe identity decide … "
            "--dry-run."
        )
    for change in impact.releases:
        yield _describe_release(hub, change)
    if impact.consents and not impact.releases:
        yield (
            "Beide Seiten haben sich zur Weitergabe erklärt: Was die eine versagt, gilt für beide; "
            "zurzeit ändert sich dadurch nichts."
        )
    for form in impact.transfers:
        recipient = _name_recipient(hub, form.recipient)
        yield f"Schon übermittelt an {recipient}: {form.record} am {form.sent_on:%d.%m.%Y}."
    if impact.submissions:
        names = ", ".join(impact.submissions)
        yield f"Schon abgegebene Zahlen wären andere: {names}; was, sagt: submit correct."
    if impact.target_group:
        yield _describe_group(hub, impact.target_group, impact.money or ())
    if impact.persons:
        yield f"Menschen insgesamt: {_sign(impact.persons)}."
    if impact.clients or impact.reached or impact.units:
        yield _describe_figures(hub, impact)


def _describe_release(hub: Hub, change: ReleaseChange) -> str:
    recipient = _name_recipient(hub, change.recipient)
    before = _name_groups(change.before) or "nichts"
    return f"{change.record}: An {recipient} geht {_say_left(change)} (bisher: {before})."


def _say_left(change: ReleaseChange) -> str:
    """What the recipient gets from now on."""
    left = _name_groups(change.after)
    if not left:
        return "nichts mehr"
    return f"nur noch {left}" if set(change.after) < set(change.before) else f"künftig {left}"


def _name_groups(groups: Sequence[str]) -> str:
    labels = load_code_list("data_group").labels
    return ", ".join(str(labels.get(group, group)) for group in groups)


def _name_recipient(hub: Hub, key: str) -> str:
    settings = hub.config.recipients.get(key)
    return settings.name if settings else key


def _describe_group(hub: Hub, changes: Sequence[GroupChange], money: Sequence[MoneyChange]) -> str:
    text = f"Zielgruppe der Förderung: {_list_persons(hub, changes)}."
    return f"{text} Anteile: {_list_shares(hub, money)}." if money else text


def _list_persons(hub: Hub, changes: Sequence[GroupChange]) -> str:
    places = (f"{_name_place(hub, one.municipality)} {_sign(one.persons)}" for one in changes)
    return ", ".join(places)


def _list_shares(hub: Hub, money: Sequence[MoneyChange]) -> str:
    shares = (f"{_name_place(hub, m.municipality)} {_write_amount(m.amount)}" for m in money)
    return "; ".join(shares)


def _describe_figures(hub: Hub, impact: PairImpact) -> str:
    parts = list(_describe_counts("Kreis", impact.clients, impact.reached))
    for unit in impact.units:
        parts += _describe_counts(_name_unit(hub, unit), unit.clients, unit.reached)
    return f"Kennzahlen: {'; '.join(parts)}."


def _describe_counts(name: str, clients: int, reached: int) -> Iterator[str]:
    if clients:
        yield f"{name} {_sign(clients)} Klientinnen und Klienten"
    if reached:
        yield f"{name} {_sign(reached)} erreichte Personen"


def _name_unit(hub: Hub, change: UnitChange) -> str:
    ((kind, value),) = change.unit.items()
    carriers = {key: carrier.name for key, carrier in hub.config.carriers.items()}
    names: Mapping[str, Mapping[str, str]] = {
        "municipality": hub.municipalities.labels,
        "carrier": carriers,
    }
    return names.get(kind, {}).get(value, value)


def _name_place(hub: Hub, ags: str | None) -> str:
    return "Gemeinde nicht bekannt" if ags is None else hub.municipalities.labels.get(ags, ags)


def _sign(number: int) -> str:
    return f"{number:+d}".replace("-", "−")


def _write_amount(text: str) -> str:
    amount = Decimal(text)
    return f"{'−' if amount < 0 else '+'}{number_text(abs(amount), 2)} €"
