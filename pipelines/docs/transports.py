"""The page of transports: every way to fetch a source, with the keys that its class declares."""

from __future__ import annotations

import inspect

from pipelines.config.transport import Transport
from pipelines.config.transports import TRANSPORTS
from pipelines.docs.markdown import (
    format_code,
    format_codes,
    format_page,
    format_table,
    page_name,
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
    return page_name(transport.__module__)


def _row(declared: tuple[str, type[Transport]]) -> tuple[str, ...]:
    kind, transport = declared
    required, optional = _split_keys(transport)
    meaning = inspect.cleandoc(transport.__doc__ or "").partition("\n\n")[0].replace("``", "`")
    name = page_of(transport)
    link = f"[{name}]({PAGES}/{name})"
    return format_code(kind), meaning, format_codes(required), format_codes(optional), link


def _split_keys(transport: type[Transport]) -> tuple[list[str], list[str]]:
    """The keys of a transport that must be given, and those that may."""
    fields = transport.model_fields
    keys = [name for name in fields if name != "kind"]
    required = [name for name in keys if fields[name].is_required()]
    return required, [name for name in keys if name not in required]
