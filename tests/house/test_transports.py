"""Where the name of a transport may be spelled: in its modules, its configuration class and its page, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.config.transports import TRANSPORTS
from pipelines.docs.transports import page_of
from tests.house.files import ROOT, imports, project_files

# What has the same name for another reason.
OTHER_THINGS = {
    "sftp": {
        *("drehscheibe.py", "pyproject.toml"),  # the extra with the library
        # the way out
        *("connectors/dispatch/sftp_drop.py", "pipelines/config/hand_over.py"),
        *("pipelines/transfer/way_out.py", "docs/handing-over.md"),
    },
    "enaio_dms": {"mappings/sources/enaio_dms.yaml"},  # the mapping
}
LISTED = {"docs/generated/transports.md", "docs/generated/sources.md", "CHANGELOG.md"}


def own_files(kind: str) -> set[str]:
    """The module of the configuration class, those of the connector that it imports, and the page."""
    transport = TRANSPORTS[kind]
    declared = Path(*transport.__module__.split(".")).with_suffix(".py")
    modules = {module for module in imports(declared) if re.match(r"connectors\.\w+\.\w+", module)}
    files = {"/".join(module.split(".")[:3]) + ".py" for module in modules}
    rooms = {file.rpartition("/")[0] for file in files} - {"connectors/fetch"}
    files |= {str(path) for path in project_files() if path.parent.as_posix() in rooms}
    return {str(declared), *files, f"docs/connectors/{page_of(transport)}"}


def spelled_in(kind: str) -> set[str]:
    """Every file outside the tests that has the name as a word; of a page, only what is code counts."""
    found = set()
    for path in project_files():
        if path.suffix not in (".py", ".md", ".toml", ".yaml") or path.parts[0] == "tests":
            continue
        text = (ROOT / path).read_text(encoding="utf-8")
        if path.suffix == ".md":
            text = "\n".join(re.findall(r"`[^`\n]*`|kind: \w+", text))
        if re.search(rf"\b{kind}\b", text):
            found.add(str(path))
    return found


@pytest.mark.parametrize("kind", TRANSPORTS)
def test_a_name_is_spelled_in_its_own_files_only(kind: str) -> None:
    assert sorted(spelled_in(kind) - own_files(kind) - OTHER_THINGS.get(kind, set()) - LISTED) == []


@pytest.mark.parametrize("kind", TRANSPORTS)
def test_each_has_a_page_that_shows_it_and_names_its_keys(kind: str) -> None:
    page = (ROOT / "docs" / "connectors" / page_of(TRANSPORTS[kind])).read_text(encoding="utf-8")
    assert f"kind: {kind}\n" in page
    words = set(re.findall(r"\w+", page))
    assert sorted(TRANSPORTS[kind].model_fields.keys() - words) == []
