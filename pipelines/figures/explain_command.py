"""Writes commands that show what is behind a figure, as they are typed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from warehouse.schema import counselling_case

if TYPE_CHECKING:
    from warehouse.marts.declaration import Indicator
    from warehouse.marts.scope import Scope


def write_command(
    scope: Scope,
    indicator: Indicator,
    category: str | None = None,
    unit: Mapping[str, str] | None = None,
) -> str:
    """The command that lists every row behind a figure of the scope, as it was counted.

    ``unit``: of one unit of the scope's kind; None: of all of them.
    """
    words = ["explain", indicator.name]
    words += ["--category", category] if category else []
    words += ["--by", scope.by] if scope.by else []
    words += ["--unit", unit[scope.by]] if scope.by and unit else []
    return join_words(*words, *_name_days(scope, indicator))


def join_words(*words: str) -> str:
    """A command of the hub as it is typed."""
    return " ".join(map(_quote, ["drehscheibe", *words]))


def _name_days(scope: Scope, indicator: Indicator) -> Iterator[str]:
    if indicator.records is counselling_case:
        # What stands open is counted on a day, in a running period on that of the report.
        yield from ("--to", str(scope.counted_on))
    else:
        yield from ("--from", str(scope.first), "--to", str(scope.last))
    yield from ("--as-of", str(scope.known_at.moment))


def _quote(word: str) -> str:
    return word if re.fullmatch(r"[\w.-]+", word) else shlex.quote(word)
