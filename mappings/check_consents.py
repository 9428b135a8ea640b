"""Checks that a mapping feeds each consent with all the fields by which the gate refuses one.

A field that is left out, optional or the same for all rows can never refuse: a revocation would not
be seen. A mapping that has to do without one says so with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from mappings.check_ended_records import Report
from mappings.engine.clean import fold_text
from mappings.engine.scalars import NOT_YES
from mappings.problems import Problem, did_you_mean
from mappings.source_yaml import EntityPart, FieldPart, TablePart
from mappings.yaml_file import KeyPath

# Field → the field that tells where its cell could not be read.
_TWINS = {"valid_until": "valid_until_unreadable", "revoked_on": "revoked_on_unreadable"}
_UNREADABLE = frozenset(_TWINS.values())
_NEEDED = ("recipient", *_TWINS, *_TWINS.values())
# Without these nothing is released; the same for all rows, they would always permit.
_NEVER_CONSTANT = ("given_on", "confidentiality_released")
# What the gate asks of forms alone.
_OF_FORMS = ("recipient", "purpose", *_NEVER_CONSTANT)


def check_consents(table: TablePart, at: KeyPath, problem: Report) -> Iterator[Problem]:
    """The problems of the consents on forms that a table feeds."""
    part = table.feeds.get("consent")
    if part is None:
        return
    here = (*at, "feeds", "consent")
    for field in part.without.keys() - {*_NEEDED, *_NEVER_CONSTANT}:
        hint = did_you_mean(field, _NEEDED)
        yield problem((*here, "without"), f"the gate does not need '{field}'", hint)
    yield from _check_basis(part, here, problem)
    yield from _check_days(part, here, problem)
    yield from _check_confidentiality(part, here, problem)
    if shared := set(part.key) & set(part.when):
        yield problem(
            (*here, "key"),
            f"'{min(shared)}' makes the key of consent and may be emptied with it",
            "take a key that the row has without the consent, too",
        )
    if _is_release(table, part):
        return
    if part.when:
        yield problem(
            (*here, "when"),
            "a form without these columns may be a withdrawal, so the gate could not refuse by it",
            "leave 'when' out: every row of the table is a form",
        )
    for field in (*_NEEDED, *_NEVER_CONSTANT):
        fault = _find_fault(table, part, field)
        if fault and not part.without.get(field, "").strip():
            yield problem(
                here,
                f"'{field}' of consent {fault}, so the gate could not refuse by it",
                f"feed it from a column, or say why not: without: {{{field}: reason}}",
            )


def _check_basis(part: EntityPart, here: KeyPath, problem: Report) -> Iterator[Problem]:
    """What would have a form judged by the fewer tests of a release."""
    basis = part.fields.get("basis")
    if basis is None:
        return
    if basis.constant is None:
        yield problem(
            (*here, "fields", "basis"),
            "'basis' of consent chooses the tests of the gate, so no cell may say it",
            "write: {constant: form}",
        )
    for field in _OF_FORMS if basis.constant == "release" else ():
        if field in part.fields:
            yield problem(
                (*here, "fields", field),
                f"'{field}' of consent is of a form, and a release is not judged by it",
                "write at basis: {constant: form}, or leave the field out",
            )


def _check_days(part: EntityPart, here: KeyPath, problem: Report) -> Iterator[Problem]:
    """What would keep a day by which the gate refuses from being read as it is written."""
    for field in (*_TWINS, *_TWINS.values()):
        spec = part.fields.get(field)
        if spec is None or spec.column is None:
            continue
        for key in sorted(_list_settings(spec, "unreadable" if field in _UNREADABLE else "date")):
            yield problem(
                (*here, "fields", field, key),
                f"'{key}' may hide what stands in '{field}' of consent",
                "leave it out: only 'column' and 'serial' are allowed here",
            )
    for field, twin in _TWINS.items():
        yield from _check_twins(part, field, twin, here, problem)
    yield from _check_shared_column(part, here, problem)


def _list_settings(spec: FieldPart, usual: str) -> set[str]:
    """The keys of the YAML, beside column and serial, that change how a day is read."""
    plain = FieldPart(column=spec.column, serial=spec.serial)
    names = type(spec).model_fields
    changed = {name for name in names if getattr(spec, name) != getattr(plain, name)}
    if spec.as_ in (None, usual):
        changed.discard("as_")
    return {name.rstrip("_") for name in changed}


def _check_twins(
    part: EntityPart, field: str, twin: str, here: KeyPath, problem: Report
) -> Iterator[Problem]:
    """Two readings of one cell, of which one takes day numbers and the other does not."""
    own, other = part.fields.get(field), part.fields.get(twin)
    if own and other and own.serial != other.serial:
        yield problem(
            (*here, "fields", twin),
            f"'{field}' and '{twin}' of consent read one cell differently",
            "write the same 'serial' at both",
        )


def _check_shared_column(part: EntityPart, here: KeyPath, problem: Report) -> Iterator[Problem]:
    revoked = part.fields.get("revoked_on")
    for field in ("valid_until", "given_on"):
        spec = part.fields.get(field)
        if revoked and revoked.column and spec and spec.column == revoked.column:
            yield problem(
                (*here, "fields", "revoked_on"),
                f"'revoked_on' of consent stands in the column of '{field}'",
                "feed it from the column of the withdrawal",
            )


def _check_confidentiality(part: EntityPart, here: KeyPath, problem: Report) -> Iterator[Problem]:
    spec = part.fields.get("confidentiality_released")
    values = spec.values if spec else {}
    for text in [t for t, value in values.items() if value and fold_text(t) in NOT_YES]:
        yield problem(
            (*here, "fields", "confidentiality_released", "values"),
            f"'{text}' releases nobody from confidentiality",
            "leave it out, or write: false",
        )


def _is_release(table: TablePart, part: EntityPart) -> bool:
    """Whether it is the person's own release in a system, which ends when it is not delivered.

    It stands on the person's row; a table of its own is one of forms, whatever it is called.
    """
    basis, person = part.fields.get("basis"), part.fields.get("person_key")
    if basis is None or basis.constant != "release" or person is None:
        return False
    has_person = not table.feeds.keys().isdisjoint(("person", "case"))
    return has_person and [person.column] == table.key


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
