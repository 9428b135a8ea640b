"""Checks that a mapping feeds each consent with all the fields by which the gate refuses one.

A field that is left out, optional or the same for all rows can never refuse: a revocation would not
be seen. A mapping that has to do without one says so with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mappings.problems import Problem, did_you_mean
from mappings.source_yaml import EntityPart, FieldPart, TablePart
from mappings.yaml_file import KeyPath

# Field → the field that tells where its cell could not be read.
_TWINS = {"valid_until": "valid_until_unreadable", "revoked_on": "revoked_on_unreadable"}
_NEEDED = ("recipient", *_TWINS, *_TWINS.values())
# Without these nothing is released; the same for all rows, they would always permit.
_NEVER_CONSTANT = ("given_on", "confidentiality_released")


def check_consents(
    table: TablePart, at: KeyPath, problem: Callable[..., Problem]
) -> Iterator[Problem]:
    """The problems of the consents on forms that a table feeds."""
    part = table.feeds.get("consent")
    if part is None:
        return
    here = (*at, "feeds", "consent")
    for field in part.without.keys() - {*_NEEDED, *_NEVER_CONSTANT}:
        hint = did_you_mean(field, _NEEDED)
        yield problem((*here, "without"), f"the gate does not need '{field}'", hint)
    if _is_release(part):
        return
    for field in (*_NEEDED, *_NEVER_CONSTANT):
        fault = _find_fault(table, part, field)
        if fault and not part.without.get(field, "").strip():
            yield problem(
                here,
                f"'{field}' of consent {fault}, so the gate could not refuse by it",
                f"feed it from a column, or say why not: without: {{{field}: reason}}",
            )


def _is_release(part: EntityPart) -> bool:
    """Whether it is the person's own release in a system, which ends when it is not delivered."""
    basis = part.fields.get("basis")
    return basis is not None and basis.constant == "release"


def _find_fault(table: TablePart, part: EntityPart, field: str) -> str | None:
    spec = part.fields.get(field)
    if spec is None:
        return "is not fed" if field in _NEEDED else None
    if spec.column is None or spec.empty is True:
        return "is the same for all rows"
    if spec.column in table.optional_columns:
        return "stands in an optional column"
    return _find_twin_fault(part, field, spec)


def _find_twin_fault(part: EntityPart, field: str, spec: FieldPart) -> str | None:
    read = next((own for own, twin in _TWINS.items() if twin == field), None)
    if read is None:
        return None
    own = part.fields.get(read)
    if spec.as_ != "unreadable" or own is None or own.column != spec.column:
        return f"does not tell where '{read}' is unreadable"
    return None
