"""Keeps the models of a district's weights; the newest counts, and none is ever changed."""

from __future__ import annotations

import getpass

from sqlalchemy import Connection, func, insert, select

from warehouse.identity.weights import Model
from warehouse.ledger.clock import read_clock
from warehouse.schema import identity_model


def read_model(connection: Connection) -> Model | None:
    """The newest model; None where there is none, or one that today's recipe cannot use."""
    c = identity_model.c
    newest = select(c.content).order_by(c.number.desc()).limit(1)
    content = connection.execute(newest).scalar_one_or_none()
    try:
        return Model.from_json(content) if content is not None else None
    except ValueError:
        return None


def write_model(connection: Connection, model: Model, load_number: int) -> None:
    """Adds a model, which counts from a load on."""
    last = connection.execute(select(func.max(identity_model.c.number))).scalar_one() or 0
    values = {
        "number": last + 1,
        "version": model.version,
        "content": model.to_json(),
        "records": model.records,
        "trained_load": load_number,
        "trained_by": getpass.getuser(),
        "trained_at": read_clock(),
    }
    connection.execute(insert(identity_model).values(values))
