"""Keeps the models of a district's weights; the newest counts, and none is ever changed."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from warehouse.identity.weights import Model
from warehouse.ledger.clock import read_clock
from warehouse.schema import identity_model

# Between the versions of the model and of the known names.
_APART = "/"


@dataclass(frozen=True)
class StoredModel:
    """The newest model, and the digest of the known names that pairs were compared by."""

    model: Model
    names: str


def read_model(connection: Connection) -> StoredModel | None:
    """The newest model; None where there is none, or one that today's recipe cannot use."""
    c = identity_model.c
    newest = select(c.version, c.content).order_by(c.number.desc()).limit(1)
    row = connection.execute(newest).first()
    try:
        model = Model.from_json(row.content) if row is not None else None
    except ValueError:
        model = None
    if row is None or model is None:
        return None
    return StoredModel(model, row.version.partition(_APART)[2])


def write_model(connection: Connection, stored: StoredModel, load_number: int) -> None:
    """Adds a model, which counts from a load on."""
    last = connection.execute(select(func.max(identity_model.c.number))).scalar_one() or 0
    values = {
        "number": last + 1,
        "version": f"{stored.model.version}{_APART}{stored.names}",
        "content": stored.model.to_json(),
        "records": stored.model.records,
        "trained_load": load_number,
        "trained_by": getpass.getuser(),
        "trained_at": read_clock(),
    }
    connection.execute(insert(identity_model).values(values))
