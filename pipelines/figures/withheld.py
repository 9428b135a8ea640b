"""Tells which indicators an account cannot have, because they read what identifies persons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.errors import NoRight
from warehouse.marts.indicators import EVERY_INDICATOR
from warehouse.schema.readable import list_unreadable

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mappings.catalogue import Catalogue


@dataclass(frozen=True)
class Withheld:
    """An indicator without figures: the account may not read these columns, as table.column."""

    indicator: str
    columns: Sequence[str]


def list_withheld(connection: Connection, indicators: Iterable[str]) -> Iterator[Withheld]:
    """The indicators that the account of the connection cannot have."""
    for name in indicators:
        if columns := list_unreadable(connection, EVERY_INDICATOR[name].identifying):
            yield Withheld(name, columns)


def leave_out(catalogue: Catalogue, withheld: Sequence[Withheld]) -> Catalogue:
    """The catalogue without the indicators that the account cannot have."""
    names = {one.indicator for one in withheld}
    groups = [
        group.model_copy(
            update={"indicators": [i for i in group.indicators if i.indicator not in names]}
        )
        for group in catalogue.groups
    ]
    return catalogue.model_copy(update={"groups": groups})


def require_readable(connection: Connection, indicator: str) -> None:
    """Raises NoRight, naming the columns, where the account cannot have the indicator."""
    for one in list_withheld(connection, [indicator]):
        raise NoRight(
            f"{indicator} is counted from {', '.join(one.columns)}, which this database account "
            "may not read; use an account that may, see docs/district-server.md"
        )
