"""No value of a cell stops a delivery: every column of every mapping takes every value that a store refuses, on both engines alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import Date, select

from connectors.tables.text_table import Batch, Notice, TextTable
from mappings.compile import Compiler
from mappings.source_mapping import SourceMapping, collect_columns, list_mappings, load_mapping
from pipelines.intake.delivery_tables import DeliveredTables
from pipelines.intake.identity_terms import identity_terms
from tests.mappings import small
from warehouse.database.store import Store
from warehouse.identity.person_links import refresh_links
from warehouse.loading.findings import list_findings
from warehouse.loading.loader import IncomingDelivery, Loader
from warehouse.schema import ENTITIES, entity_balance, table_balance
from warehouse.schema.columns import HISTORY_NAMES, KEY_LENGTH

DAY = date(2025, 1, 31)
HOSTILE = [
    *("", " ", "\0", "a\0b", "\x0b", "\x1f", "\x7f", "\u2028", "\ufffe", "\ufeff", "\u200b"),
    *("x" * n for n in (9, 21, 41, 61, 201, KEY_LENGTH, KEY_LENGTH + 1, 1001, 70_000)),
    *("𝕏" * 200, "𝕏" * 201, "é" * 400, "e\u0301" * 400),
    *("9" * 400, "-1", "1e999", "inf", "nan", "99999999999999999999", "1h" + "9" * 5000, "²"),
    *("31.12.9999", "01.01.0001", "00.00.0000", "-4713-01-01", "99999", "31.02.2024", "٣١.١٢.٢٠٢٤"),
    *("\\N", "\\.", '"', "'; DROP TABLE person; --", "a,b|c\nd,,||", "a (b)" * 100),
    *(f"{separator.join(['a', 'x' * 500, 'b'])}" for separator in ",|\n"),
]


# Whether a day of a consent can be read is asked of the day's own column.
TWINS = {
    f"{day}_unreadable": f"{{column: {day}, as: unreadable}}"
    for day in ("valid_until", "revoked_on")
} | {"basis": "{constant: form}"}


def probe_mapping() -> SourceMapping:
    """A mapping that feeds every column of every entity from a column of its name."""
    tables = []
    for name, entity in ENTITIES.items():
        columns = [c.name for c in entity.table.columns if c.name not in HISTORY_NAMES]
        fields = [c for c in columns if c != entity.owner and c not in entity.each]
        each = f", each: {{column: {entity.each[0]}, split: '|'}}" if entity.each else ""
        read = {f: TWINS.get(f, f) for f in fields}
        named = ", ".join(f"{field}: {column}" for field, column in read.items())
        feeds = f"{{{name}: {{fields: {{{named}}}{each}}}}}"
        tables.append(f"  {name}: {{files: '{name}.csv', key: Nr, feeds: {feeds}}}")
    return small.load("\n".join(["system: Probe", "tables:", *tables]))


def base_row(mapping: SourceMapping, name: str, number: int) -> dict[str, str]:
    """A row that is taken: a day in the columns of days, a word elsewhere."""
    part = mapping.file.tables[name]
    days = {
        spec.column
        for entity, fed in part.feeds.items()
        for field, spec in fed.fields.items()
        if isinstance(ENTITIES[entity].table.c[field].type, Date)
    }
    row = {c: "01.02.2024" if c in days else "Wort" for c in sorted(collect_columns(part))}
    return row | dict.fromkeys(part.key, f"K{number}")


def hostile_rows(mapping: SourceMapping, name: str) -> list[dict[str, str]]:
    """One row that is taken, then one for every column and every hostile value in it."""
    columns = base_row(mapping, name, 0)
    places = [(column, value) for column in columns for value in HOSTILE]
    return [columns] + [
        base_row(mapping, name, number) | {column: value}
        for number, (column, value) in enumerate(places, start=1)
    ]


def hostile_table(mapping: SourceMapping, name: str, preamble: dict[str, str]) -> TextTable:
    """The rows as a reader hands them over, in a file, sheet and table with hostile names."""
    rows = hostile_rows(mapping, name)
    cells = pa.RecordBatch.from_pylist(rows, pa.schema([(c, pa.string()) for c in rows[0]]))
    batch = Batch(cells, pa.array(range(2, 2 + len(rows)), pa.int64()))
    return TextTable(
        file=f"{'o/' * 300}{name}.csv",
        name=name,
        sheet="Blatt\0" * 100,
        header=tuple(rows[0]),
        unknown=("s" * 5000, "N\0L"),
        preamble=preamble,
        batches=iter([batch]),
        notices=[Notice("footer", "Satz\0", column="c" * 5000)],
        title=f"{name}\0" * 50,
    )


def preamble_labels(mapping: SourceMapping) -> set[str]:
    feeds = (part for table in mapping.file.tables.values() for part in table.feeds.values())
    return {spec.preamble for part in feeds for spec in part.fields.values() if spec.preamble}


def take(store: Store, mapping: SourceMapping, above: str) -> None:
    """Loads the hostile rows of all tables as one delivery, the value ``above`` over each table."""
    arrival = IncomingDelivery("d" * 64, "quelle", DAY, "full", mapping.digest)
    tables = DeliveredTables(Compiler(mapping, small.MUNICIPALITIES, DAY))
    preamble = dict.fromkeys(preamble_labels(mapping), above)
    with store.transaction() as connection:
        loader = Loader(connection, arrival, tables.uses)
        for name in mapping.file.tables:
            tables._load_table(loader, hostile_table(mapping, name, preamble))
        tables.findings.add_contradictions(loader.end_staging())
        loaded = loader.finish(tables.findings.found, None, "Satz\0")
        refresh_links(connection, loaded.number, identity_terms())


def everything(store: Store) -> dict[str, list[Any]]:
    """All rows, balances and findings with their values."""
    tables = [*(e.table for e in ENTITIES.values()), table_balance, entity_balance]
    with store.read() as connection:
        found = {t.name: sorted(map(repr, connection.execute(select(t)))) for t in tables}
        found["findings"] = sorted(map(repr, list_findings(connection, with_values=True)))
        found["values"] = sorted(str(f) for f in list_findings(connection, with_values=True))
    return found


def both(store: Store, new_database: Callable[[], str]) -> Iterator[Store]:
    yield store
    with Store(new_database()) as at_server:
        yield at_server


@pytest.mark.parametrize("name", [*list_mappings(), "probe"])
def test_every_column_takes_every_value(
    name: str, store: Store, new_database: Callable[[], str]
) -> None:
    mapping = probe_mapping() if name == "probe" else load_mapping(name)
    found = []
    for engine in both(store, new_database):
        take(engine, mapping, above="x" * 5000)
        found.append(everything(engine))
    embedded, at_server = found
    assert embedded == at_server
    assert all(
        any("'K0'" in row or "'K0\\x1f" in row for row in embedded[ENTITIES[entity].table.name])
        for part in mapping.file.tables.values()
        for entity, fed in part.feeds.items()
        # The word is no code, so an entity that is made of codes has no row of this one.
        if not fed.each or not ENTITIES[entity].table.c[ENTITIES[entity].each[0]].info["codes"]
    )


def test_the_names_of_findings_are_shortened_and_stay_apart(store: Store) -> None:
    take(store, probe_mapping(), above="")
    with store.read() as connection:
        found = list_findings(connection)
    assert {len(f.file) for f in found if f.file} == {400}
    assert len({f.file for f in found if f.file}) == len(ENTITIES)
    assert {(f.column or "")[:191] for f in found if f.rule == "footer"} == {"c" * 191}
