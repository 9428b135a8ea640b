"""The register of indicators: name → function. Their order, labels and what is proven about them stand in the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select

from warehouse.marts import clients, conversations, plans
from warehouse.marts.scope import Scope

Indicator = Callable[[Scope], Select[Any]]

INDICATORS: dict[str, Indicator] = {
    f.__name__: f
    for f in (
        conversations.conversations,
        conversations.conversations_by_setting,
        conversations.conversations_by_kind,
        conversations.topics,
        conversations.referrals,
        plans.plans_concluded,
        plans.goals_reached,
        conversations.persons_reached,
        conversations.records_reached,
        clients.clients,
        clients.client_records,
        clients.clients_by_sex,
        clients.clients_by_nationality,
        clients.clients_by_housing,
        clients.clients_by_residence_status,
    )
}
# Only for the report: the state does not ask for them.
FOR_THE_REPORT: dict[str, Indicator] = {f.__name__: f for f in (conversations.conversations_per_month, plans.clients_with_plan)}


def definition(indicator: Indicator) -> tuple[str, str]:
    """The official definition and its source, from the docstring."""
    text = " ".join((indicator.__doc__ or "").split())
    meaning, _, source = text.partition(" Quelle: ")
    return meaning, source.rstrip(".")
