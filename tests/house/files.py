"""Which files belong to the project and which packages are its rooms; shared by the tests of the house."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
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
    """Every module a file imports, anywhere in it; a relative import is written out."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return _imported(path, ast.walk(tree))


def run_time_imports(path: Path) -> Iterator[str]:
    """Every module a file imports when it runs, in functions too; imports for types alone are left out."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return _imported(path, _run_time_nodes(tree))


def _run_time_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield child
            yield from _run_time_nodes(child)


def _imported(path: Path, nodes: Iterable[ast.AST]) -> Iterator[str]:
    package = [*path.with_suffix("").parts[:-1]]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*parent, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
