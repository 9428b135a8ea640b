"""Writes the statement of a package: what it was made of, with which parameters and program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.documents.package.statement import Dependency, write_statement
from pipelines.submission.dependencies import list_dependencies
from warehouse.ledger.entries import read_checkpoint
from warehouse.ledger.submissions import Submission

if TYPE_CHECKING:
    from pipelines.hub import Hub


def write_made_of(hub: Hub, made: Submission, payload: Mapping[str, bytes]) -> bytes:
    """The text of the statement over the files of a package."""
    made_of = _read_dependencies(hub, made.load_number)
    asked = _list_parameters(made) | _read_checkpoint(hub, made)
    return write_statement(payload, made_of, asked, json.loads(made.program))


def list_units(made: Submission) -> list[Any]:
    """What the submission is divided by: kinds of unit, or the grant it proves."""
    return list(json.loads(made.units))


def _read_checkpoint(hub: Hub, made: Submission) -> dict[str, str]:
    """The state of the ledger that the package carries; nothing before there was a tree."""
    if made.tree_size is None:
        return {}
    with hub.store.read() as connection:
        return {"checkpoint": read_checkpoint(connection, made.tree_size).text}


def _read_dependencies(hub: Hub, number: int) -> list[Dependency]:
    known_at = hub.known_at(number)
    with hub.store.read() as connection:
        return list(list_dependencies(connection, known_at))


def _list_parameters(made: Submission) -> dict[str, Any]:
    return {
        "submission": made.submission_id,
        "product": made.product,
        "from": made.period_from.isoformat(),
        "to": made.period_to.isoformat(),
        "by": list_units(made),
        "load": made.load_number,
        "corrects": made.corrects,
        "open_points": json.loads(made.open_points),
        "prepared_at": made.prepared_at.isoformat(timespec="seconds") + "Z",
        "prepared_by": made.prepared_by,
    }
