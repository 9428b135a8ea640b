"""Collects the findings of one delivery, each with its place and its German sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from connectors.tables.text_table import CannotRead, Notice, RaggedRow
from mappings.findings.rules import RULES
from warehouse.loading.findings import DeliveryFindings
from warehouse.loading.replaced_persons import ReplacedPerson
from warehouse.loading.respelled_keys import RespelledKeys
from warehouse.loading.staging import Contradiction
from warehouse.schema import ENTITIES
from warehouse.schema.states import Severity

_UNIT = "\x1f"


@dataclass(frozen=True)
class Stopped:
    """A table, or without ``table`` a whole file, that could not be read; ``message`` is German."""

    file: str
    table: str | None
    rule: str
    message: str


class Place(NamedTuple):
    """Where in a delivery something was found; None: in all files, tables or sheets."""

    file: str | None = None
    table: str | None = None
    sheet: str | None = None


def write_notice(rule: str, column: str | None = None, **details: object) -> Notice:
    """A notice with the sentence of the catalogue of finding rules."""
    sentence = RULES[rule].write_sentence(column=column, **details)
    return Notice(rule, sentence, column=column)


class FindingsCollector:
    """Collects what readers and mapping found in one delivery.

    ``found`` goes to the ledger, with the tables that could not be read; ``stopped`` describes
    these to people.
    """

    def __init__(self) -> None:
        self.found = DeliveryFindings()
        self.stopped: list[Stopped] = []

    def add_notices(self, place: Place, notices: Sequence[Notice]) -> None:
        """Adds what a reader found; each notice has its own sentence."""
        columns = {
            "column_name": [n.column for n in notices],
            "rule": [n.rule for n in notices],
            "severity": [RULES[n.rule].severity for n in notices],
            "message": [n.message for n in notices],
            "value": [None] * len(notices),
        }
        rows = pa.array([n.row for n in notices], pa.int64())
        texts = {name: pa.array(column, pa.string()) for name, column in columns.items()}
        self._add_columns(place, {"row_number": rows, **texts})

    def add_findings(self, place: Place, findings: pa.Table, ragged: Sequence[RaggedRow]) -> None:
        """Adds what the mapping found; ``ragged`` are the rows of another width among these."""
        columns = {
            "row_number": findings.column("row"),
            "column_name": findings.column("column"),
            "rule": findings.column("rule"),
            "severity": findings.column("severity"),
            "message": _write_messages(findings),
            "value": _quarantined_values(findings, {r.row: r.cells for r in ragged}),
        }
        self._add_columns(place, columns)

    def add_stop(self, place: Place, error: CannotRead, tables: Sequence[str]) -> None:
        """Adds tables of the mapping that could not be read; no record they feed is ended."""
        self.found.stopped.update(tables)
        table = tables[0] if len(tables) == 1 else None
        self.stopped.append(Stopped(place.file or "", table, error.rule, error.message))
        where = Place(place.file, table, place.sheet or error.sheet)
        notice = Notice(error.rule, error.message, error.row, error.column)
        self.add_notices(where, [notice])

    def add_contradictions(self, contradictions: Mapping[str, Sequence[Contradiction]]) -> None:
        """Adds, per entity, each row that contradicts the first one of its key.

        The key is kept with the values, as it may name a person.
        """
        for entity, rows in contradictions.items():
            label = ENTITIES[entity].table.info["label"]
            by_place: dict[Place, list[Contradiction]] = defaultdict(list)
            for row in rows:
                by_place[Place(row.file, row.table)].append(row)
            for place, found in by_place.items():
                self._add_columns(place, _describe_contradictions(found, label))

    def add_replaced(self, persons: Sequence[ReplacedPerson]) -> None:
        """Adds the records whose key became, or may have become, another human being's."""
        for person in persons:
            rule = "key_reused" if person.is_sure else "key_perhaps_reused"
            sentence = RULES[rule].write_sentence()
            place = Place(person.file, person.table)
            self.add_notices(place, [Notice(rule, sentence, row=person.row)])

    def add_respelled(self, keys: Sequence[RespelledKeys]) -> None:
        """Adds the tables with persons whose key is only written otherwise than it is known."""
        for table in keys:
            sentence = RULES["keys_respelled"].write_sentence(count=table.persons)
            notice = Notice("keys_respelled", sentence, row=table.first_row)
            self.add_notices(Place(table.file, table.table), [notice])

    def add_counts(self, counts: Mapping[str, int]) -> None:
        """Adds, per rule about a whole delivery, how often it was found; none where 0."""
        notices = [write_notice(rule, count=count) for rule, count in counts.items() if count]
        self.add_notices(Place(), notices)

    def count_by_severity(self) -> dict[Severity, int]:
        """How many findings there are of each severity."""
        return {severity: self.found.count_severity(severity) for severity in Severity}

    def describe_stops(self) -> str:
        """One German text for all that could not be read; empty where all could."""
        places = [f"{s.file} [{s.table}]" if s.table else s.file for s in self.stopped]
        stops = zip(places, self.stopped, strict=True)
        return " ".join(f"{place}: {stop.message}" for place, stop in stops)

    def _add_columns(self, place: Place, columns: dict[str, Any]) -> None:
        if count := len(columns["rule"]):
            names = {"file": place.file, "table_name": place.table, "sheet": place.sheet}
            same = {name: pa.array([text] * count, pa.string()) for name, text in names.items()}
            self.found.add(pa.table({**same, **columns}))


def _describe_contradictions(rows: Sequence[Contradiction], label: str) -> dict[str, Any]:
    rule = RULES["rows_disagree"]
    messages = [
        rule.write_sentence(
            records=label,
            first=f"{row.first_row}"
            if row.first_file == row.file
            else f"{row.first_row} der Datei {row.first_file}",
        )
        for row in rows
    ]
    texts: dict[str, list[str | None]] = {
        "column_name": [None] * len(rows),
        "rule": [rule.name] * len(rows),
        "severity": [rule.severity] * len(rows),
        "message": [*messages],
        "value": [row.key.replace(_UNIT, "/") for row in rows],
    }
    numbers = pa.array([row.row for row in rows], pa.int64())
    columns = {name: pa.array(column, pa.string()) for name, column in texts.items()}
    return {"row_number": numbers, **columns}


def _write_messages(findings: pa.Table) -> pa.Array:
    found = zip(
        *(findings.column(n).to_pylist() for n in ("rule", "column", "reason")), strict=True
    )
    messages = [RULES[rule].write_sentence(column=column, reason=r) for rule, column, r in found]
    return pa.array(messages, pa.string())


def _quarantined_values(findings: pa.Table, ragged: Mapping[int, tuple[str, ...]]) -> pa.Array:
    """The values for the quarantine; of a ragged row all its cells."""
    rows, rules, values = (findings.column(n).to_pylist() for n in ("row", "rule", "value"))
    texts = [
        _UNIT.join(ragged[row]) if rule == "ragged_row" and row in ragged else value
        for row, rule, value in zip(rows, rules, values, strict=True)
    ]
    return pa.array(texts, pa.string())
