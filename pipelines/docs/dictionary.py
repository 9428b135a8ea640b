"""The data dictionary: every table and column of the warehouse with label, meaning, type, code list, protection class and data group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, Numeric, String, Table
from sqlalchemy.types import TypeEngine

from mappings import code_lists
from pipelines.docs.markdown import format_code, format_page, format_table, wrap_paragraph
from warehouse.schema import ENTITIES, Entity, metadata
from warehouse.schema.columns import HISTORY_NAMES

PROTECTION = {
    "identifying": "bestimmt die Person unmittelbar",
    "personal": "personenbezogen",
    "special": "besonders schutzwürdig (kann auf Gesundheit und Ähnliches schließen lassen) oder ungeprüfter Wert der Quelle",
    "none": "für sich allein ohne Personenbezug",
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
    return format_page(
        "Datenverzeichnis",
        wrap_paragraph(
            "Alle Tabellen des Datenbestands. „Datengruppe“ nennt die Gruppe, in die eine Person einwilligen kann; Spalten ohne "
            "Datengruppe verlassen den Datenbestand nie in Richtung eines Empfängers, der eine Einwilligung braucht."
        ),
        "## Schutzklassen\n\n"
        + format_table(
            ("Klasse", "Bedeutung"), [(format_code(k), v) for k, v in PROTECTION.items()]
        ),
        "## Fachliche Tabellen",
        wrap_paragraph(
            "„Vorgang“ ist, was die Bilanz zählt: eine Änderung in einer Tabelle zählt als Änderung ihres Vorgangs. Jede fachliche "
            "Tabelle hat außer den gezeigten Spalten die Spalten der Historie."
        ),
        *(_entity_section(e) for e in ENTITIES.values()),
        "### Spalten der Historie (in jeder fachlichen Tabelle)",
        format_table(
            _HEAD,
            _column_rows(
                c for c in next(iter(ENTITIES.values())).table.columns if c.name in HISTORY_NAMES
            ),
        ),
        "## Verzeichnisse und eigene Aufzeichnungen",
        *(_table_section(t) for t in others),
    )


def type_name(type_: TypeEngine[Any]) -> str:
    """A column's type in a German word."""
    if isinstance(type_, String):
        return f"Text ({type_.length})" if type_.length else "Text"
    if isinstance(type_, Numeric):
        return f"Dezimalzahl ({type_.precision},{type_.scale})"
    kinds = {Boolean: "ja/nein", DateTime: "Zeitpunkt", Date: "Datum", Integer: "ganze Zahl"}
    return next(name for kind, name in kinds.items() if isinstance(type_, kind))


def _entity_section(entity: Entity) -> str:
    own = [c for c in entity.table.columns if c.name not in HISTORY_NAMES]
    stored = (
        "" if entity.table.name == entity.name else f", Tabelle {format_code(entity.table.name)}"
    )
    kept = f"Name in Zuordnungen: {format_code(entity.name)}{stored}; Vorgang: {format_code(entity.record)}."
    return f"### {entity.table.info['label']}\n\n{kept}\n\n{format_table(_HEAD, _column_rows(own))}"


def _table_section(source: Table) -> str:
    return f"### {source.info['label']} ({format_code(source.name)})\n\n{format_table(_HEAD, _column_rows(source.columns))}"


def _column_rows(columns: Iterable[Column[Any]]) -> Iterable[tuple[str, ...]]:
    for c in columns:
        info = c.info
        yield (
            format_code(c.name),
            info["label"],
            info["meaning"],
            type_name(c.type),
            "" if c.nullable else "ja",
            format_code(info["codes"]) if info["codes"] else "",
            format_code(info["protection"]),
            code_lists.load_code_list("data_group").labels[info["group"]] if info["group"] else "",
        )
