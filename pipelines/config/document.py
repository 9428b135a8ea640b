"""A YAML text as plain data that remembers where each key stands, double keys too. What they mean is not known here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode

from mappings.problems import Problem, did_you_mean

KeyPath = tuple[str | int, ...]


@dataclass
class Document:
    """The data of one file; ``written`` is the spelling of each scalar, since 08999 without quotes is read as 8999."""

    file: str
    data: Any = None
    places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    written: dict[KeyPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, path: KeyPath, message: str, suggestion: str | None = None) -> None:
        """Notes a mistake at the key or item of ``path``, or at its nearest parent that is there."""
        place = next((self.places[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.places), (1, 1))
        self.problems.append(Problem(self.file, *place, ".".join(map(str, path)), message, suggestion))

    def report_unknown(self, path: KeyPath, message: str, word: str, known: list[str]) -> None:
        """The same for a word that is none of the known ones, with the nearest of them."""
        self.report(path, message, did_you_mean(word, known))


def read_document(text: str, file: str) -> Document:
    """The text as data; every double key is a problem, and the first error of syntax is one and ends the reading."""
    document = Document(file)
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
        document.data = _Builder(document, yaml.constructor).build(node, ()) if node else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        begun = error.context_mark.line + 1 if error.context_mark else line
        hint = f"look at what begins in line {begun}" if begun != line else None
        document.problems.append(Problem(file, line, column, "", f"no valid YAML: {error.problem}", hint))
    except YAMLError:
        document.problems.append(Problem(file, 1, 1, "", "no valid YAML: a character that YAML does not allow"))
    return document


class _Builder:
    """Turns YAML nodes into plain data and notes their places on the way."""

    def __init__(self, document: Document, constructor: Any) -> None:
        self.document, self.constructor = document, constructor
        self.open: list[int] = []

    def build(self, node: Node, path: KeyPath) -> Any:
        if id(node) in self.open:
            self.document.report(path, "an anchor that contains itself")
            return None
        if isinstance(node, ScalarNode):
            return self.scalar(node, path)
        self.open.append(id(node))
        built = self.sequence(node, path) if isinstance(node, SequenceNode) else self.mapping(node, path)
        self.open.pop()
        return built

    def scalar(self, node: ScalarNode, path: KeyPath) -> Any:
        self.document.written[path] = node.value
        try:
            return self.constructor.construct_object(node, deep=True)
        except ValueError:  # looks like a date or a number and is none, such as 2025-02-30
            return node.value

    def sequence(self, node: SequenceNode, path: KeyPath) -> list[Any]:
        for index, item in enumerate(node.value):
            self.note((*path, index), item)
        return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]

    def mapping(self, node: Node, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.document.report(path, "a key must be a single word")
            elif key_node.value in data:
                first = self.document.places[(*path, key_node.value)][0]
                self.note((*path, key_node.value), key_node)
                self.document.report((*path, key_node.value), f"stands here a second time, first in line {first}")
            else:
                self.note((*path, key_node.value), key_node)
                data[key_node.value] = self.build(value_node, (*path, key_node.value))
        return data

    def note(self, path: KeyPath, node: Node) -> None:
        self.document.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
