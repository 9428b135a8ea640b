"""Turns a typed answer into the JSON of the interface, including the names of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any

# Fields with another name in the JSON; None: left out.
NAMES: Mapping[str, str | None] = {
    "delivered_on": "date",
    "delivery_date": "delivered_on",
    "delivery_id": "delivery",
    "first": "from",
    "last": "to",
}
# Fields that the interface leaves out where they are None.
OPTIONAL = {"unit", "sign"}


def to_json(answer: Any) -> Any:
    """The answer as json.dumps takes it: dataclasses as objects in the order of their fields."""
    if answer is None or type(answer) in (str, int, bool):
        return answer
    if is_dataclass(answer):
        return _fields_to_json(answer)
    if isinstance(answer, Mapping):
        return {to_json(key): to_json(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [to_json(value) for value in answer]
    if isinstance(answer, StrEnum):
        return answer.value
    return answer.isoformat() if isinstance(answer, date) else answer


def _fields_to_json(answer: Any) -> dict[str, Any]:
    found = {}
    for field in fields(answer):
        name = NAMES.get(field.name, field.name)
        value = getattr(answer, field.name)
        if name is not None and (value is not None or name not in OPTIONAL):
            found[name] = to_json(value)
    return found
