"""Reads what is released of each person, by the consent gate, and makes the form's sections of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select

from mappings import code_lists
from mappings.recipient_fields import RecipientFields
from pipelines.transfer.decision import Decision, PersonRelease, Record
from pipelines.transfer.joined_records import Entry, Statement, join_attributes, join_entries
from pipelines.transfer.sender import Sender
from warehouse.gates.consent import hold_judgement, select_released
from warehouse.schema import ENTITIES

if TYPE_CHECKING:
    from connectors.documents.jobcenter.form import FormField, FormList, FormRow, FormSection

# By data group and entity: what each record says.
Said = dict[tuple[str, str], dict[Record, list[dict[str, Any]]]]


def read_released(connection: Connection, decision: Decision, terms: RecipientFields) -> Said:
    """All rows that the gate releases, with just the fields of the recipient."""
    gate, areas, said = decision.gate, terms.goal_areas, Said()
    with hold_judgement(connection, gate) as judged:
        for group, entities in terms.groups.items():
            for entity, fields in entities.items():
                rows = select_released(gate, group, entity, fields, areas, judged)
                said[group, entity] = _collect_rows(connection, rows, fields)
    return said


def _collect_rows(
    connection: Connection, rows: Select[Any], fields: Sequence[str]
) -> dict[Record, list[dict[str, Any]]]:
    of_record: dict[Record, list[dict[str, Any]]] = defaultdict(list)
    for source, key, *values in connection.execute(rows):
        of_record[source, key].append(dict(zip(fields, values, strict=True)))
    return of_record


@dataclass(frozen=True)
class PersonSections:
    """Makes the sections of one person; ``records`` in the order in which they speak."""

    release: PersonRelease
    records: Sequence[Record]
    said: Said
    decision: Decision
    terms: RecipientFields
    sender: Sender

    def build(self) -> list[FormSection]:
        """The sections of the groups released, in the order of the groups."""
        return [self._build_section(group) for group in self.release.groups]

    def _build_section(self, group: str) -> FormSection:
        from connectors.documents.jobcenter.form import FormSection

        entities = self.terms.groups[group]
        once = [name for name in entities if _occurs_once(name)]
        fields = [f for name in once for f in self._join_fields(group, name, entities[name])]
        several = [name for name in entities if name not in once]
        lists = [self._list_entries(group, name, entities[name]) for name in several]
        return FormSection(group, fields, lists)

    def _join_fields(self, group: str, entity: str, names: Sequence[str]) -> list[FormField]:
        joined = join_attributes(self._state(group, entity), self.decision.gate.on)
        return self._label_fields(entity, names, joined)

    def _list_entries(self, group: str, entity: str, names: Sequence[str]) -> FormList:
        from connectors.documents.jobcenter.form import FormList

        entries = join_entries(entity, self._state(group, entity))
        columns = self._label_fields(entity, names, {})
        rows = [self._make_row(entity, names, entry) for entry in entries]
        return FormList(entity, ENTITIES[entity].table.info["label"], columns, rows)

    def _make_row(self, entity: str, names: Sequence[str], entry: Entry) -> FormRow:
        from connectors.documents.jobcenter.form import FormRow

        source = self.sender.find_office(entry.source).system if entry.source else ""
        return FormRow(self._label_fields(entity, names, entry.values), source)

    def _state(self, group: str, entity: str) -> list[Statement]:
        rows = self.said[group, entity]
        return [
            Statement(record[0], values)
            for record in self.records
            for values in rows.get(record, ())
        ]

    def _label_fields(
        self, entity: str, names: Iterable[str], values: Mapping[str, Any]
    ) -> list[FormField]:
        return [self._label_field(entity, name, values.get(name)) for name in names]

    def _label_field(self, entity: str, name: str, value: Any) -> FormField:
        from connectors.documents.jobcenter.form import FormField

        info = ENTITIES[entity].table.columns[name].info
        shown = _label_value(value, info["codes"], self.sender)
        return FormField(name, info["label"], shown, self._is_kept(entity, name))

    def _is_kept(self, entity: str, name: str) -> bool:
        """Whether one of the person's systems keeps the field, as far as anybody can tell."""
        kept = [self.sender.find_office(source).kept for source, _ in self.records]
        return any(fields is None or (entity, name) in fields for fields in kept)


def _occurs_once(entity: str) -> bool:
    return not ENTITIES[entity].each and not ENTITIES[entity].is_record


def _label_value(value: Any, codes: str | None, sender: Sender) -> Any:
    """The German name of a code; values without a code list, and unknown codes, as they are."""
    if value is None or not codes:
        return value
    is_own = codes == "municipality"
    labels = sender.municipalities if is_own else code_lists.load_code_list(codes).labels
    return labels.get(value, value)
