"""The ways to fetch a source, one module each; a new module in this folder is found by itself."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from pipelines.config.transport import Transport

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

TRANSPORTS: dict[str, type[Transport]] = dict(sorted(Transport.declared.items()))

if TYPE_CHECKING:
    Fetch = Transport
else:
    _ANY = Union[tuple(TRANSPORTS.values())]  # noqa: UP007 - of a list
    Fetch = Annotated[_ANY, Field(discriminator="kind")]
