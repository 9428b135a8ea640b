"""Reads which field of a district's own form holds what, and checks it against what may be told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mappings.problems import YamlProblems
from mappings.recipient_fields import RecipientFields
from mappings.yaml_file import read_document
from warehouse.schema import ENTITIES

HEAD = (
    "number",
    "recipient",
    "sent_on",
    "purpose",
    "sender",
    "district",
    "checkpoint",
    "contact",
)
_PLACE = re.compile(r"\.[1-9][0-9]?\.")


def read_form_fields(path: Path, terms: RecipientFields) -> dict[str, str]:
    """The mapping in a file; YamlProblems names each path that a form does not have."""
    document = read_document(path.read_text("utf-8"), path.name)
    data = document.data if isinstance(document.data, dict) else {}
    if not data and not document.problems:
        document.report_problem((), "the file is empty", "write field: path, one a line")
    known = [*HEAD, *_list_paths(terms)]
    for name, written in data.items():
        if _PLACE.sub(".1.", str(written)) not in known:
            message = f"a form has no '{written}'"
            document.report_unknown((str(name),), message, str(written), known)
    if document.problems:
        raise YamlProblems(document.problems)
    return {str(name): str(written) for name, written in data.items()}


def _list_paths(terms: RecipientFields) -> Iterator[str]:
    for group, entities in terms.groups.items():
        for entity, fields in entities.items():
            several = bool(ENTITIES[entity].each) or ENTITIES[entity].is_record
            below = f"{group}.{entity}.1" if several else group
            yield from (f"{below}.{field}" for field in fields)
