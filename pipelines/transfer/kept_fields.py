"""Tells which fields a source's system keeps at all, by its mapping: an empty one was not recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mappings.problems import YamlProblems
from mappings.source_yaml import EachPart, EntityPart, SourceFile
from pipelines.hub import Hub
from warehouse.schema import ENTITIES

# An entity and its field.
Field = tuple[str, str]
_NAMED_PART = re.compile(r"\(\?P<(\w+)>")


def list_kept_fields(hub: Hub, source: str) -> frozenset[Field] | None:
    """The fields that the source's mapping fills; None where nobody can tell."""
    if source not in hub.config.sources:
        return None
    try:
        return frozenset(list_fields(hub.read_mapping(source).file))
    except YamlProblems:
        return None


def list_fields(file: SourceFile) -> Iterator[Field]:
    """The fields that a mapping fills."""
    for table in file.tables.values():
        for entity, part in table.feeds.items():
            for name in _list_filled(entity, part):
                yield entity, name


def _list_filled(entity: str, part: EntityPart) -> Iterator[str]:
    yield from part.fields
    if part.each is not None:
        yield from _list_each(entity, part.each)


def _list_each(entity: str, part: EachPart) -> Iterator[str]:
    """A pattern names the fields that it cuts a value into; else the value is what distinguishes."""
    named = _NAMED_PART.findall(part.pattern or "")
    yield from named or ENTITIES[entity].each
