"""Turns an answer about a person into plain JSON values, every field under its own name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any


def as_plain(answer: Any) -> Any:
    """Objects for dataclasses and mappings, ISO days, texts and numbers as they are."""
    if isinstance(answer, StrEnum):
        return answer.value
    if isinstance(answer, date):
        return answer.isoformat()
    if is_dataclass(answer):
        return {field.name: as_plain(getattr(answer, field.name)) for field in fields(answer)}
    if isinstance(answer, Mapping):
        return {str(name): as_plain(value) for name, value in answer.items()}
    if isinstance(answer, list | tuple | set | frozenset):
        return [as_plain(value) for value in answer]
    return answer
