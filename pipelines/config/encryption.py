"""The part `encryption`: where the key of landing and warehouse is. It holds no key itself."""

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
    """Where the key is: in a file that only the hub's account can read, or in a variable."""

    key_file: Place | None = None
    key_env: str | None = None

    def read_key(self) -> Key:
        """The key; KeyProblem where it is missing or wrong."""
        from warehouse.encryption.key import from_environment, from_file

        if self.key_file:
            return from_file(self.key_file)
        return from_environment(self.key_env or VARIABLE)


def is_below(path: Path, folder: Path) -> bool:
    """Whether a key would be in the folder that it opens, and in every copy of it."""
    return path.resolve().is_relative_to(folder.resolve())


def check_encryption(document: Document, folder: Path) -> None:
    """Reports what is wrong with the part in the file itself; works on the plain data."""
    part: Any = document.data.get("encryption")
    if not isinstance(part, dict):
        return
    file, variable = part.get("key_file"), part.get("key_env")
    if (file is None) == (variable is None):
        hint = f"such as {{key_env: {VARIABLE}}}"
        document.report_problem(("encryption",), "needs one of key_file and key_env", hint)
    if isinstance(variable, str) and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        # The text is not repeated: it may be the key.
        hint = f"such as {VARIABLE}; the key itself never stands here"
        document.report_problem(("encryption", "key_env"), "is no name of a variable", hint)
    data = document.data.get("data", "data")
    if isinstance(file, str) and isinstance(data, str) and is_below(folder / file, folder / data):
        message = "lies in the data folder, with what it opens"
        hint = "keep it elsewhere, and copies of it"
        document.report_problem(("encryption", "key_file"), message, hint)
