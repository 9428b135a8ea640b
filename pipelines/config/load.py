"""Finds and loads the configuration; all mistakes are reported together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mappings.problems import Problem, YamlProblems
from mappings.yaml_file import Document, read_document, read_yaml_bytes
from pipelines.config.checks import check_agreement, check_folders_exist
from pipelines.config.fetch_checks import check_fetch, check_fetch_files
from pipelines.config.form import report_form
from pipelines.config.models import Config

NAME = "drehscheibe.yaml"


class ConfigError(YamlProblems):
    """Everything wrong with a configuration, one line per problem, in the order of the file."""


def find_config(start: Path) -> Path:
    """The nearest drehscheibe.yaml in ``start`` or above it; ConfigError where there is none."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / NAME).is_file():
            return folder / NAME
    message = f"not found in {start} or any folder above"
    raise ConfigError([Problem(NAME, 0, 0, "", message, "write one, or name it with -c")])


def load_config(path: Path, *, check_folders: bool = True) -> Config:
    """The configuration in ``path``; ConfigError lists all its mistakes at once.

    ``check_folders=False`` is for commands that read no deliveries and need no folders.
    """
    path = path.resolve()
    document = read_document(_read_text(path), path.name)
    if document.data is None and not document.problems:
        document.report_problem((), "the file is empty", "it needs at least district and sources")
    config = _validate_config(document, path) if document.data is not None else None
    if isinstance(document.data, dict):
        check_agreement(document, path.parent)
        check_fetch(document)
        if check_folders:
            check_fetch_files(document, path.parent)
            check_folders_exist(document, path.parent)
    if document.problems or config is None:
        raise ConfigError(document.problems)
    return config


def _read_text(path: Path) -> str:
    try:
        return read_yaml_bytes(path).decode("utf-8-sig")
    except YamlProblems as error:
        raise ConfigError(error.problems) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = Problem(path.name, line, 1, "", "is not UTF-8", "save it as UTF-8")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        problem = Problem(path.name, 0, 0, "", message, f"looked for {path}")
    raise ConfigError([problem])


def _validate_config(document: Document, path: Path) -> Config | None:
    context: dict[str, Any] = {"folder": path.parent, "path": path}
    try:
        return Config.model_validate(document.data, context=context)
    except ValidationError as error:
        report_form(document, error)
        return None
