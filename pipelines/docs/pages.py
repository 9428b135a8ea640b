"""Writes the generated pages, and finds those on disk that are no longer current."""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.docs.markdown import page_name

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "generated"


def generate_pages() -> dict[str, str]:
    """All pages by file name, the same text in every run."""
    # The mapping engine imports pandas and Arrow, which a command line that only shows its help
    # must not load.
    from pipelines.docs import (
        codes,
        consent,
        crash_matrix,
        data_protection,
        dictionary,
        fault_kinds,
        findings,
        indicators,
        phenomena,
        sources,
        transports,
    )

    modules = (
        codes,
        consent,
        crash_matrix,
        data_protection,
        dictionary,
        fault_kinds,
        findings,
        indicators,
        phenomena,
        sources,
        transports,
    )
    return {page_name(module.__name__): module.page_text() for module in modules}


def find_stale(folder: Path) -> list[str]:
    """Names of the pages in ``folder`` that are missing, differ, or are no longer generated."""
    return _compare_pages(folder, generate_pages())


def _compare_pages(folder: Path, pages: dict[str, str]) -> list[str]:
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(dict(pages.items() ^ there.items()))


def write_pages(folder: Path) -> list[str]:
    """Brings the pages in ``folder`` up to date; the names of those it changed or removed."""
    pages = generate_pages()
    changed = _compare_pages(folder, pages)
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in pages:
            (folder / name).write_text(pages[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
    return changed


def run_docs(check: bool, folder: Path = FOLDER) -> int:
    """Writes the pages, or with ``check`` only lists the stale ones; returns the exit status."""
    names = find_stale(folder) if check else write_pages(folder)
    outcome = "is not current: run `drehscheibe docs`" if check else "written"
    for name in names:
        print(f"{folder.name}/{name} {outcome}", file=sys.stderr)
    if not names:
        print(f"{folder.name}/: all pages are current", file=sys.stderr)
    return 1 if check and names else 0
