"""Checks tables whose rows only name records that end or stay against the tables that feed them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mappings.problems import Problem, did_you_mean
from mappings.source_yaml import EntityPart, SourceFile, TablePart
from mappings.yaml_file import KeyPath
from warehouse.schema import ENTITIES, RECORDS

Report = Callable[..., Problem]


def check_ended_records(file: SourceFile, title: str, problem: Report) -> Iterator[Problem]:
    """The mistakes in ``ends`` and ``keeps`` of a table.

    Every record named there must be fed by other tables with the same key.
    """
    table = file.tables[title]
    here: KeyPath = ("tables", title)
    if not table.ends and not table.keeps:
        return
    word = "ends" if table.ends else "keeps"
    for record in (*table.ends, *table.keeps):
        if record in RECORDS:
            yield from _check_keys(file, table, record, (*here, "key"), problem)
        else:
            yield problem((*here, word), f"'{record}' is no record", _suggest_record(record))
    if not table.optional:
        hint = "add optional: true; a full delivery has none"
        yield problem(here, f"a table that {word} records must be optional", hint)
    ended = {record for other in file.tables.values() for record in other.ends}
    for record in table.keeps:
        if record in RECORDS and record not in ended:
            yield problem((*here, "keeps"), f"no table ends {record}", "leave the table out")


def _suggest_record(word: str) -> str | None:
    if word in ENTITIES:
        return f"did you mean '{ENTITIES[word].record}', with which it ends?"
    return did_you_mean(word, RECORDS)


def _check_keys(
    file: SourceFile, table: TablePart, record: str, at: KeyPath, problem: Report
) -> Iterator[Problem]:
    feeding = {
        title: feeds for title, part in file.tables.items() if (feeds := _feeds_of(part, record))
    }
    if not feeding:
        yield problem(at, f"no table feeds {record}", "end what another table feeds")
    for title, feeds in feeding.items():
        key = file.tables[title].key
        own = [entity for entity, part in feeds.items() if part.key]
        if own:
            yield problem(
                at,
                f"{own[0]} has a key of its own in table '{title}', which no other table can name",
                None,
            )
        elif key != table.key:
            yield problem(
                at,
                f"must be the key of table '{title}', which feeds {record}",
                f"write key: [{', '.join(key)}]",
            )


def _feeds_of(table: TablePart, record: str) -> dict[str, EntityPart]:
    """The entities of this record that the table feeds."""
    return {
        entity: part
        for entity, part in table.feeds.items()
        if entity in ENTITIES and ENTITIES[entity].record == record
    }
