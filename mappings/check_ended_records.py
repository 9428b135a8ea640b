"""Tables whose rows only name records that end or stay: what must agree with the tables that feed these records. No reading, no rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mappings.problems import Problem, did_you_mean
from mappings.source_yaml import SourceFile, TablePart
from warehouse.schema import ENTITIES, RECORDS

Path_ = tuple[str | int, ...]
Report = Callable[[Path_, str, str | None], Problem]


def check_ended_records(file: SourceFile, title: str, problem: Report) -> Iterator[Problem]:
    """What is wrong with ``ends`` and ``keeps`` of a table: every record is one that is fed, by tables with this very key."""
    table = file.tables[title]
    word = "ends" if table.ends else "keeps"
    here = ("tables", title)
    for record in (*table.ends, *table.keeps):
        if record not in RECORDS:
            known = ENTITIES.get(record)
            hint = (
                f"did you mean '{known.record}', with which it ends?"
                if known
                else did_you_mean(record, RECORDS)
            )
            yield problem((*here, word), f"'{record}' is no record", hint)
            continue
        yield from _check_keys(file, table, record, (*here, "key"), problem)
    if (table.ends or table.keeps) and not table.optional:
        yield problem(
            here,
            f"a table that {word} records must be optional",
            "add optional: true; a full delivery has none",
        )
    for record in table.keeps:
        if record in RECORDS and not any(record in other.ends for other in file.tables.values()):
            yield problem((*here, "keeps"), f"no table ends {record}", "leave the table out")


def _check_keys(
    file: SourceFile, table: TablePart, record: str, at: Path_, problem: Report
) -> Iterator[Problem]:
    feeding = [
        (title, part)
        for title, part in file.tables.items()
        if any(_record_of(name) == record for name in part.feeds)
    ]
    if not feeding:
        yield problem(at, f"no table feeds {record}", "end what another table feeds")
    for title, part in feeding:
        own = [name for name, fed in part.feeds.items() if _record_of(name) == record and fed.key]
        if own:
            yield problem(
                at,
                f"{own[0]} has a key of its own in table '{title}', which no other table can name",
                None,
            )
        elif part.key != table.key:
            yield problem(
                at,
                f"must be the key of table '{title}', which feeds {record}",
                f"write key: [{', '.join(part.key)}]",
            )


def _record_of(entity: str) -> str | None:
    return ENTITIES[entity].record if entity in ENTITIES else None
