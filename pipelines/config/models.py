"""The form of the configuration: its keys with their types and defaults."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, model_validator

import mappings
from mappings.day_limits import DayLimits
from pipelines.config.encryption import Encryption
from pipelines.config.hand_over import HandOver
from pipelines.config.limits import ReaderLimits
from pipelines.config.part import FilePlace, Part, Place, part_at
from pipelines.config.transports import Fetch
from warehouse.files.data_folder import DataFolder

if TYPE_CHECKING:
    from sqlalchemy import URL

# As long as the columns of the registers.
Name = Annotated[str, Field(max_length=200)]
OWN_MAPPINGS = Path(mappings.__file__).parent / "sources"


class Contact(Part):
    """How an office is reached, as it is printed on forms and letters; empty: not printed."""

    address: str = Field("", max_length=200)
    phone: str = Field("", max_length=60)
    email: str = Field("", max_length=200)


class District(Part):
    """The Landkreis or Stadtkreis by the first five digits of the AGS.

    ``neighbours``: districts and towns of other states whose offices consents name, too; those of
    the state are known.
    """

    ags: str
    name: str
    neighbours: tuple[Name, ...] = ()
    contact: Contact = Field(default_factory=Contact)


class Carrier(Part):
    """A Träger; its key is what ``Source.carrier`` names."""

    name: Name
    contact: Contact = Field(default_factory=Contact)


class Municipality(Part):
    """A Gemeinde; ``also`` are further spellings of its name in the sources."""

    name: Name
    team: Name | None = None
    also: tuple[str, ...] = ()


class Source(Part):
    """One delivering system: its mapping, its folder, its carrier, and what is expected of it.

    ``look_every_days``: how long ago the server of a fetched source may have been looked at.
    """

    mapping: str
    folder: Place
    fetch: Fetch | None = None
    carrier: str | None = None
    delivers: Literal["full", "partial"] = "full"
    expect_every_days: int | None = Field(None, ge=1, le=3660)
    look_every_days: int = Field(1, ge=1, le=366)
    max_gone_share: float | None = Field(None, ge=0, le=1)
    max_changed_share: float | None = Field(None, ge=0, le=1)
    max_rejected_share: float = Field(0.5, ge=0, le=1)
    years_before_case: int = Field(2, ge=1, le=100)
    _mapping_file: Path = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        """Resolves the mapping's name."""
        self._mapping_file = mapping_file(self.mapping, Path(context["folder"] if context else "."))

    @property
    def mapping_file(self) -> Path:
        """The YAML of the mapping, one of ours or the district's own."""
        return self._mapping_file


def mapping_file(mapping: str, folder: Path) -> Path:
    """The file that a mapping's name or path means; it need not exist.

    ``folder`` is that of the configuration.
    """
    is_path = mapping.endswith((".yaml", ".yml")) or "/" in mapping
    return (folder / mapping).resolve() if is_path else OWN_MAPPINGS / f"{mapping}.yaml"


class Template(Part):
    """A district's own form: the PDF with fields, and the YAML that says what stands in each."""

    file: FilePlace
    fields: FilePlace


class OfficerDecision(Part):
    """What the data protection officer decided: the day, and where it is written down."""

    decided_on: date
    reference: Annotated[str, Field(min_length=1, max_length=200)]


class Releases(Part):
    """Releases that count for a recipient: the systems they are made in, and by whose decision.

    They name neither recipient nor purpose nor day; without ``dpo`` no form is made of them.
    """

    sources: tuple[str, ...]
    dpo: OfficerDecision | None = None

    @model_validator(mode="before")
    @classmethod
    def _may_be_a_list(cls, data: Any) -> Any:
        return {"sources": data} if isinstance(data, list) else data


class Recipient(Part):
    """Someone who is sent data about persons; ``kind`` selects the form and the gate.

    ``releases``: the sources in which a release by the person counts for this recipient; None: all,
    if it is the only recipient. ``address`` stands on the covering letter. ``template`` takes the
    place of the hub's own form. ``embargo_days``: between the consent and the first form of a
    person. ``updates``: ``changed`` makes no form that would be the same as the last one.
    """

    name: str = Field(min_length=1)
    kind: Literal["jobcenter"]
    address: str = Field("", max_length=200)
    template: Template | None = None
    hand_over: HandOver = Field(default_factory=HandOver)
    releases: Releases | None = None
    embargo_days: int = Field(0, ge=0, le=365)
    updates: Literal["all", "changed"] = "all"


class Notices(Part):
    """When an earlier recipient should have confirmed a notice, and when it is to be reminded."""

    due_days: int = Field(14, ge=1, le=365)
    remind_days: int = Field(7, ge=1, le=365)


class Consents(Part):
    """How long consents are in force that state no end.

    ``max_years`` counts from the day they were given. ``after_case_days``, if given, is how long
    after the end of the case they still hold.
    """

    max_years: int = Field(3, ge=1, le=30)
    after_case_days: int | None = Field(None, ge=0, le=36_600)


class Retention(Part):
    """How long data of persons are kept after their counselling; None: as the rules say.

    ``apply``: Dagster's monthly look empties who is due; otherwise it only says how many.
    """

    years: int | None = Field(None, ge=1, le=100)
    apply: bool = False


class Target(Part):
    """A milestone: the value of an indicator to be reached by a day, counted from ``begin``.

    ``team`` None: the district as a whole is to reach it. ``begin`` None: 1 January of ``until``.
    """

    team: str | None = None
    indicator: str
    value: float = Field(ge=0)
    begin: date | None = Field(None, alias="from")
    until: date

    @property
    def first(self) -> date:
        """The first day that counts."""
        return self.begin or self.until.replace(month=1, day=1)


class Reports(Part):
    """The period of a report where none is asked for; dates given here go before the rule."""

    period: Literal["calendar_year", "previous_year", "previous_month"] = "calendar_year"
    begin: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")

    def default_period(self, today: date) -> tuple[date, date]:
        """First and last day, both in.

        The calendar year is that of yesterday: the report of 1 January closes the old one.
        """
        if self.period == "previous_month":
            last = today.replace(day=1) - timedelta(days=1)
            first = last.replace(day=1)
        else:
            yesterday = today - timedelta(days=1)
            year = yesterday.year if self.period == "calendar_year" else today.year - 1
            first, last = date(year, 1, 1), date(year, 12, 31)
        return self.begin or first, self.end or last


class Schedule(Part):
    """When Dagster runs by itself, as cron lines in local time."""

    nightly: str = "0 2 * * *"
    monthly: str = "0 6 1 * *"
    timezone: str = "Europe/Berlin"


class Page(Part):
    """Who may use Dagster's page; it is on this machine only in any case.

    ``names`` are host names at which a proxy of the district serves it; ``socket`` takes the place
    of a port, so that only the hub's account reaches it.
    """

    password: bool = False
    socket: Place | None = None
    names: tuple[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")], ...
    ] = ()


class Staff(Part):
    """A funded counsellor, by the name the source records; ``vzae`` are full-time equivalents."""

    name: Name
    source: str
    vzae: Decimal | None = Field(None, gt=0, le=1)
    begin: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")
    grant: Name | None = None
    qualification: Annotated[str, Field(max_length=40)] | None = None


class Submissions(Part):
    """How submissions are approved, and which changes of their figures are worth a correction.

    ``four_eyes``: who prepared one may not approve it. A change counts from ``least_change`` on, or
    from ``least_share`` of the figure on, whichever is reached first. ``horizon_years``: how long after its
    period a submission is corrected.
    """

    four_eyes: bool = False
    least_change: int = Field(1, ge=1)
    least_share: float = Field(0.0, ge=0, le=1)
    horizon_years: int = Field(5, ge=1, le=30)


# A rule of the target group: its name, or the path of the district's own; of several the one that
# is valid on the key date.
Rules = tuple[str, ...]


class FundingTerms(Part):
    """What the funding of the district goes by, where the shipped rules do not fit.

    ``stichtag``, first and last day of assignment and ``amount`` (EUR) are those that the effect of
    a merge or correction is told for; without a key date none is.

    ``target_group`` are the rules of the district, ``carriers`` and ``municipalities`` those that
    go before them. ``register``: workbook or YAML of staff, posts and grants. ``distribution``,
    ``rates``: own files that go before the shipped ones.
    """

    target_group: Rules = ()
    carriers: dict[str, Rules] = Field(default_factory=dict)
    municipalities: dict[str, Rules] = Field(default_factory=dict)
    register_file: Place | None = Field(None, alias="register")
    distribution: Place | None = None
    rates: Place | None = None
    stichtag: date | None = None
    begin: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")
    amount: Decimal | None = Field(None, ge=0, max_digits=15, decimal_places=2)

    @model_validator(mode="after")
    def _window_is_whole(self) -> FundingTerms:
        given = [self.stichtag, self.begin, self.end]
        if any(given) and not all(given):
            raise ValueError("'stichtag', 'from' and 'to' belong together; give all three")
        if self.begin and self.end and self.begin > self.end:
            raise ValueError(f"the window ends ({self.end}) before it begins ({self.begin})")
        return self

    def list_rules(self) -> list[str]:
        """All rules of the target group that are named here."""
        own = (self.target_group, *self.carriers.values(), *self.municipalities.values())
        return [name for names in own for name in names]


class Config(Part):
    """The whole configuration, read and checked; all paths in it are absolute."""

    district: District
    data: Place = Path("data")
    warehouse: str = "duckdb"
    limits: ReaderLimits = Field(default_factory=ReaderLimits)
    encryption: Encryption | None = None
    carriers: dict[str, Carrier] = Field(default_factory=dict)
    municipalities: dict[str, Municipality] = Field(default_factory=dict)
    sources: dict[str, Source] = Field(min_length=1)
    recipients: dict[str, Recipient] = Field(default_factory=dict)
    consents: Consents = Field(default_factory=Consents)
    notices: Notices = Field(default_factory=Notices)
    retention: Retention = Field(default_factory=Retention)
    days: dict[str, DayLimits] = Field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    reports: Reports = Field(default_factory=Reports)
    schedule: Schedule = Field(default_factory=Schedule)
    page: Page = Field(default_factory=Page)
    staff: tuple[Staff, ...] = ()
    submissions: Submissions = Field(default_factory=Submissions)
    funding: FundingTerms = Field(default_factory=FundingTerms)
    _path: Path = PrivateAttr()

    @model_validator(mode="before")
    @classmethod
    def _fetched_sources_have_a_folder(cls, data: Any) -> Any:
        sources = part_at(data, "sources")
        if not sources:
            return data
        below = data.get("data")
        folder = DataFolder(Path(below if isinstance(below, str) else "data"))
        filled = {
            name: {**source, "folder": str(folder.fetched(name))}
            for name, source in sources.items()
            if isinstance(source, dict) and "fetch" in source and "folder" not in source
        }
        return {**data, "sources": {**sources, **filled}}

    def model_post_init(self, context: Any) -> None:
        """Notes the file this was read from."""
        self._path = Path(context["path"] if context else "drehscheibe.yaml")

    @property
    def path(self) -> Path:
        """The configuration file itself."""
        return self._path

    @property
    def data_folder(self) -> DataFolder:
        """The paths below ``data``."""
        return DataFolder(self.data)

    @property
    def today(self) -> date:
        """The current day in the time zone of the schedules."""
        return datetime.now(ZoneInfo(self.schedule.timezone)).date()

    @property
    def teams(self) -> list[str]:
        """The Regionalteams, by name."""
        return sorted({m.team for m in self.municipalities.values() if m.team})

    def release_sources(self, recipient: str) -> frozenset[str]:
        """The sources in which a release by the person counts for this recipient."""
        named = self.recipients[recipient].releases
        if named is not None:
            return frozenset(named.sources)
        return frozenset(self.sources) if len(self.recipients) == 1 else frozenset()

    def grounded_releases(self, recipient: str, on: date) -> OfficerDecision | None:
        """The decision by which releases may be handed over on a day; None: there is none."""
        named = self.recipients[recipient].releases
        decided = named.dpo if named else None
        return decided if decided and decided.decided_on <= on else None

    def warehouse_url(self) -> URL:
        """The address of the warehouse with its password, which is hidden when printed."""
        from pipelines.config.warehouse import warehouse_url

        return warehouse_url(self)
