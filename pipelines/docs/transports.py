"""The page of transports: every way to fetch a source with its keys, as its class declares them."""

from __future__ import annotations

import inspect

from pipelines.config.transport import Transport
from pipelines.config.transports import TRANSPORTS
from pipelines.docs.markdown import (
    format_code,
    format_codes,
    format_page,
    format_table,
    wrap_paragraph,
)

PAGES = "../connectors"


def page_text() -> str:
    """The page transports.md."""
    return format_page(
        "Transports",
        wrap_paragraph(
            "What `kind` may be under `fetch` in `drehscheibe.yaml`, and which keys it takes."
        ),
        format_table(
            ("`kind`", "for", "required", "optional", "page"), map(_row, TRANSPORTS.items())
        ),
    )


def page_of(transport: type[Transport]) -> str:
    """The name of the written page, which is that of the module that declares the transport."""
    return transport.__module__.rpartition(".")[2].replace("_", "-") + ".md"


def _row(declared: tuple[str, type[Transport]]) -> tuple[str, ...]:
    kind, transport = declared
    fields = {name: field for name, field in transport.model_fields.items() if name != "kind"}
    required = format_codes(name for name, field in fields.items() if field.is_required())
    optional = format_codes(name for name, field in fields.items() if not field.is_required())
    meaning = inspect.cleandoc(transport.__doc__ or "").partition("\n\n")[0].replace("``", "`")
    name = page_of(transport)
    return format_code(kind), meaning, required, optional, f"[{name}]({PAGES}/{name})"
