"""The part `encryption`: where the key of landing and warehouse comes from. The key itself never stands in the configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mappings.yaml_file import Document
from pipelines.config.part import Part, Place

if TYPE_CHECKING:
    from warehouse.encryption.key import Key

VARIABLE = "DREHSCHEIBE_KEY"


class Encryption(Part):
    """The key lies in a file that only the hub's account can read, or in a variable of the environment; one of the two."""

    key_file: Place | None = None
    key_env: str | None = None

    def read_key(self) -> Key:
        """The key; KeyProblem says what is wrong with it."""
        from warehouse.encryption.key import from_environment, from_file

        return (
            from_file(self.key_file)
            if self.key_file
            else from_environment(self.key_env or VARIABLE)
        )


def is_below(path: Path, folder: Path) -> bool:
    """True where a key would lie with what it opens, and go into every copy of it."""
    return path.resolve().is_relative_to(folder.resolve())


def check_encryption(document: Document, folder: Path) -> None:
    """Everything that can be said of the part from the file itself; works on the plain data."""
    part: Any = document.data.get("encryption")
    if not isinstance(part, dict):
        return
    file, variable = part.get("key_file"), part.get("key_env")
    if (file is None) == (variable is None):
        document.report_problem(
            ("encryption",), "needs one of key_file and key_env", f"such as {{key_env: {VARIABLE}}}"
        )
    if isinstance(variable, str) and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        # what stands there is not repeated: it may be the key
        document.report_problem(
            ("encryption", "key_env"),
            "is no name of a variable",
            f"such as {VARIABLE}; the key itself never stands here",
        )
    data = document.data.get("data", "data")
    if isinstance(file, str) and isinstance(data, str) and is_below(folder / file, folder / data):
        document.report_problem(
            ("encryption", "key_file"),
            "lies in the data folder, with what it opens",
            "keep it elsewhere, and copies of it",
        )
