"""Reads the checkpoint that a form, letter, notice or submission carries, or that was typed."""

from __future__ import annotations

from pathlib import Path

from connectors.documents.pdf_texts import read_stream_texts
from pipelines.failures import Failure, Kind
from warehouse.ledger.checkpoint import Checkpoint, parse_checkpoint

MOST_BYTES = 50_000_000


class NoCheckpoint(Failure):
    """What was given names no checkpoint of the ledger."""

    kind = Kind.WRONG_CALL


def read_printed(named: str) -> Checkpoint:
    """The checkpoint in a file (PDF, JSON or text) or in the words themselves.

    Raises NoCheckpoint where there is none, or several that differ.
    """
    found = _parse_text(named)
    if found is not None:
        return found
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
    return found


def _parse_text(text: str) -> Checkpoint | None:
    try:
        return parse_checkpoint(text)
    except ValueError:
        raise NoCheckpoint("it carries several checkpoints that differ; type one") from None
