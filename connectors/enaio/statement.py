"""Writes search statements of the DMS service.

Names are checked, and values are only passed as @parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.enaio.objects import OBJECT_ID
from connectors.enaio.settings import ObjectType, check_identifier

CHANGED_ON = "system:lastModificationDate"


@dataclass(frozen=True)
class Statement:
    """A statement and the values of its parameters."""

    text: str
    parameters: dict[str, str | list[str]] = field(repr=False)


def build_statement(
    kind: ObjectType, columns: Sequence[str], since: str | None = None, among: Sequence[str] = ()
) -> Statement:
    """Selects the objects of a type that meet its conditions, in order of their id.

    ``since`` keeps only objects changed from then on, ``among`` only those whose first key column
    has one of these values.
    """
    conditions, parameters = _fixed_conditions(kind)
    if since is not None:
        parameters["since"] = since
        conditions.append(f"{CHANGED_ON}>=@since")
    if among:
        parameters["among"] = list(among)
        conditions.append(f"{check_identifier(kind.key[0])} IN (@among)")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    selected = ", ".join(map(check_identifier, dict.fromkeys([OBJECT_ID, *columns])))
    source = check_identifier(kind.name)
    return Statement(f"SELECT {selected} FROM {source}{where} ORDER BY {OBJECT_ID}", parameters)


def _fixed_conditions(kind: ObjectType) -> tuple[list[str], dict[str, str | list[str]]]:
    """The conditions of an object type (``only``) and their parameters p1, p2 …"""
    conditions: list[str] = []
    parameters: dict[str, str | list[str]] = {}
    for number, (column, value) in enumerate(kind.only.items(), 1):
        name = f"p{number}"
        if isinstance(value, str):
            parameters[name], compared = value, f"=@{name}"
        else:
            parameters[name], compared = list(value), f" IN (@{name})"
        conditions.append(check_identifier(column) + compared)
    return conditions, parameters
