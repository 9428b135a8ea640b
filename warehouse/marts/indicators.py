"""All indicators by name, collected from the modules of this package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from warehouse import marts
from warehouse.marts.declaration import Indicator


def _declared_indicators() -> Iterator[Indicator]:
    for module in iter_modules(marts.__path__, f"{marts.__name__}."):
        if module.name != __name__:
            found = vars(import_module(module.name)).values()
            yield from (value for value in found if isinstance(value, Indicator))


def _by_name() -> dict[str, Indicator]:
    named: dict[str, Indicator] = {}
    for declared in _declared_indicators():
        if named.setdefault(declared.name, declared) is not declared:
            raise TypeError(f"two indicators have the name {declared.name}")
    return named


_ALL = _by_name()
INDICATORS = {name: found for name, found in _ALL.items() if found.in_catalogue}
EVERY_INDICATOR = _ALL
# Used by the report alone: the state does not ask for them.
FOR_THE_REPORT = {name: found for name, found in _ALL.items() if not found.in_catalogue}
