"""A row that names one value twice gives it once: two ticked columns for one code, one language with two levels."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from mappings import code_lists, source_mapping
from mappings.compile import Compiler
from mappings.engine.table import TableMapper
from tests.mappings.small import DAY

YAML = """\
system: test
tables:
  T:
    files: t.csv
    key: Nr
    feeds:
      conversation: {fields: {held_on: {column: Datum, required: true}}}
      conversation_topic: {each: {columns: {Finanzen: anderes, Sonstiges: anderes, Schule: schule}}}
  P:
    files: p.csv
    key: Nr
    feeds:
      case: {fields: {begun_on: Datum}}
      language_level: {each: {column: Sprachen, split: ",", pattern: '(?P<language>[^()]+?) *(?:\\((?P<level>[^()]*)\\))?'}}
"""


def rows(tmp_path: Path, table: str, entity: str, **columns: str) -> list[dict[str, object]]:
    (tmp_path / "own.yaml").write_text(YAML, "utf-8")
    plan = Compiler(
        source_mapping.load_mapping(tmp_path / "own.yaml"), code_lists.list_municipalities({}), DAY
    ).compile_table(table, {})
    cells = pa.RecordBatch.from_pydict({name: [value] for name, value in columns.items()})
    return TableMapper(plan).map_batch(cells, pa.array([2])).entities[entity].to_pylist()


def test_two_ticked_columns_for_one_code(tmp_path: Path) -> None:
    found = rows(
        tmp_path,
        "T",
        "conversation_topic",
        Nr="1",
        Datum="01.02.2024",
        Finanzen="x",
        Sonstiges="Ja",
        Schule="x",
    )
    assert sorted(str(r["topic"]) for r in found) == ["anderes", "schule"]


def test_one_language_named_twice_keeps_its_first_level(tmp_path: Path) -> None:
    found = rows(
        tmp_path,
        "P",
        "language_level",
        Nr="1",
        Datum="01.02.2024",
        Sprachen="Arabisch (A1), Deutsch (B1), Arabisch (B2)",
    )
    assert [(r["language"], r["level"]) for r in found] == [("Arabisch", "A1"), ("Deutsch", "B1")]
