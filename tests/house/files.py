"""Which files belong to the project and which packages are its rooms; shared by the tests of the house."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("connectors", "mappings", "warehouse", "pipelines", "examples")


@cache
def project_files() -> tuple[Path, ...]:
    """All files that are or may be committed, relative to the root; without git, all but hidden folders."""
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        names = {Path(name) for name in listed.stdout.decode().split("\0") if name}
    else:
        names = {path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()}
        names = {
            n
            for n in names
            if not any(p.startswith(".") or p == "__pycache__" for p in n.parts[:-1])
        }
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def python_files(*rooms: str) -> list[Path]:
    """The Python files of these rooms, or of the whole project."""
    files = [name for name in project_files() if name.suffix == ".py"]
    return [name for name in files if name.parts[0] in rooms] if rooms else files


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it the import stands; a relative one is written out."""
    package = [*path.with_suffix("").parts[:-1]]
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*parent, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
