"""All that is compared after a crash: every answer as text, every row of every table, every file; and the landing against its names."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pypdf import PdfReader
from sqlalchemy import select

from connectors.documents.jobcenter.parcel import LETTER, MANIFEST
from examples.generate import SimulatedDistrict
from pipelines.cli.json_answer import to_json
from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.intake.delivery_status import answer_balance
from pipelines.transfer.decision import Record, decide_transfer
from warehouse.as_of import UnknownDay
from warehouse.identity.person_links import count_unlinked
from warehouse.identity.person_links import list_links as links
from warehouse.ledger.verification import verify_ledger
from warehouse.loading.findings import list_findings as findings
from warehouse.marts.scope import UNITS
from warehouse.schema import REGISTERS, metadata

# When something was done differs from run to run and is in no answer.
CLOCK = {"seen_at", "loaded_at", "accepted_at", "made_at", "event_at", "trained_at", "decided_at"}
# So does what is drawn by lot; that it fits its rows, the answer "ledger" says.
DRAWN = {"ledger_leaf": {"mac"}, "ledger_content": {"salt", "content"}}
# Written on their own: the registers at the start of a run, that a parcel is in its place at the end.
APART = {table.name for table in REGISTERS} | {
    "transmission_event",
    "ledger_leaf",
    "ledger_content",
}

_LOADED_ON = re.compile(rb"(Nummer \d+) vom [^<]+")

Rows = dict[str, Counter[tuple[object, ...]]]


@dataclass(frozen=True)
class State:
    """What is known in a place: answers as JSON, rows by table, SHA-256 of the files that last (by name)."""

    answers: Mapping[str, str]
    rows: Rows
    files: Mapping[str, str]


def hub_of(place: Path, day: date | None = None) -> Hub:
    """The district of a place, on a day (None: that of the clock)."""
    return Hub(load_config(place / "drehscheibe.yaml"), day=day)


def state(hub: Hub, place: Path, made: SimulatedDistrict) -> State:
    """Everything that may be asked for, as it stands."""
    first, last = made.deliveries[0], made.deliveries[-1]
    (one, *others) = made.planned
    told = {
        f"kennzahlen {one} {first}": compute_kennzahlen(hub, FigureRequest(*one, first), UNITS),
        f"kennzahlen {one}": compute_kennzahlen(hub, FigureRequest(*one), UNITS),
    }
    told |= {
        f"kennzahlen {period}": compute_kennzahlen(hub, FigureRequest(*period, last))
        for period in others
    }
    told |= {
        "balance": answer_balance(hub),
        "transfer": decide_transfer(hub, "jobcenter", made.transfer_on).as_answer(),
    }
    with hub.store.read() as connection:
        told |= {
            "findings": findings(connection, with_values=True),
            "links": links(connection),
            "unlinked": count_unlinked(connection),
            "ledger": [finding.fault for finding in verify_ledger(connection).findings],
        }
    return State(
        {name: json.dumps(to_json(answer), default=str) for name, answer in told.items()},
        rows(hub),
        files(place),
    )


def rows(hub: Hub) -> Rows:
    """Every row of every table of the warehouse, times of the clock aside."""
    found: Rows = {}
    with hub.store.read() as connection:
        for table in metadata.sorted_tables:
            left_out = CLOCK | DRAWN.get(table.name, set())
            columns = [c for c in table.columns if c.name not in left_out]
            found[table.name] = Counter(map(tuple, connection.execute(select(*columns))))
    return found


def lost(wanted: Rows, got: Rows) -> int:
    """How many rows are missing in ``got``; with the two exchanged: how many are too many."""
    return sum(sum((wanted[table] - got[table]).values()) for table in wanted)


def same_but_registers(one: Rows, other: Rows) -> bool:
    """Whether the rows are equal outside the tables that are written apart from the rest."""
    return all(one[table] == other[table] for table in one if table not in APART)


def released(hub: Hub) -> dict[Record, tuple[str, ...]]:
    """The data groups of each record that would be handed over now; nothing before the first load."""
    try:
        return decide_transfer(hub, "jobcenter", hub.today).released
    except UnknownDay:
        return {}


def files(place: Path) -> dict[str, str]:
    """The landed bytes, manifests and outputs by name; what the landing keeps beside them for speed is made anew where it is missing."""
    landed = [
        p for names in ("??/*", "manifests/*") for p in (place / "data" / "landing").glob(names)
    ]
    lasting = [p for p in (*landed, *(place / "out").rglob("*")) if p.is_file()]
    return {str(p.relative_to(place)): _content(p) for p in lasting}


def _content(path: Path) -> str:
    if path.name == LETTER:
        return _read_letter(path)
    if path.name == MANIFEST:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return str([file for file in manifest["files"] if file["name"] != LETTER])
    if path.suffix == ".html":
        # The report says on which day its newest load was made: under a clock that jumped, another.
        return hashlib.sha256(_LOADED_ON.sub(rb"\1", path.read_bytes())).hexdigest()
    if path.suffix != ".xlsx":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    # The workbook says when its newest load was made; all its other parts have to be the same bytes.
    with zipfile.ZipFile(path) as workbook:
        parts = [
            (name, workbook.read(name))
            for name in workbook.namelist()
            if name != "docProps/core.xml"
        ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _read_letter(path: Path) -> str:
    """What the letter says but for the checkpoint, whose root is drawn by lot."""
    return re.sub(r"[0-9a-f]{64}", "", PdfReader(path).pages[0].extract_text())


def landing_holds(place: Path) -> bool:
    """Whether every landed file is what its name says, and every manifest's files are there."""
    landing = place / "data" / "landing"
    kept = [p for p in landing.glob("??/*") if not p.name.startswith(".")]
    true = all(hashlib.sha256(p.read_bytes()).hexdigest() == p.name for p in kept)
    names = {p.name for p in kept}
    manifests = [
        json.loads(p.read_text(encoding="utf-8")) for p in landing.glob("manifests/*.json")
    ]
    return true and all(f["sha256"] in names for m in manifests for f in m["files"])
