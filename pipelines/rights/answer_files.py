"""Writes an answer about a person into a folder: as a letter to print, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.documents.person.person_letter import PersonLetter, print_letter
from pipelines.rights.plain_answer import as_plain
from warehouse.files.atomic_file import write_file


def write_answer(
    out: Path, stem: str, answer: Any, make_letter: Callable[[], PersonLetter]
) -> list[Path]:
    """Writes both into the folder, readable by this account only; returns where they are."""
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(as_plain(answer), ensure_ascii=False, indent=1) + "\n"
    pdf = print_letter(make_letter())
    files = {out / f"{stem}.pdf": pdf, out / f"{stem}.json": text.encode()}
    for path, content in files.items():
        write_file(path, content)
    return list(files)
