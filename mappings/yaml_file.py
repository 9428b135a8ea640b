"""Reads YAML (1.2, so that NO stays a word) as plain data or a model; mistakes have their line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode

from mappings.problems import Problem, YamlProblems, did_you_mean

Model = TypeVar("Model", bound=BaseModel)
KeyPath = tuple[str | int, ...]

_MERGE = "tag:yaml.org,2002:merge"
# The largest file of a district has all its municipalities in 100 KB. A few lines with aliases can
# stand for more values than any memory holds, so these are counted as well.
_MOST_BYTES = 1 << 19
_MOST_VALUES = 100_000
_DEEPEST = 50
_TOO_DEEP = f"has more than {_DEEPEST} levels, one within the other"


@dataclass
class Document:
    """The data of one file, with line and column of each key and element.

    ``written`` is the spelling of each scalar, since 08999 without quotes is read as 8999.
    """

    file: str
    data: Any = None
    places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    written: dict[KeyPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: KeyPath, message: str, suggestion: str | None = None) -> Problem:
        """A mistake at the key or element of ``path``, or at its nearest parent in the file."""
        known = path
        while known and known not in self.places:
            known = known[:-1]
        place = self.places.get(known, (1, 1))
        return Problem(self.file, *place, ".".join(map(str, path)), message, suggestion)

    def report_problem(self, path: KeyPath, message: str, suggestion: str | None = None) -> None:
        """Adds such a mistake to ``problems``."""
        self.problems.append(self.problem(path, message, suggestion))

    def report_unknown(self, path: KeyPath, message: str, word: str, known: list[str]) -> None:
        """Adds the mistake that a word is none of the known ones, and suggests the nearest."""
        self.report_problem(path, message, did_you_mean(word, known))


def read_document(text: str, file: str) -> Document:
    """The text as data, with its problems: double keys, and the first error of syntax.

    An error of syntax ends the reading, and so does a text that stands for too many values.
    """
    document = Document(file)
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
        document.data = _Builder(document, yaml.constructor).build_node(node, ()) if node else None
    except MarkedYAMLError as error:
        document.problems.append(_syntax_problem(file, error))
    except YAMLError:
        message = "no valid YAML: a character that YAML does not allow"
        document.problems.append(Problem(file, 1, 1, "", message))
    except RecursionError:
        document.problems.append(Problem(file, 1, 1, "", _TOO_DEEP))
    except _TooMuch as error:
        document.report_problem(error.path, error.message)
    return document


class _TooMuch(Exception):
    """The data would be too large or too deep, found at ``path``."""

    def __init__(self, path: KeyPath, message: str) -> None:
        super().__init__(message)
        self.path, self.message = path, message


def _syntax_problem(file: str, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    begin = error.context_mark.line + 1 if error.context_mark else line
    hint = f"look at what begins in line {begin}" if begin != line else None
    return Problem(file, line, column, "", f"no valid YAML: {error.problem}", hint)


def read_yaml_bytes(path: Path) -> bytes:
    """The bytes of a YAML file; YamlProblems where it is too large, a pipe or a device."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise YamlProblems([Problem(path.name, 0, 0, "", "is no ordinary file")])
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        message = f"has more than {_MOST_BYTES} bytes and was not read"
        raise YamlProblems([Problem(path.name, 0, 0, "", message)])
    return content


def read_yaml(path: Path) -> Document:
    """The file as data; YamlProblems where it is no YAML or has a key twice."""
    try:
        document = read_document(read_yaml_bytes(path).decode("utf-8"), path.name)
    except UnicodeDecodeError:
        raise YamlProblems([Problem(path.name, 1, 1, "", "no valid YAML in UTF-8")]) from None
    if document.problems:
        raise YamlProblems(document.problems)
    return document


def read_model(path: Path, model: type[Model]) -> Model:
    """The file as ``model``; YamlProblems with all mistakes at once."""
    return to_model(read_yaml(path), model)


def to_model(document: Document, model: type[Model]) -> Model:
    """The data of a document as ``model``; YamlProblems with all mistakes at once."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise YamlProblems([_as_problem(document, model, e) for e in error.errors()]) from None


def _as_problem(document: Document, model: type[BaseModel], error: Any) -> Problem:
    path: KeyPath = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), _keys_at(model, path[:-1]))
        return document.problem(path, "unknown key", hint)
    return document.problem(path, str(error["msg"]))


def _keys_at(model: Any, path: KeyPath) -> list[str]:
    """The keys that the model knows at ``path``; a step that is no field of it is passed over."""
    for step in path:
        field = getattr(model, "model_fields", {}).get(step)
        if field:
            parts = [t for t in _inner_types(field.annotation) if hasattr(t, "model_fields")]
            model = parts[0] if parts else None
    return [f.alias or name for name, f in getattr(model, "model_fields", {}).items()]


def _inner_types(annotation: Any) -> list[Any]:
    inner = getattr(annotation, "__args__", ())
    return [annotation] + [t for a in inner for t in _inner_types(a)]


class _Builder:
    """Turns YAML nodes into plain data and notes their places in the document."""

    def __init__(self, document: Document, constructor: Any) -> None:
        self.document, self.constructor = document, constructor
        self.open: list[int] = []
        self.values = 0

    def build_node(self, node: Node, path: KeyPath) -> Any:
        self.values += 1
        if self.values > _MOST_VALUES:
            raise _TooMuch(path, f"stands for more than {_MOST_VALUES} values")
        if len(self.open) > _DEEPEST:
            raise _TooMuch(path, _TOO_DEEP)
        if id(node) in self.open:
            self.document.report_problem(path, "an anchor that contains itself")
            return None
        if isinstance(node, ScalarNode):
            return self.build_scalar(node, path)
        self.open.append(id(node))
        build = self.build_sequence if isinstance(node, SequenceNode) else self.build_mapping
        built = build(node, path)
        self.open.pop()
        return built

    def build_scalar(self, node: ScalarNode, path: KeyPath) -> Any:
        self.document.written[path] = node.value
        try:
            return self.constructor.construct_object(node, deep=True)
        except ValueError:
            # A text that looks like a date or a number and is none, such as 2025-02-30.
            return node.value

    def build_sequence(self, node: Node, path: KeyPath) -> list[Any]:
        built = []
        for index, element in enumerate(node.value):
            self.note_place((*path, index), element)
            built.append(self.build_node(element, (*path, index)))
        return built

    def build_mapping(self, node: Node, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        # What a merge key brings comes first, so that the places of the mapping's own keys count.
        for key_node, value_node in sorted(node.value, key=lambda pair: pair[0].tag != _MERGE):
            if not isinstance(key_node, ScalarNode):
                self.document.report_problem(path, "a key must be a single word")
            elif key_node.tag == _MERGE:
                merged |= self.merge_keys(value_node, path)
            elif key_node.value in data:
                self.report_double(key_node, (*path, key_node.value))
            else:
                self.note_place((*path, key_node.value), key_node)
                data[key_node.value] = self.build_node(value_node, (*path, key_node.value))
        return {**merged, **data}

    def report_double(self, key: ScalarNode, path: KeyPath) -> None:
        first, _ = self.document.places[path]
        self.note_place(path, key)
        message = f"stands here a second time, first in line {first}"
        self.document.report_problem(path, message)

    def merge_keys(self, node: Node, path: KeyPath) -> dict[str, Any]:
        """The keys that a merge key brings, of one mapping or of several; the first one counts."""
        parts = node.value if isinstance(node, SequenceNode) else [node]
        found: dict[str, Any] = {}
        for part in reversed(parts):
            built = self.build_node(part, path)
            if isinstance(built, dict):
                found |= built
            else:
                self.document.report_problem(path, "what is merged by << must be keys with values")
        return found

    def note_place(self, path: KeyPath, node: Node) -> None:
        self.document.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
