"""The limits of the readers as a part of the configuration, with their names and defaults."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any

from pydantic import Field, create_model

from connectors.tables import limits
from pipelines.config.part import Part

_BOUNDS: dict[str, Any] = {
    f.name: (Annotated[int, Field(gt=0)], f.default) for f in fields(limits.Limits)
}

ReaderLimits = create_model(
    "ReaderLimits",
    __base__=Part,
    __doc__="How large a delivered file may be; see connectors.tables.limits.",
    **_BOUNDS,
)
