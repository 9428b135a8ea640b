"""Translates pydantic's validation errors into sentences for the author of the configuration."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from mappings.yaml_file import Document, KeyPath
from pipelines.config.models import Config
from pipelines.config.transports import TRANSPORTS

TYPES = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "date_type": "must be a date",
    "date_parsing": "must be a date",
    "date_from_datetime_parsing": "must be a date",
    "path_type": "must be a path",
    "model_attributes_type": "must be keys with values",
    "model_type": "must be keys with values",
    "dict_type": "must be keys with values",
    "tuple_type": "must be a list",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}
HINTS = {
    "must be a number": "write it with a point and without unit, such as 0.75",
    "must be a date": "write it as 2025-01-31",
    "must be a path": "write it as text, such as exports/enaio",
    "must be keys with values": "write it as {key: value}",
    "must be a list": "write it as [one, two]",
}


def report_form(document: Document, error: ValidationError) -> None:
    """Reports each of pydantic's errors as a problem of the document."""
    for found in error.errors(include_url=False):
        path, kind = _follow_location(found["loc"])
        match found["type"]:
            case "extra_forbidden":
                _, part = _follow_location(found["loc"][:-1])
                word, known = str(path[-1]), _known_keys(part)
                document.report_unknown(path, "unknown key", word, known)
            case "missing":
                document.report_problem(path, "is missing", _where_to_add(path))
            case "literal_error":
                known = [str(value) for value in get_args(kind)]
                _report_value(document, path, str(found["input"]), known)
            case "union_tag_not_found":
                hint = f"known: {', '.join(TRANSPORTS)}"
                document.report_problem((*path, "kind"), "is missing", hint)
            case "union_tag_invalid":
                word = str(found["ctx"]["tag"])
                _report_value(document, (*path, "kind"), word, list(TRANSPORTS))
            case _:
                document.report_problem(path, *_word_problem(document, path, found))


def _report_value(document: Document, path: KeyPath, word: str, known: list[str]) -> None:
    document.report_unknown(path, f"'{word}' is not possible here", word, known)


def _where_to_add(path: KeyPath) -> str:
    hint = f"add it to {path[-2]}" if len(path) > 1 else "add it to the file"
    if path[0] == "sources" and path[-1] == "folder":
        return f"{hint}, or say under fetch how to get there"
    return hint


def _word_problem(document: Document, path: KeyPath, found: Any) -> tuple[str, str | None]:
    message = TYPES.get(found["type"])
    if message is None:
        return found["msg"][0].lower() + found["msg"][1:], None
    written = document.written.get(path)
    if message == "must be text" and written:
        return message, f'write it in quotes: "{written}"'
    return message, HINTS.get(message)


def _known_keys(model: Any) -> list[str]:
    fields = model.model_fields if _is_part(model) else {}
    return [field.alias or name for name, field in fields.items()]


def _follow_location(location: KeyPath) -> tuple[KeyPath, Any]:
    """The keys of the file that pydantic's location means, and the type that belongs there.

    Where a part comes in several kinds, the location holds the kind as a step of its own, which is
    no key of the file.
    """
    path: list[str | int] = []
    kind: Any = Config
    for step in location:
        chosen = _choose_kind(kind, step)
        if chosen:
            kind = chosen
        else:
            path.append(step)
            kind = _type_below(kind, step)
    return tuple(path), kind


def _choose_kind(kind: Any, step: str | int) -> type[BaseModel] | None:
    for part in _part_kinds(kind):
        if step in get_args(part.model_fields["kind"].annotation):
            return part
    return None


def _type_below(kind: Any, step: str | int) -> Any:
    """The type of a field of a part, or of the values of a list or dictionary."""
    if _is_part(kind):
        fields = {field.alias or name: field for name, field in kind.model_fields.items()}
        return fields[str(step)].annotation if step in fields else None
    inner = [arg for arg in get_args(kind) if arg is not Ellipsis]
    return inner[-1] if inner else None


def _part_kinds(kind: Any) -> list[type[BaseModel]]:
    """The kinds in which a part comes, where there are several."""
    if get_origin(kind) not in (Annotated, Union, UnionType):
        return []
    return [
        part
        for inner in get_args(kind)
        for part in [inner, *_part_kinds(inner)]
        if _is_part(part) and "kind" in part.model_fields
    ]


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
