"""Keeps the models of a district's weights; the newest counts, and none is ever changed."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from warehouse.identity.weights import Model
from warehouse.ledger.clock import read_clock
from warehouse.schema import identity_model

# Between the version of the model and what pairs were compared by beside it.
_APART = "/"


@dataclass(frozen=True)
class StoredModel:
    """The newest model, and the version of rules and known names that pairs were compared by."""

    model: Model
    compared_by: str


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


@dataclass(frozen=True)
class DroppedModel:
    """A model that somebody trained and that counts no more; ``records``: from how many it was made.

    The weights of today's recipe are others, so that the shipped model counts until the next one.
    """

    trained_load: int
    records: int


def find_dropped(connection: Connection) -> DroppedModel | None:
    """The trained model that today's recipe cannot use, until one is trained again."""
    c = identity_model.c
    rows = connection.execute(select(c.trained_load, c.records).order_by(c.number.desc())).all()
    # The shipped model is made from nobody's records.
    trained = next((row for row in rows if row.records), None)
    if trained is None or (trained is rows[0] and read_model(connection) is not None):
        return None
    return DroppedModel(trained.trained_load, trained.records)


def write_model(connection: Connection, stored: StoredModel, load_number: int) -> None:
    """Adds a model, which counts from a load on."""
    last = connection.execute(select(func.max(identity_model.c.number))).scalar_one() or 0
    values = {
        "number": last + 1,
        "version": f"{stored.model.version}{_APART}{stored.compared_by}",
        "content": stored.model.to_json(),
        "records": stored.model.records,
        "trained_load": load_number,
        "trained_by": getpass.getuser(),
        "trained_at": read_clock(),
    }
    connection.execute(insert(identity_model).values(values))
