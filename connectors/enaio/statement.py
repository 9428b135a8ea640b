"""Writes search statements of the DMS service: names are checked, values only ever go beside it as @parameters."""

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
    """All objects of a type that fulfil its conditions (and were changed since), in order of their id.

    ``among``: only those whose first key column has one of these values.
    """
    named = dict.fromkeys([OBJECT_ID, *columns])
    parameters: dict[str, str | list[str]] = {}
    conditions: list[str] = []
    for number, (column, value) in enumerate(kind.only.items(), 1):
        parameter = f"p{number}"
        parameters[parameter] = value if isinstance(value, str) else list(value)
        compared = f"=@{parameter}" if isinstance(value, str) else f" IN (@{parameter})"
        conditions.append(check_identifier(column) + compared)
    if since is not None:
        parameters["since"] = since
        conditions.append(f"{CHANGED_ON}>=@since")
    if among:
        parameters["among"] = list(among)
        conditions.append(f"{check_identifier(kind.key[0])} IN (@among)")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    listed = ", ".join(map(check_identifier, named))
    return Statement(
        f"SELECT {listed} FROM {check_identifier(kind.name)}{where} ORDER BY {OBJECT_ID}",
        parameters,
    )
