"""Which fields may go to which kind of recipient, by data group, and what never goes."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.documents.person.person_letter import LetterSection, LetterTable
from mappings import code_lists
from mappings.recipient_fields import FOLDER, RecipientFields, load_handover
from mappings.yaml_file import read_yaml
from pipelines.papers.paper import Paper
from pipelines.transfer.reason_sentences import REASON_MEANING
from warehouse.gates.question import REASONS
from warehouse.schema import ENTITIES
from warehouse.schema.columns import HISTORY_NAMES


def make_fields() -> Paper:
    """The paper over all destinations that need a consent."""
    kinds = _list_kinds()
    sections = [_describe(load_handover(kind)) for kind in kinds]
    return Paper(
        "felder-je-empfaenger",
        "Felder je Empfänger",
        [
            *sections,
            _list_reasons(),
            LetterSection(
                "Was nie hinausgeht", [], [LetterTable(["Art", "Felder"], _never(kinds))]
            ),
        ],
    )


def _list_kinds() -> list[str]:
    files = sorted(FOLDER.glob("*.yaml"))
    return [file.stem for file in files if read_yaml(file).data.get("gate") == "consent"]


def _list_reasons() -> LetterSection:
    reasons = [[REASON_MEANING[reason]] for reason in REASONS]
    return LetterSection("Wann nichts hinausgeht", [], [LetterTable(["Grund"], reasons)])


def _describe(terms: RecipientFields) -> LetterSection:
    labels = code_lists.load_code_list("data_group").labels
    rows = [
        [labels[group], ", ".join(_list_labels(entities))]
        for group, entities in terms.groups.items()
    ]
    text = f"Empfänger der Art {terms.recipient_kind}, nur mit Einwilligung in die Datengruppe."
    return LetterSection(terms.title, [text], [LetterTable(["Datengruppe", "Felder"], rows)])


def _list_labels(entities: dict[str, list[str]]) -> Iterator[str]:
    for entity, names in entities.items():
        for name in names:
            yield ENTITIES[entity].table.columns[name].info["label"]


def _list_released(kinds: list[str]) -> set[tuple[str, str]]:
    """Entity and field of all that may go to any destination."""
    return {
        (entity, name)
        for kind in kinds
        for entities in load_handover(kind).groups.values()
        for entity, names in entities.items()
        for name in names
    }


def _never(kinds: list[str]) -> list[list[str]]:
    """The fields that no destination lists."""
    listed = _list_released(kinds)
    rows = []
    for name, entity in ENTITIES.items():
        own = [c for c in entity.table.columns if c.name not in HISTORY_NAMES]
        labels = [c.info["label"] for c in own if (name, c.name) not in listed]
        if labels:
            rows.append([entity.table.info["label"], ", ".join(labels)])
    return rows
