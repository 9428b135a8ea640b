"""The form of the configuration: which keys there are, of which type and default. Agreement is in checks.py."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PrivateAttr, model_validator

import mappings
from pipelines.config.encryption import Encryption
from pipelines.config.limits import ReaderLimits
from pipelines.config.part import Part, Place
from pipelines.config.transports import Fetch
from warehouse.files.data_folder import DataFolder

if TYPE_CHECKING:
    from sqlalchemy import URL

OWN_MAPPINGS = Path(mappings.__file__).parent / "sources"


def known_mappings() -> list[str]:
    """The names under which the project's own source mappings can be called."""
    return sorted(path.stem for path in OWN_MAPPINGS.glob("*.yaml"))


class District(Part):
    """The Landkreis or Stadtkreis by the first five digits of the AGS."""

    ags: str
    name: str


class Carrier(Part):
    """A Träger; its key is what ``Source.carrier`` names."""

    name: str


class Municipality(Part):
    """A Gemeinde; ``also`` are further spellings of its name in the sources."""

    name: str
    team: str | None = None
    also: tuple[str, ...] = ()


class Source(Part):
    """One delivering system: what its words mean, where its deliveries lie, who runs it, and what is expected of it."""

    mapping: str
    folder: Place
    fetch: Fetch | None = None
    carrier: str | None = None
    delivers: Literal["full", "partial"] = "full"
    expect_every_days: int | None = Field(None, ge=1)
    max_gone_share: float | None = Field(None, ge=0, le=1)
    max_changed_share: float | None = Field(None, ge=0, le=1)
    _mapping_file: Path = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        """Resolves the mapping's name."""
        self._mapping_file = mapping_file(self.mapping, Path(context["folder"] if context else "."))

    @property
    def mapping_file(self) -> Path:
        """The YAML of the mapping, one of ours or the district's own."""
        return self._mapping_file


def mapping_file(mapping: str, folder: Path) -> Path:
    """The file a mapping's name or path means, seen from the configuration's folder; it need not exist."""
    is_path = mapping.endswith((".yaml", ".yml")) or "/" in mapping
    return (folder / mapping).resolve() if is_path else OWN_MAPPINGS / f"{mapping}.yaml"


class Recipient(Part):
    """Someone who is sent data about persons; ``kind`` selects the form and the gate."""

    name: str
    kind: Literal["jobcenter"]


class Target(Part):
    """A milestone: the value of an indicator that a Regionalteam is to reach by a day."""

    team: str
    indicator: str
    value: float = Field(ge=0)
    until: date


class Reports(Part):
    """The period a report covers where none is asked for; dates named here go before the rule."""

    period: Literal["calendar_year", "previous_year", "previous_month"] = "calendar_year"
    begin: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")

    def default_period(self, today: date) -> tuple[date, date]:
        """First and last day; the calendar year is that of yesterday: the report of 1 January closes the old one."""
        yesterday = today - timedelta(days=1)
        month_end = today.replace(day=1) - timedelta(days=1)
        year = yesterday.year if self.period == "calendar_year" else today.year - 1
        first, last = date(year, 1, 1), date(year, 12, 31)
        if self.period == "previous_month":
            first, last = month_end.replace(day=1), month_end
        return self.begin or first, self.end or last


class Schedule(Part):
    """When Dagster runs by itself, as cron lines in local time."""

    nightly: str = "0 2 * * *"
    monthly: str = "0 6 1 * *"
    timezone: str = "Europe/Berlin"


class Staff(Part):
    """A funded counsellor, by the name the source records; ``vzae`` are full-time equivalents."""

    name: str
    source: str
    vzae: Decimal | None = Field(None, gt=0, le=1)
    begin: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")
    grant: str | None = None
    qualification: str | None = None


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
    targets: tuple[Target, ...] = ()
    reports: Reports = Field(default_factory=Reports)
    schedule: Schedule = Field(default_factory=Schedule)
    staff: tuple[Staff, ...] = ()
    _path: Path = PrivateAttr()

    @model_validator(mode="before")
    @classmethod
    def _fetched_sources_have_a_folder(cls, data: Any) -> Any:
        sources = data.get("sources") if isinstance(data, dict) else None
        if not isinstance(sources, dict):
            return data
        below = data.get("data") if isinstance(data.get("data"), str) else "data"
        without = {
            n: s
            for n, s in sources.items()
            if isinstance(s, dict) and "fetch" in s and "folder" not in s
        }
        filled = {
            n: {**s, "folder": str(DataFolder(Path(below)).fetched(n))} for n, s in without.items()
        }
        return {**data, "sources": {**sources, **filled}}

    def model_post_init(self, context: Any) -> None:
        """Remembers the file this was read from."""
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
    def teams(self) -> list[str]:
        """The Regionalteams, by name."""
        return sorted({m.team for m in self.municipalities.values() if m.team})

    def warehouse_url(self) -> URL:
        """Where the warehouse is, with the password filled in; printed, it shows none."""
        from pipelines.config.warehouse import warehouse_url

        return warehouse_url(self)
