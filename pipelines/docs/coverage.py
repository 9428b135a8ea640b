"""Which field of the common schema each source fills: mapped, constant, from the preamble, or not recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mappings.source_mapping import SourceMapping
from mappings.source_yaml import EntityPart
from pipelines.docs.markdown import format_code, format_table, wrap_paragraph
from warehouse.schema import ENTITIES
from warehouse.schema.columns import HISTORY_NAMES

MAPPED, CONSTANT, PREAMBLE, KEY, NOTHING = "ja", "fest", "Vorspann", "Schlüssel", "–"


def build_coverage(mappings: Sequence[SourceMapping]) -> Iterator[str]:
    """The matrix with its legend."""
    yield wrap_paragraph(
        f"„{MAPPED}“: aus einer Spalte; „{CONSTANT}“: derselbe Wert für alle; „{PREAMBLE}“: steht über der Tabelle; „{KEY}“: Schlüssel der "
        f"Zeile; „{NOTHING}“: erfasst die Quelle nicht. „Nicht erfasst“ ist etwas anderes als „ohne Angabe“ und als „nein“."
    )
    head = ["Feld", "Bezeichnung", *(format_code(m.name) for m in mappings)]
    rows = [
        [
            format_code(f"{entity}.{c.name}"),
            c.info["label"],
            *(describe_origin(m, entity, c.name) for m in mappings),
        ]
        for entity, kind in ENTITIES.items()
        for c in kind.table.columns
        if c.name not in HISTORY_NAMES
    ]
    yield format_table(head, rows)


def describe_origin(mapping: SourceMapping, entity: str, field: str) -> str:
    """How a source fills a field; the first table that does decides."""
    fed = [part.feeds[entity] for part in mapping.file.tables.values() if entity in part.feeds]
    return next(
        (word for part in fed if (word := _part_origin(part, entity, field)) != NOTHING), NOTHING
    )


def code_list(entity: str, field: str) -> str | None:
    """The code list of a field, if it has one."""
    name: str | None = ENTITIES[entity].table.columns[field].info["codes"]
    return name


def _part_origin(part: EntityPart, entity: str, field: str) -> str:
    kind = ENTITIES[entity]
    if spec := part.fields.get(field):
        return MAPPED if spec.column else PREAMBLE if spec.preamble else CONSTANT
    if part.each and (field in kind.each or f"?P<{field}>" in (part.each.pattern or "")):
        return MAPPED
    return KEY if field == kind.owner else NOTHING
