"""Takes erased persons who were delivered again out of the landed files of that delivery."""

from __future__ import annotations

from sqlalchemy import Connection

from pipelines.hub import Hub
from pipelines.rights.erased_rows import ErasedRows
from pipelines.rights.landed_rows import LandedSearch, list_places
from pipelines.rights.person_strings import with_shared
from pipelines.rights.rewritten_landing import LandingRewriter, Rewrite
from pipelines.rights.sought_strings import list_needles
from warehouse.erasure.blanked_ledger import forget_values, record_erasure
from warehouse.landing.landing import Manifest
from warehouse.ledger.clock import read_clock
from warehouse.rights.person_rows import OwnRecords
from warehouse.rights.subject import Subject
from warehouse.schema import landing_rewrite

_INGEST = "eingang"


def forget_erased(hub: Hub, manifest: Manifest, erased: ErasedRows) -> None:
    """Writes the files anew without the rows that were left out; raises NotRewritten."""
    if not erased.left_out:
        return
    search = _search_erased(hub, erased)
    places = list_places(search.find_tables(manifest))
    rewriter = LandingRewriter(search, list_needles(search.strings, ()))
    rewrites = list(rewriter.rewrite_delivery(manifest))
    with hub.store.transaction() as connection:
        forget_values(connection, places)
        for rewrite in rewrites:
            _record_rewrite(connection, rewrite)


def _search_erased(hub: Hub, erased: ErasedRows) -> LandedSearch:
    """A search for all persons who were erased and came again."""
    subject = Subject("", {(erased.source, key): 0 for key in erased.keys})
    own = OwnRecords(subject, {"case": subject.by_source()})
    with hub.store.read() as connection:
        strings = with_shared(connection, erased.make_strings(), subject)
    return LandedSearch(hub, own, strings)


def _record_rewrite(connection: Connection, rewrite: Rewrite) -> None:
    values = {**vars(rewrite), "erasure_id": _INGEST, "made_at": read_clock()}
    record_erasure(connection, landing_rewrite, **values)
