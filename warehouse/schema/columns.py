"""How a column of the common schema is declared: label, meaning, protection class, data group, code list. Tables stand elsewhere."""

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
    nullable: bool = True,
    primary_key: bool = False,
) -> Column[Any]:
    """One column with all that is said of it.

    ``label`` and ``meaning`` are German and end up in the data dictionary; ``group`` is the data group a person consents to
    (none: never leaves for a recipient that needs consent); ``codes`` names the list in ``mappings/codes``.
    """
    info = {
        "label": label,
        "meaning": meaning,
        "protection": protection,
        "group": group,
        "codes": codes,
    }
    return Column(
        name, type_, nullable=nullable, primary_key=primary_key, info=info, autoincrement=False
    )


def declare_history() -> list[Column[Any]]:
    """The columns every entity row has beside its own: where it came from and which loads knew it."""
    return [
        declare_field(
            "source",
            String(64),
            "Quelle",
            "Name der Quelle in der Konfiguration",
            "none",
            nullable=False,
        ),
        declare_field(
            "source_key",
            String(400),
            "Schlüssel",
            "Schlüssel des Datensatzes in der Quelle",
            "personal",
            nullable=False,
        ),
        declare_field(
            "record_key",
            String(400),
            "Vorgang",
            "Schlüssel des Vorgangs, mit dem sich der Datensatz ändert",
            "personal",
            nullable=False,
        ),
        declare_field(
            "row_hash",
            BigInteger,
            "Prüfwert",
            "Prüfwert über alle Angaben des Datensatzes",
            "none",
            nullable=False,
        ),
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
        declare_field(
            "source_row",
            BigInteger,
            "Zeile",
            "Zeile, wie sie ein Mensch im Programm sieht",
            "none",
            nullable=False,
        ),
    ]


def entity_table(name: str, label: str, *columns: Column[Any]) -> Table:
    """A table of the common schema with its own columns first and the columns of history behind them."""
    return Table(name, metadata, *columns, *declare_history(), info={"label": label})


def without_identity(table: Table) -> list[Column[Any]]:
    """The columns that name nobody: all that figures are made of, and all that an analyst's account may read."""
    # The hash is over all that a record says, names included: it would tell whether a guess is right.
    return [
        c for c in table.columns if c.info["protection"] != "identifying" and c.name != "row_hash"
    ]


HISTORY_NAMES = tuple(c.name for c in declare_history())
