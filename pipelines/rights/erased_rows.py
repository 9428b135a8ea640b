"""Leaves the rows of erased persons out of a delivery, before anything of them is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.findings import MappedBatch
from pipelines.rights.person_strings import PersonStrings
from warehouse.erasure.journal import ErasedGuard
from warehouse.rights.person_rows import PARTS

REASON = "erased"
_NAMING = frozenset({*PARTS, "goal", "consent"})
# Row → of each thing made of it, whether it is an erased person's.
Verdicts = Mapping[int, list[bool]]


@dataclass
class ErasedRows:
    """Sifts what the mapping made of a delivery's rows.

    ``left_out``: rows so far; ``keys``: of whom, as this delivery names them. The other fields are
    what these rows say of the persons, to be taken out of the landed files as well.
    """

    guard: ErasedGuard
    source: str
    left_out: int = 0
    keys: set[str] = field(default_factory=set, repr=False)
    names: set[tuple[str, str]] = field(default_factory=set, repr=False)
    births: set[date] = field(default_factory=set, repr=False)
    numbers: set[str] = field(default_factory=set, repr=False)

    def sift(self, mapped: MappedBatch) -> MappedBatch:
        """The batch without the rows of erased persons; they are counted as left out."""
        self._note_persons(mapped.entities.get("person"))
        verdicts = {name: self._judge(name, rows) for name, rows in mapped.entities.items()}
        whole = {row for row, said in self._join(mapped, verdicts).items() if all(said)}
        if not any(any(said) for said in verdicts.values()):
            return mapped
        self.left_out += len(whole)
        entities = {
            name: _filter_rows(name, rows, verdicts[name], whole)
            for name, rows in mapped.entities.items()
        }
        return replace(
            mapped,
            entities={name: rows for name, rows in entities.items() if rows.num_rows},
            findings=_without_rows(mapped.findings, whole),
            used=mapped.used - len(whole),
            left_out={**mapped.left_out, REASON: len(whole)},
            rejected_consents=[r for r in mapped.rejected_consents if r.person not in self.keys],
        )

    def make_strings(self) -> PersonStrings:
        """What the persons are recognised by in the rest of the delivery."""
        records = tuple((self.source, key) for key in sorted(self.keys))
        names, births = tuple(sorted(self.names)), tuple(sorted(self.births))
        return PersonStrings(records, names, (), births, tuple(sorted(self.numbers)))

    def _note_persons(self, rows: pa.RecordBatch | None) -> None:
        """Notes the persons among the rows who were erased, by their key or by who they are."""
        for row in rows.to_pylist() if rows is not None else ():
            if self._is_guarded(row):
                self._note_person(row)

    def _is_guarded(self, row: Mapping[str, Any]) -> bool:
        record = (self.source, row["record_key"])
        if self.guard.admits(record):
            return False
        columns = ("last_name", "first_name", "birth_date", "official_number")
        identity = [row.get(column) for column in columns]
        return self.guard.guards_record(record) or self.guard.guards_identity(*identity)

    def _note_person(self, row: Mapping[str, Any]) -> None:
        last, first, born = row.get("last_name"), row.get("first_name"), row.get("birth_date")
        self.keys.add(row["record_key"])
        self.names |= {(last, first)} if last and first else set()
        self.births |= {born} if born else set()
        number = row.get("official_number")
        self.numbers |= {number} if number else set()

    def _judge(self, entity: str, rows: pa.RecordBatch) -> list[bool]:
        """Of each row of an entity, whether it is an erased person's."""
        column = "person_key" if entity in _NAMING else None
        if "person_key" in rows.schema.names and entity not in _NAMING:
            column = "person_key"
        if entity == "person":
            column = "record_key"
        if column is None or column not in rows.schema.names:
            return [False] * rows.num_rows
        return [self._is_erased(key) for key in rows.column(column).to_pylist()]

    def _is_erased(self, key: str | None) -> bool:
        if key is None:
            return False
        if key not in self.keys and self.guard.guards_record((self.source, key)):
            self.keys.add(key)
        return key in self.keys

    def _join(self, mapped: MappedBatch, verdicts: Mapping[str, list[bool]]) -> Verdicts:
        """By row; where a row names who takes part, they alone decide."""
        found: dict[int, list[bool]] = defaultdict(list)
        parts: dict[int, list[bool]] = defaultdict(list)
        for name, rows in mapped.entities.items():
            target = parts if name in PARTS else found
            places = rows.column("source_row").to_pylist()
            for place, said in zip(places, verdicts[name], strict=True):
                target[place].append(said)
        for place, said_of in parts.items():
            found[place] = said_of if all(said_of) else [False]
        return found


def _filter_rows(
    entity: str, rows: pa.RecordBatch, said: list[bool], whole: set[int]
) -> pa.RecordBatch:
    return rows.filter(pa.array(list(_keep(entity, rows, said, whole)), pa.bool_()))


def _keep(entity: str, rows: pa.RecordBatch, said: list[bool], whole: set[int]) -> Iterator[bool]:
    for place, erased in zip(rows.column("source_row").to_pylist(), said, strict=True):
        yield place not in whole and not erased


def _without_rows(findings: pa.Table, rows: set[int]) -> pa.Table:
    if not rows:
        return findings
    gone = pc.is_in(findings.column("row"), pa.array(sorted(rows), pa.int64()))
    return findings.filter(pc.invert(gone))
