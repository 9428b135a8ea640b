"""The page of the data dictionary: every table and column of the warehouse with its meaning."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, Numeric, String, Table
from sqlalchemy.types import TypeEngine

from mappings import code_lists
from pipelines.docs.markdown import format_code, format_page, format_table, wrap_paragraph
from warehouse.schema import ENTITIES, Entity, metadata
from warehouse.schema.columns import HISTORY_NAMES

PROTECTION = {
    "identifying": "bestimmt die Person unmittelbar",
    "personal": "personenbezogen",
    "special": (
        "besonders schutzwürdig (kann auf Gesundheit und Ähnliches schließen lassen) oder "
        "ungeprüfter Wert der Quelle"
    ),
    "none": "für sich allein ohne Personenbezug",
}
_TYPES = {
    Boolean: "ja/nein",
    DateTime: "Zeitpunkt",
    Date: "Datum",
    Integer: "ganze Zahl",
    Float: "Gleitkommazahl",
}
_HEAD = (
    "Spalte",
    "Bezeichnung",
    "Bedeutung",
    "Typ",
    "Pflicht",
    "Schlüsselliste",
    "Schutz",
    "Datengruppe",
)


def page_text() -> str:
    """The page dictionary.md."""
    entity_tables = {e.table.name for e in ENTITIES.values()}
    others = [t for name, t in sorted(metadata.tables.items()) if name not in entity_tables]
    first = next(iter(ENTITIES.values()))
    history = [column for column in first.table.columns if column.name in HISTORY_NAMES]
    classes = [(format_code(name), meaning) for name, meaning in PROTECTION.items()]
    return format_page(
        "Datenverzeichnis",
        wrap_paragraph(
            "Alle Tabellen des Datenbestands. „Datengruppe“ nennt die Gruppe, in die eine Person "
            "einwilligen kann; Spalten ohne Datengruppe verlassen den Datenbestand nie in "
            "Richtung eines Empfängers, der eine Einwilligung braucht."
        ),
        "## Schutzklassen\n\n" + format_table(("Klasse", "Bedeutung"), classes),
        "## Fachliche Tabellen",
        wrap_paragraph(
            "„Vorgang“ ist, was die Bilanz zählt: eine Änderung in einer Tabelle zählt als "
            "Änderung ihres Vorgangs. Jede fachliche Tabelle hat außer den gezeigten Spalten die "
            "Spalten der Historie."
        ),
        *(_entity_section(e) for e in ENTITIES.values()),
        "### Spalten der Historie (in jeder fachlichen Tabelle)",
        format_table(_HEAD, map(_column_row, history)),
        "## Verzeichnisse und eigene Aufzeichnungen",
        *(_table_section(t) for t in others),
    )


def type_name(type_: TypeEngine[Any]) -> str:
    """A column's type in a German word."""
    if isinstance(type_, String):
        return f"Text ({type_.length})" if type_.length else "Text"
    if isinstance(type_, Numeric):
        return f"Dezimalzahl ({type_.precision},{type_.scale})"
    for kind, name in _TYPES.items():
        if isinstance(type_, kind):
            return name
    # Not StopIteration: it would end the table here without a word.
    raise TypeError(f"there is no German word for the type {type_}")


def _entity_section(entity: Entity) -> str:
    table = entity.table
    own = [column for column in table.columns if column.name not in HISTORY_NAMES]
    stored = "" if table.name == entity.name else f", Tabelle {format_code(table.name)}"
    names = f"Name in Zuordnungen: {format_code(entity.name)}{stored}"
    about = f"{names}; Vorgang: {format_code(entity.record)}."
    columns = format_table(_HEAD, map(_column_row, own))
    return f"### {table.info['label']}\n\n{about}\n\n{columns}"


def _table_section(table: Table) -> str:
    columns = format_table(_HEAD, map(_column_row, table.columns))
    return f"### {table.info['label']} ({format_code(table.name)})\n\n{columns}"


def _column_row(column: Column[Any]) -> tuple[str, ...]:
    info = column.info
    groups = code_lists.load_code_list("data_group").labels
    return (
        format_code(column.name),
        info["label"],
        info["meaning"],
        type_name(column.type),
        "" if column.nullable else "ja",
        format_code(info["codes"]) if info["codes"] else "",
        format_code(info["protection"]),
        groups[info["group"]] if info["group"] else "",
    )
