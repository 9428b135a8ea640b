"""The page of transports: every way to fetch a source with its keys, as its class declares them."""

from __future__ import annotations

import inspect

from pipelines.config.transport import Transport
from pipelines.config.transports import TRANSPORTS
from pipelines.docs.markdown import code, codes, page, paragraph, table

PAGES = "../connectors"


def page_text() -> str:
    """The page transports.md."""
    return page(
        "Transports",
        paragraph("What `kind` may be under `fetch` in `drehscheibe.yaml`, and which keys it takes."),
        table(("`kind`", "for", "required", "optional", "page"), map(_row, TRANSPORTS.items())),
    )


def page_of(transport: type[Transport]) -> str:
    """The name of the written page, which is that of the module that declares the transport."""
    return transport.__module__.rpartition(".")[2].replace("_", "-") + ".md"


def _row(declared: tuple[str, type[Transport]]) -> tuple[str, ...]:
    kind, transport = declared
    fields = {name: field for name, field in transport.model_fields.items() if name != "kind"}
    required = codes(name for name, field in fields.items() if field.is_required())
    optional = codes(name for name, field in fields.items() if not field.is_required())
    meaning = inspect.cleandoc(transport.__doc__ or "").partition("\n\n")[0].replace("``", "`")
    name = page_of(transport)
    return code(kind), meaning, required, optional, f"[{name}]({PAGES}/{name})"
