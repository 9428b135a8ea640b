"""Declares columns of the common schema: label, meaning, protection, data group, code list."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table
from sqlalchemy.types import TypeEngine

Protection = Literal["identifying", "personal", "special", "none"]

# Explicit names let a migration find and change a constraint on every engine.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def declare_field(
    name: str,
    type_: TypeEngine[Any] | type[TypeEngine[Any]],
    label: str,
    meaning: str,
    protection: Protection,
    *,
    group: str | None = None,
    codes: str | None = None,
    read_as: str | None = None,
    nullable: bool = True,
    primary_key: bool = False,
) -> Column[Any]:
    """Declares a column with its entry in the data dictionary.

    ``label`` and ``meaning`` are German. ``group``: the data group a person consents to; a column
    without one is never handed to a recipient that needs consent. ``codes``: the code list in
    ``mappings/codes``. ``read_as``: how a cell is read where its type does not say it. A column of the primary key is never null.
    """
    return Column(
        name,
        type_,
        nullable=nullable and not primary_key,
        primary_key=primary_key,
        autoincrement=False,
        info={
            "label": label,
            "meaning": meaning,
            "protection": protection,
            "group": group,
            "codes": codes,
            "read_as": read_as,
        },
    )


# How many characters the key of a record may have.
KEY_LENGTH = 400


def declare_key(name: str, label: str, meaning: str) -> Column[Any]:
    """Declares the column of a key that the source gave to a record."""
    return declare_field(name, String(KEY_LENGTH), label, meaning, "personal", nullable=False)


def declare_person_key() -> Column[Any]:
    """Declares the key of the person that a row is about."""
    return declare_key("person_key", "Person", "Schlüssel des Personendatensatzes in der Quelle")


def declare_number(name: str, label: str, meaning: str) -> Column[Any]:
    """Declares a count or another whole number that is always given."""
    return declare_field(name, BigInteger, label, meaning, "none", nullable=False)


def declare_history() -> list[Column[Any]]:
    """Declares the columns all entities have: where a row came from and which loads knew it."""
    return [
        declare_field(
            "source",
            String(64),
            "Quelle",
            "Name der Quelle in der Konfiguration",
            "none",
            nullable=False,
        ),
        declare_key("source_key", "Schlüssel", "Schlüssel des Datensatzes in der Quelle"),
        declare_key(
            "record_key", "Vorgang", "Schlüssel des Vorgangs, mit dem sich der Datensatz ändert"
        ),
        declare_number("row_hash", "Prüfwert", "Prüfwert über alle Angaben des Datensatzes"),
        declare_field(
            "known_from",
            Integer,
            "bekannt ab",
            "Laufnummer der Ladung, die den Stand brachte",
            "none",
            nullable=False,
        ),
        declare_field(
            "known_to",
            Integer,
            "bekannt bis",
            "Laufnummer der Ladung, die den Stand ablöste; leer: gilt noch",
            "none",
        ),
        declare_field(
            "source_file", String(400), "Datei", "Datei in der Lieferung", "none", nullable=False
        ),
        declare_field(
            "source_table",
            String(200),
            "Tabelle",
            "Blatt, Objekttyp oder Tabelle",
            "none",
            nullable=False,
        ),
        declare_number("source_row", "Zeile", "Zeile, wie sie ein Mensch im Programm sieht"),
    ]


def entity_table(name: str, label: str, *columns: Column[Any]) -> Table:
    """Declares a table of the common schema: its own columns, then those of history."""
    return Table(name, metadata, *columns, *declare_history(), info={"label": label})


def ledger_table(
    name: str,
    label: str,
    *columns: Column[Any],
    read_by: tuple[str, ...],
    append_only: bool = False,
    erasable: bool = False,
    entered: bool = False,
    written_by: tuple[str, ...] = (),
) -> Table:
    """Declares a table without history; ``read_by``: the roles that may read it, but the loader.

    ``written_by``: the roles that add rows to it, but the loader.

    Rows of a table that is ``append_only`` can be written and never changed or deleted, also by the
    loader; on a server its rights say so. Those of one that is ``erasable`` can be deleted as well,
    as the rights of a person ask, and never changed. Every row of one that is ``entered`` has an
    entry in the ledger's tree.
    """
    info = {
        "label": label,
        "read_by": read_by,
        "append_only": append_only,
        "erasable": erasable,
        "entered": entered,
        "written_by": written_by,
    }
    return Table(name, metadata, *columns, info=info)


def without_identity(table: Table) -> list[Column[Any]]:
    """The columns that identify nobody: those of figures and of an analyst's account."""
    # The hash covers names, too: it would tell whether a guess is right.
    return [
        c for c in table.columns if c.info["protection"] != "identifying" and c.name != "row_hash"
    ]


HISTORY_NAMES = tuple(c.name for c in declare_history())
