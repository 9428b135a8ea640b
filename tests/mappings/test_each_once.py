"""A row that names one value twice gives it once: two ticked columns for one code, one language with two levels."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from mappings import code_lists, source_mapping
from mappings.compile import Compiler
from mappings.engine.table import MappedBatch, TableMapper
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
  S:
    files: s.csv
    key: Nr
    feeds:
      conversation: {fields: {held_on: {column: Datum, required: true}}}
      conversation_topic: {each: {column: [Thema 1, Thema 2, Thema 3], split: ";", values: {Amt: teilhabe}}}
      conversation_referral: {each: [Weiter 1, Weiter 2]}
  P:
    files: p.csv
    key: Nr
    feeds:
      case: {fields: {begun_on: Datum}}
      language_level: {each: {column: Sprachen, split: ",", pattern: '(?P<language>[^()]+?) *(?:\\((?P<level>[^()]*)\\))?'}}
"""


def map_row(tmp_path: Path, table: str, columns: dict[str, str]) -> MappedBatch:
    (tmp_path / "own.yaml").write_text(YAML, "utf-8")
    plan = Compiler(
        source_mapping.load_mapping(tmp_path / "own.yaml"), code_lists.list_municipalities({}), DAY
    ).compile_table(table, {})
    cells = pa.RecordBatch.from_pydict({name: [value] for name, value in columns.items()})
    return TableMapper(plan).map_batch(cells, pa.array([2]))


def rows(tmp_path: Path, table: str, entity: str, **columns: str) -> list[dict[str, object]]:
    return map_row(tmp_path, table, columns).entities[entity].to_pylist()


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


SEVERAL = {
    "all filled": (("Wohnen", "Schule", "Arbeit"), {"wohnen", "schule", "arbeit"}),
    "the first alone": (("Wohnen", "", ""), {"wohnen"}),
    "the last alone": (("", "", "Wohnen"), {"wohnen"}),
    "one named twice": (("Wohnen", "", "wohnen"), {"wohnen"}),
    "several in a cell": (("Wohnen;Schule", "Amt", "Schule"), {"wohnen", "schule", "teilhabe"}),
    "none": (("", "", ""), set()),
}


@pytest.mark.parametrize(("topics", "codes"), SEVERAL.values(), ids=SEVERAL.keys())
def test_topics_of_several_columns(
    tmp_path: Path, topics: tuple[str, ...], codes: set[str]
) -> None:
    cells = {f"Thema {n}": topic for n, topic in enumerate(topics, 1)}
    cells |= {"Nr": "1", "Datum": "01.02.2024", "Weiter 1": "", "Weiter 2": "Jobcenter"}
    mapped = map_row(tmp_path, "S", cells)
    made = mapped.entities.get("conversation_topic")
    found = made.to_pylist() if made else []
    assert len(found) == len(codes) and {row["topic"] for row in found} == codes
    assert len(mapped.entities["conversation_referral"]) == 1


def test_a_topic_that_nobody_knows_is_told_with_its_column(tmp_path: Path) -> None:
    cells = {"Nr": "1", "Datum": "01.02.2024", "Weiter 1": "", "Weiter 2": ""}
    topics = {"Thema 1": "Wohnen", "Thema 2": "Quatsch", "Thema 3": "Schule"}
    found = map_row(tmp_path, "S", cells | topics)
    assert len(found.entities["conversation_topic"]) == 2
    told = found.findings.to_pylist()
    assert [(one["rule"], one["column"]) for one in told] == [("unknown_code", "Thema 2")]
