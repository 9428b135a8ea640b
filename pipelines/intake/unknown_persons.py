"""Tells the rows of a delivery that name a person whom no table of the source knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from mappings.compile import find_person_column
from mappings.findings.rules import RULES
from mappings.source_yaml import TablePart
from pipelines.intake.findings_collector import FindingsCollector, Place, write_notice
from warehouse.loading.loader import Loader
from warehouse.loading.spelled_keys import Spellings

# So many rows of a table are named; of the others, how many they are.
_MOST_ROWS = 1000
# File and title of a table, as the ledger has them → its place and its name in the mapping.
Places = Mapping[tuple[str, str], tuple[Place, str]]


def report_unknown_persons(
    findings: FindingsCollector, loader: Loader, places: Places, parts: Mapping[str, TablePart]
) -> None:
    """Adds a finding for each row with such a key; the key itself goes to the quarantine."""
    found = loader.find_unknown_persons(findings.found)
    if loader.matched_keys:
        matched = write_notice("person_key_matched", count=loader.matched_keys)
        findings.add_notices(Place(), [matched])
    for rows, spelled in found:
        for (place, column), mine in _place_rows(rows, places, parts).items():
            _report_rows(findings, place, column, mine, spelled)


def _place_rows(
    rows: pa.Table, places: Places, parts: Mapping[str, TablePart]
) -> dict[tuple[Place, str], pa.Table]:
    """The rows and keys by where they stand; what several entities name so is told once."""
    found: dict[tuple[Place, str], list[pa.Table]] = defaultdict(list)
    for (file, title, entity), mine in _split_rows(rows):
        place, name = places[file, title]
        column = find_person_column(entity, parts[name]) or ""
        found[place, column].append(mine.select(["row", "key"]))
    return {
        where: pa.concat_tables(some).group_by(["row", "key"], use_threads=False).aggregate([])
        for where, some in found.items()
    }


def _split_rows(rows: pa.Table) -> Iterator[tuple[tuple[str, str, str], pa.Table]]:
    names = ("file", "table", "entity")
    for group in (
        rows.group_by(names).aggregate([]).sort_by([(n, "ascending") for n in names]).to_pylist()
    ):
        here = [pc.equal(rows.column(name), group[name]) for name in names]
        yield (
            (group["file"], group["table"], group["entity"]),
            rows.filter(pc.and_(pc.and_(here[0], here[1]), here[2])),
        )


def _report_rows(
    findings: FindingsCollector, place: Place, column: str, rows: pa.Table, spelled: Spellings
) -> None:
    named = rows.slice(0, _MOST_ROWS)
    rules = _choose_rules(named.column("key"), spelled)
    columns = {
        "row": named.column("row"),
        "column": pa.array([column] * named.num_rows, pa.string()),
        "rule": rules,
        "severity": pa.array([RULES[rule].severity for rule in rules.to_pylist()], pa.string()),
        "value": named.column("key"),
        "reason": pa.nulls(named.num_rows, pa.string()),
    }
    findings.add_findings(place, pa.table(columns), ())
    if more := rows.num_rows - named.num_rows:
        findings.add_notices(place, [write_notice("persons_unknown", column, count=more)])


def _choose_rules(keys: pa.ChunkedArray, spelled: Spellings) -> pa.Array:
    at = pc.index_in(keys.combine_chunks(), spelled.written)
    rules = pc.if_else(spelled.is_list, "person_keys_in_cell", "person_unknown")
    return pc.if_else(spelled.is_alike, "person_key_spelled", rules).take(at)
