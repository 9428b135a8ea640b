"""Turns what pydantic found wrong with the form into sentences for the writer of the file. Agreement is not here."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from pipelines.config.document import Document, KeyPath
from pipelines.config.models import Config

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
    "model_type": "must be keys with values",
    "dict_type": "must be keys with values",
    "tuple_type": "must be a list",
}
HINTS = {
    "must be a number": "write it with a point and without unit, such as 0.75",
    "must be a date": "write it as 2025-01-31",
    "must be a path": "write it as text, such as exports/enaio",
    "must be keys with values": "write it as {key: value}",
    "must be a list": "write it as [one, two]",
}


def report_form(document: Document, error: ValidationError) -> None:
    """Notes each of pydantic's findings as a problem of the document."""
    for found in error.errors(include_url=False):
        path: KeyPath = found["loc"]
        if found["type"] == "extra_forbidden":
            document.report_unknown(path, "unknown key", str(path[-1]), _keys_at(path[:-1]))
        elif found["type"] == "missing":
            document.report(path, "is missing", f"add it to {path[-2]}" if len(path) > 1 else "add it to the file")
        elif found["type"] == "literal_error":
            word = str(found["input"])
            document.report_unknown(path, f"'{word}' is not possible here", word, _literals_at(path))
        else:
            document.report(path, *_wording(document, path, found))


def _wording(document: Document, path: KeyPath, found: Any) -> tuple[str, str | None]:
    message = TYPES.get(found["type"])
    if message is None:
        return found["msg"][0].lower() + found["msg"][1:], None
    written = document.written.get(path)
    if message == "must be text" and written:
        return message, f'write it in quotes: "{written}"'
    return message, HINTS.get(message)


def _keys_at(path: KeyPath) -> list[str]:
    model = _type_at(path)
    fields = model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
    return [field.alias or name for name, field in fields.items()]


def _literals_at(path: KeyPath) -> list[str]:
    return [str(value) for value in get_args(_type_at(path))]


def _type_at(path: KeyPath) -> Any:
    """The type the configuration has at ``path``, found by walking the models."""
    kind: Any = Config
    for step in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {field.alias or name: field for name, field in kind.model_fields.items()}
            kind = fields[str(step)].annotation if step in fields else None
        else:
            kind = next((inner for inner in reversed(get_args(kind)) if inner is not Ellipsis), None)
    return kind
