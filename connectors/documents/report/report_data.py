"""The data of the coordinator report: coverage, milestones, data quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.documents.figure_data import Figure, FigureDocument, FigureName

WHOLE = "Kreis gesamt"


@dataclass(frozen=True)
class Earlier:
    """The period compared with, and its figures for the whole district."""

    period_from: date
    period_to: date
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Coverage:
    """How many of the clients of one Gemeinde or team have a concluded integration plan."""

    unit: str
    with_plan: int
    clients: int


@dataclass(frozen=True)
class Milestone:
    """What a Regionalteam, or the whole district, reached of a milestone; its target if any.

    ``label`` names the milestone with its days, such as "Clearinggespräche, 01.01.2024 bis
    31.12.2024 je Regionalteam". ``reached`` is None where no source delivers it. ``command`` lists
    the rows behind it.
    """

    team: str
    label: str
    reached: int | None
    target: int | None
    command: str = ""


@dataclass(frozen=True)
class FindingCount:
    """How often a rule found something in a source, with its explanation; all texts are German.

    ``severity`` says what became of the rows, ``where`` names the places, ``audience`` who can
    follow the ``advice``. ``message`` is the finding's own sentence where it says more than
    ``meaning``.
    """

    title: str
    severity: str
    count: int
    meaning: str
    advice: str
    audience: str
    where: Sequence[str] = ()
    message: str = ""


@dataclass(frozen=True)
class SourceQuality:
    """The state of one source: its last delivery and what became of the rows of that delivery.

    ``findings`` are shown in their order. ``expected_days`` is the longest time between two
    deliveries that was agreed, None if nothing was; ``message`` says in German what went wrong
    with a delivery or still waits.
    """

    source: str
    title: str
    carrier: str
    last_delivery: date | None
    read: int
    used: int
    rejected: int
    repeated: int
    left_out: int
    findings: Sequence[FindingCount] = ()
    expected_days: int | None = None
    message: str = ""


@dataclass(frozen=True)
class DeliveredFile:
    """A file of a delivery with its SHA-256, None where it is not known."""

    name: str
    sha256: str | None


@dataclass(frozen=True)
class DeliveredTable:
    """A table of a delivery from which figures are counted.

    ``source`` is its German title. ``files`` are the first of those the table was read from,
    ``more_files`` says how many others there are.
    """

    source: str
    delivered_on: date
    delivery_id: str
    table: str
    files: Sequence[DeliveredFile]
    more_files: int = 0


@dataclass(frozen=True)
class Evidence:
    """What stands behind one figure.

    ``rows``: how many delivered rows it was counted from, by the place of their DeliveredTable in
    the report's list, the most first; ``others``: how many rows of further tables. ``command``
    lists every row.
    """

    rows: Mapping[int, int]
    others: int
    command: str


@dataclass(frozen=True, kw_only=True)
class CoordinatorReport(FigureDocument):
    """Everything the report shows.

    ``figures`` holds those of the district and by municipality (AGS). ``months`` maps the first day
    of a month to its conversations; missing months count as 0. ``created`` is when the newest data
    was loaded, ``as_of`` the day from which the age of deliveries is counted. ``notes`` are further
    assumptions in German; ``without_plans`` names sources with cases but no integration plans.
    ``by_former_cases``: conversations whose Gemeinde is known only from cases no longer delivered.
    ``newest_talk``: the day of the newest conversation, whatever the period.
    ``evidence`` says of figures, as ``name_figure`` names them, and by the first day of months, what
    is behind them; ``delivered`` are the tables it counts in.
    ``coverage_commands`` list the cases behind the plan coverage, by kind of unit (German).
    """

    months: Mapping[date, int]
    sources: Sequence[SourceQuality]
    coverage_by_municipality: Sequence[Coverage] = ()
    coverage_by_team: Sequence[Coverage] = ()
    milestones: Sequence[Milestone] = ()
    before: Earlier | None = None
    notes: Sequence[str] = ()
    without_plans: Sequence[str] = ()
    by_former_cases: int = 0
    newest_talk: date | None = None
    evidence: Mapping[FigureName | date, Evidence] = field(default_factory=dict)
    delivered: Sequence[DeliveredTable] = ()
    coverage_commands: Mapping[str, Sequence[str]] = field(default_factory=dict)
