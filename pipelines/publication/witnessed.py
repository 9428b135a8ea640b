"""The publications of a hub, which the ledger of the warehouse bears witness to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.publication.ledger import (
    Publication,
    read_publications,
    sum_publications,
    write_publication,
)
from warehouse.ledger.entries import lock_ledger
from warehouse.ledger.publications import enter_publications, read_publication_sums

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.hub import Hub


def publications_folder(hub: Hub) -> Path:
    """Where the publications are."""
    return hub.config.data_folder.path / "publications"


def read_witnessed(hub: Hub) -> list[Publication]:
    """All publications; BrokenLedger where one is not as it was entered, or is missing."""
    with hub.store.read() as connection:
        witnessed = read_publication_sums(connection)
    return read_publications(publications_folder(hub), witnessed)


def write_witnessed(hub: Hub, made: Publication) -> Publication:
    """Appends a publication and enters it, with those made before there were entries.

    The file is there before its entry: where the entry is lost, the next publication makes it.
    """
    folder = publications_folder(hub)
    with hub.store.transaction() as connection:
        lock_ledger(connection)
        witnessed = read_publication_sums(connection)
        read_publications(folder, witnessed)
        chained = write_publication(folder, made)
        sums = sum_publications(folder)
        enter_publications(connection, {n: s for n, s in sums.items() if n not in witnessed})
    return chained
