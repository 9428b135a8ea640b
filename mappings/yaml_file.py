"""Reading a YAML file (1.2, so that NO stays a word) into a pydantic model, every mistake with its line. No meaning here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from mappings.problems import Problem, YamlProblems, did_you_mean

Model = TypeVar("Model", bound=BaseModel)
Path_ = tuple[str | int, ...]


def read_yaml(path: Path) -> Any:
    """The file as ruamel's mappings, which remember their lines; YamlProblems where it is no YAML or a key stands twice."""
    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise YamlProblems([Problem(path.name, line, column, "", (error.problem or "no valid YAML").strip())]) from None
    except (YAMLError, UnicodeDecodeError):
        raise YamlProblems([Problem(path.name, 1, 1, "", "no valid YAML in UTF-8")]) from None


def read_model(path: Path, model: type[Model]) -> Model:
    """The file as ``model``; all mistakes at once, with line and suggestion."""
    return to_model(read_yaml(path), model, path.name)


def to_model(data: Any, model: type[Model], file: str) -> Model:
    """Data read by ``read_yaml`` as ``model``; YamlProblems with the lines of ``data``."""
    try:
        return model.model_validate(plain(data))
    except ValidationError as error:
        raise YamlProblems([_problem(data, model, file, e) for e in error.errors()]) from None


def place(data: Any, path: Path_) -> tuple[int, int]:
    """Line and column of the key or item at ``path``, or of its nearest parent that exists."""
    line, column = 1, 1
    for step in path:
        if not isinstance(data, CommentedMap | CommentedSeq):
            break
        try:
            position = data.lc.key(step) if isinstance(data, CommentedMap) else data.lc.item(step)
            data = data[step]
        except (KeyError, IndexError, TypeError):
            break
        line, column = position[0] + 1, position[1] + 1
    return line, column


def plain(data: Any) -> Any:
    """The same without ruamel's types; keys become text."""
    if isinstance(data, dict):
        return {str(k): plain(v) for k, v in data.items()}
    return [plain(v) for v in data] if isinstance(data, list) else data


def _problem(data: Any, model: type[BaseModel], file: str, error: Any) -> Problem:
    path = tuple(p for p in error["loc"])
    line, column = place(data, path)
    where = ".".join(str(p) for p in path)
    message, suggestion = str(error["msg"]), None
    if error["type"] == "extra_forbidden":
        message = "unknown key"
        suggestion = did_you_mean(str(path[-1]), _keys_at(model, path[:-1]))
    return Problem(file, line, column, where, message, suggestion)


def _keys_at(model: Any, path: Path_) -> list[str]:
    for step in path:
        field = getattr(model, "model_fields", {}).get(step)
        model = next((a for a in _types(field.annotation) if hasattr(a, "model_fields")), None) if field else model
    return [f.alias or name for name, f in getattr(model, "model_fields", {}).items()]


def _types(annotation: Any) -> list[Any]:
    inner = getattr(annotation, "__args__", ())
    return [annotation] + [t for a in inner for t in _types(a)]
