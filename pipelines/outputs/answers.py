"""Answers about the data itself: the balance of every delivery, how each source stands. Figures are not here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from pipelines.outputs import ledger
from pipelines.run import waiting
from warehouse.schema.states import DeliveryState, Severity

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from pipelines.take import Waiting

INNER = ("delivery",)
Answer = dict[str, Any]


def balance(hub: Hub, sources: Sequence[str] = ()) -> Answer:
    """What became of every row and record: the answer of ``drehscheibe balance``, in order of date and source."""
    with hub.store.read() as connection:
        found = ledger.deliveries(connection, sources)
    return {"deliveries": [{k: v for k, v in d.items() if k not in INNER} for d in found]}


def closes(answer: Answer) -> bool:
    """True where all rows and all records of a ``balance`` answer add up."""
    rows = all(t["read"] == t["used"] + t["rejected"] + t["repeated"] + t["left_out"] for d in answer["deliveries"] for t in d["tables"])
    records = all(k["before"] + k["new"] - k["gone"] == k["after"] for d in answer["deliveries"] for k in d["known"].values())
    return rows and records


def status(hub: Hub, sources: Sequence[str] = (), today: date | None = None) -> Answer:
    """How each configured source stands and what waits in its folder: the answer of ``drehscheibe status``.

    ``state`` is that of the newest delivery (loaded, incomplete, failed) or "never"; ``open_findings`` are that
    delivery's, because a newer one replaces them. ``age_days`` counts from the last delivery loaded to ``today`` (None:
    the day it is).
    """
    today = today or date.today()
    names = [n for n in hub.config.sources if not sources or n in sources]
    with hub.store.read() as connection:
        found = ledger.deliveries(connection, names)
        newest = {d["source"]: d for d in found}
        findings = {n: ledger.findings_by_rule(connection, d["delivery"]) for n, d in newest.items()}
    lines = [_line(hub, n, [d for d in found if d["source"] == n], findings.get(n, {}), today) for n in names]
    queue = waiting(hub, names, settle_seconds=0)
    ready = [w for w in queue.ready if not _known(hub, w, found)]
    aside = [{"source": t.source, "state": t.state, "message": t.message} for t in queue.aside]
    waits = [{"source": w.source, "date": w.delivered_on.isoformat(), "files": len(w.files)} for w in ready]
    return {"load": max((d["load"] or 0 for d in found), default=0), "sources": lines, "waiting": waits, "aside": aside}


def _line(hub: Hub, name: str, found: Sequence[Answer], findings: dict[tuple[str, str], int], today: date) -> Answer:
    settings = hub.config.sources[name]
    loaded = [d for d in found if d["load"] is not None]
    last, newest = loaded[-1] if loaded else None, found[-1] if found else None
    age = (today - date.fromisoformat(last["date"])).days if last else None
    every = settings.expect_every_days
    return {
        "source": name,
        "carrier": settings.carrier,
        "last_delivery": last["date"] if last else None,
        "age_days": age,
        "overdue": every is not None and (age is None or age > every),
        "load": last["load"] if last else None,
        "rows_used": sum(t["used"] for t in last["tables"]) if last else 0,
        "open_findings": {s: sum(n for (_, severity), n in findings.items() if severity == s) for s in Severity},
        "state": newest["state"] if newest else DeliveryState.NEVER,
        "red": newest is not None and newest["state"].is_red,
        "message": newest["message"] if newest else "",
    }


def _known(hub: Hub, item: Waiting, found: Sequence[Answer]) -> bool:
    """True where the landing holds a delivery of that day with files of these names and sizes."""
    # Names and sizes tell without reading gigabytes; the run itself compares the bytes.
    lying = {name: path.stat().st_size for name, path in item.files}
    for d in found:
        if (d["source"], d["date"]) == (item.source, item.delivered_on.isoformat()):
            manifest = hub.landing.place_of(d["delivery"])
            if manifest.exists():
                landed = json.loads(manifest.read_text(encoding="utf-8"))["files"]
                if {f["name"]: f["size"] for f in landed} == lying:
                    return True
    return False
