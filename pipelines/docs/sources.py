"""The page of sources: the tables and columns that each mapping reads, and their fields."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mappings import code_lists, source_mapping
from mappings.compile import Compiler
from mappings.engine.plan import EntityPlan, FieldPlan, TablePlan
from mappings.source_mapping import SourceMapping
from mappings.source_yaml import EachPart, EntityPart, FieldPart, TablePart
from pipelines.docs import coverage
from pipelines.docs.markdown import (
    format_code,
    format_codes,
    format_item,
    format_page,
    format_table,
    wrap_paragraph,
)
from warehouse.schema import ENTITIES

_READ_AS = {
    "text": "Text",
    "date": "Datum",
    "code": "Schlüssel",
    "flag": "ja/nein",
    "minutes": "Dauer in Minuten",
    "number": "Zahl",
    "unreadable": "wahr, wenn etwas anderes als ein Datum dasteht",
    "official_number": "amtliche Nummer",
    "purpose": "Zweck",
}
_HEAD = ("Spalte", "wird zu", "gelesen als", "Besonderes")
Row = tuple[str, str, str, str]


def page_text() -> str:
    """The page sources.md."""
    mappings = [source_mapping.load_mapping(name) for name in source_mapping.list_mappings()]
    return format_page(
        "Quellen und ihre Zuordnung",
        wrap_paragraph(
            "Was die mitgelieferten Zuordnungen lesen. Spaltennamen und Aufbau sind Annahmen, "
            "weil kein Hersteller sie veröffentlicht; ein Landkreis passt sie in einer eigenen "
            "Datei an, die mit `extends:` auf einer von diesen aufbaut."
        ),
        *(part for m in mappings for part in _source_section(m)),
        "## Welche Felder welche Quelle liefert",
        *coverage.build_coverage(mappings),
    )


def _source_section(mapping: SourceMapping) -> Iterator[str]:
    file, dialect = mapping.file, mapping.file.dialect
    yield f"## {file.system} ({format_code(mapping.name)})"
    yield f"*{file.about}.*"
    said = [f"Kodierung {format_code(dialect.encoding)}"] if dialect.encoding else []
    said += [f"Trennzeichen {format_code(dialect.delimiter)}"] if dialect.delimiter else []
    said += ["Tageszahlen von Excel gelten als Datum"] if file.serial_dates else []
    if said:
        yield f"{', '.join(said)}."
    # The list of municipalities does not change how a column is read.
    compiler = Compiler(mapping, code_lists.list_municipalities({}), date.min)
    for name, part in file.tables.items():
        yield from _table_section(name, part, compiler.compile_table(name, {}))


def _table_section(name: str, part: TablePart, plan: TablePlan) -> Iterator[str]:
    where = f", Blatt oder Objekttyp {format_codes(part.tables)}" if part.tables else ""
    missing = "; die Tabelle darf in einer Lieferung fehlen" if part.optional else ""
    yield f"### {name}"
    yield f"Dateien {format_codes(part.files)}{where}; Schlüssel {format_codes(part.key)}{missing}."
    if part.ends:
        yield (
            "In einer Lieferung von Änderungen endet, was hier genannt ist, "
            f"mit allem, was dazugehört: {format_codes(part.ends)}."
        )
    if part.keeps:
        yield (
            "Was hier genannt ist, endet nicht, auch wenn eine andere Tabelle es beendet: "
            f"{format_codes(part.keeps)}."
        )
    rows: list[Row] = [(_show_column(c, part), "Schlüssel der Zeile", "Text", "") for c in part.key]
    for entity in plan.entities:
        rows += _entity_rows(entity, part.feeds[entity.entity], part)
    rows += [(format_code(c), "nicht übernommen", "", "") for c in part.ignore]
    yield format_table(_HEAD, rows)
    remarks = [r for e in plan.entities for r in _entity_remarks(e, part.feeds[e.entity])]
    if remarks:
        yield "\n".join(map(format_item, remarks))


def _entity_rows(plan: EntityPlan, part: EntityPart, table_part: TablePart) -> Iterator[Row]:
    for field in plan.fields:
        spec = part.fields[field.name]
        target = format_code(f"{plan.entity}.{field.name}")
        if spec.column is None:
            yield _show_origin(spec), target, "", ""
        else:
            column, read = _show_column(spec.column, table_part), _read_as(field, plan.entity, spec)
            yield column, target, read, _special_rules(field, spec, table_part)
    if part.each and plan.each:
        names = [p.name for p in plan.each.parts] or [plan.each.field]
        target = format_codes(f"{plan.entity}.{n}" for n in names)
        yield from _each_rows(part.each, target, _list_of(plan.entity, plan.each.field), table_part)


def _show_origin(spec: FieldPart) -> str:
    if spec.preamble:
        return f"Vorspann {format_code(spec.preamble)}"
    if spec.sheet:
        return "Name des Blatts"
    return f"fest {format_code(str(spec.constant))}"


def _each_rows(each: EachPart, target: str, listed: str | None, part: TablePart) -> Iterator[Row]:
    read = f"Schlüssel aus {format_code(listed)}" if listed else "Text"
    for column, value in each.columns.items():
        yield _show_column(column, part), target, "ja/nein", f"ja: {format_code(value)}"
    for column in each.column:
        special = "; ".join([*_each_rules(each), *_optional_note(column, part)])
        yield _show_column(column, part), target, "Text" if each.pattern else read, special


def _each_rules(each: EachPart) -> Iterator[str]:
    if each.within:
        yield f"Schlüssel hinter {format_codes(each.within)}"
    if each.split:
        yield f"mehrere Werte, getrennt durch {format_codes(map(_show_separator, each.split))}"
    if each.pattern:
        yield f"zerlegt nach {format_code(each.pattern)}"
    if each.values:
        yield _show_values(each.values)


def _read_as(field: FieldPlan, entity: str, spec: FieldPart) -> str:
    assert field.reading is not None
    word = _READ_AS[field.reading.kind]
    listed = spec.codes or _list_of(entity, field.name)
    return f"{word} aus {format_code(listed)}" if field.reading.kind == "code" and listed else word


def _special_rules(field: FieldPlan, spec: FieldPart, part: TablePart) -> str:
    assert spec.column is not None
    said = ["ohne lesbaren Wert wird die Zeile abgewiesen"] if field.required else []
    said += ["kein Tag nach der Lieferung"] if spec.past else []
    said += [_show_values({k: str(v) for k, v in spec.values.items()})] if spec.values else []
    said += [f"leer heißt {'ja' if spec.empty else 'nein'}"] if isinstance(spec.empty, bool) else []
    said += [
        f"nur wo {format_code(c)} {' oder '.join(map(format_code, v))} ist"
        for c, v in spec.only_if.items()
    ]
    return "; ".join([*said, *_optional_note(spec.column, part)])


def _entity_remarks(plan: EntityPlan, part: EntityPart) -> Iterator[str]:
    if part.key:
        yield f"{format_code(plan.entity)} hat den Schlüssel aus {format_codes(part.key)}."
    if part.when:
        either = "" if len(part.when) == 1 else "eine der Spalten "
        filled = f"{either}{format_codes(part.when)} etwas enthält"
        yield f"{format_code(plan.entity)} entsteht nur, wo {filled}."
    if part.several_rows:
        yield (
            f"{format_code(plan.entity)} darf in mehreren Zeilen mit demselben Schlüssel stehen; "
            "es gilt die erste."
        )


def _optional_note(column: str, part: TablePart) -> list[str]:
    return ["Spalte darf fehlen"] if column in part.optional_columns else []


def _show_column(column: str, part: TablePart) -> str:
    also = part.also.get(column)
    return f"{format_code(column)} (auch {format_codes(also)})" if also else format_code(column)


def _show_values(values: dict[str, str]) -> str:
    return ", ".join(f"{format_code(k)} → {format_code(v)}" for k, v in values.items())


def _show_separator(separator: str) -> str:
    return separator if separator.strip() or separator == "\n" else f"{separator!r}"


def _list_of(entity: str, field: str) -> str | None:
    """The code list of a field, if it has one."""
    name: str | None = ENTITIES[entity].table.columns[field].info["codes"]
    return name
