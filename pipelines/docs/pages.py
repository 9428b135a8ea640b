"""Which pages there are; writing them, and telling which on disk differ from what the code says now. Contents stand in the other files."""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "generated"


def generate_pages() -> dict[str, str]:
    """All pages by file name, the same text in every run."""
    # The mapping engine pulls in pandas and Arrow, which a command line that only shows its help must not load.
    from pipelines.docs import (
        codes,
        consent,
        crash_matrix,
        dictionary,
        findings,
        indicators,
        sources,
        transports,
    )

    return {
        "codes.md": codes.page_text(),
        "consent.md": consent.page_text(),
        "crash-matrix.md": crash_matrix.page_text(),
        "dictionary.md": dictionary.page_text(),
        "findings.md": findings.page_text(),
        "indicators.md": indicators.page_text(),
        "sources.md": sources.page_text(),
        "transports.md": transports.page_text(),
    }


def find_stale(folder: Path) -> list[str]:
    """Names of pages in ``folder`` that are missing, differ from what would be generated, or are generated no more."""
    pages = generate_pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}
    return sorted(
        name for name in pages.keys() | there.keys() if pages.get(name) != there.get(name)
    )


def write_pages(folder: Path) -> list[str]:
    """Brings the pages in ``folder`` up to date; gives the names of those it changed or removed."""
    changed = find_stale(folder)
    pages = generate_pages()
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in pages:
            (folder / name).write_text(pages[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
    return changed


def run_docs(check: bool, folder: Path = FOLDER) -> int:
    """The command ``drehscheibe docs``: writes the pages, or with ``check`` only tells which are stale; gives the exit status."""
    names = find_stale(folder) if check else write_pages(folder)
    for name in names:
        print(
            f"{folder.name}/{name} {'is not current: run `drehscheibe docs`' if check else 'written'}",
            file=sys.stderr,
        )
    if not names:
        print(f"{folder.name}/: all pages are current", file=sys.stderr)
    return 1 if check and names else 0
