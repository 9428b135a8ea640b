"""Reads the checkpoint that a form, letter, notice or submission carries, or that was typed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.documents.pdf_texts import read_stream_texts
from pipelines.failures import Failure, Kind
from warehouse.ledger.checkpoint import Checkpoint, parse_checkpoint
from warehouse.ledger.verification import PrintedForm

MOST_BYTES = 50_000_000


class NoCheckpoint(Failure):
    """What was given names no checkpoint of the ledger."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class Printed:
    """A checkpoint, and the form that carries it, if it is one."""

    checkpoint: Checkpoint
    form: PrintedForm | None = None


def read_printed(named: str) -> Printed:
    """The checkpoint in a file (PDF, JSON or text) or in the words themselves.

    Raises NoCheckpoint where there is none, or several that differ.
    """
    found = _parse_text(named)
    if found is not None:
        return Printed(found)
    path = Path(named)
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise NoCheckpoint(f"'{named}' is neither a checkpoint (SIZE · ROOT) nor a file with one")
    content = path.read_bytes()
    texts = list(read_stream_texts(content)) or [content.decode("utf-8", "ignore")]
    found = _parse_text("\n".join(texts))
    if found is None:
        raise NoCheckpoint(
            f"{path.name} carries no checkpoint; type the one printed on it: 'SIZE · ROOT'"
        )
    return Printed(found, _find_form(content, texts))


def _find_form(content: bytes, texts: Sequence[str]) -> PrintedForm | None:
    """The form that a PDF is, by the data attached to it."""
    for text in texts:
        try:
            data = json.loads(text)
        except ValueError:
            continue
        if isinstance(data, dict) and "form" in data and isinstance(data.get("number"), str):
            return PrintedForm(data["number"], hashlib.sha256(content).hexdigest())
    return None


def _parse_text(text: str) -> Checkpoint | None:
    try:
        return parse_checkpoint(text)
    except ValueError:
        raise NoCheckpoint("it carries several checkpoints that differ; type one") from None
