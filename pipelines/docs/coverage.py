"""The table of which fields of the common schema each source fills, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mappings.source_mapping import SourceMapping
from mappings.source_yaml import EntityPart
from pipelines.docs.markdown import format_code, format_table, wrap_paragraph
from warehouse.schema import ENTITIES
from warehouse.schema.columns import HISTORY_NAMES

MAPPED, CONSTANT, PREAMBLE, KEY, NOTHING = "ja", "fest", "Vorspann", "Schlüssel", "–"


def build_coverage(mappings: Sequence[SourceMapping]) -> Iterator[str]:
    """The table with its legend."""
    yield wrap_paragraph(
        f"„{MAPPED}“: aus einer Spalte; „{CONSTANT}“: derselbe Wert für alle; „{PREAMBLE}“: steht "
        f"über der Tabelle; „{KEY}“: Schlüssel der Zeile; „{NOTHING}“: erfasst die Quelle nicht. "
        "„Nicht erfasst“ ist etwas anderes als „ohne Angabe“ und als „nein“."
    )
    head = ["Feld", "Bezeichnung", *(format_code(m.name) for m in mappings)]
    yield format_table(head, _field_rows(mappings))


def _field_rows(mappings: Sequence[SourceMapping]) -> Iterator[list[str]]:
    for entity, kind in ENTITIES.items():
        for column in kind.table.columns:
            if column.name not in HISTORY_NAMES:
                origins = [describe_origin(m, entity, column.name) for m in mappings]
                yield [format_code(f"{entity}.{column.name}"), column.info["label"], *origins]


def describe_origin(mapping: SourceMapping, entity: str, field: str) -> str:
    """How a source fills a field; the first table that does decides."""
    for part in mapping.file.tables.values():
        if entity in part.feeds:
            origin = _part_origin(part.feeds[entity], entity, field)
            if origin != NOTHING:
                return origin
    return NOTHING


def _part_origin(part: EntityPart, entity: str, field: str) -> str:
    kind, each = ENTITIES[entity], part.each
    if spec := part.fields.get(field):
        if spec.column:
            return MAPPED
        return PREAMBLE if spec.preamble or spec.sheet else CONSTANT
    if each and (field in kind.each or f"?P<{field}>" in (each.pattern or "")):
        return MAPPED
    return KEY if field == kind.owner else NOTHING
