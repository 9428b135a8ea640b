"""The opened hub: configuration, warehouse, landing and mappings of one district. What is done with them stands beside."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Table, delete, false, func, insert, select

from mappings import code_lists, source
from mappings.code_lists import CodeList
from mappings.source import SourceMapping
from pipelines.config import Config
from pipelines.failures import Failure, Kind
from warehouse.encryption.convert import finish
from warehouse.encryption.key import Key
from warehouse.landing import Landing
from warehouse.schema import carrier, funding, load, municipality, source_register, staff, team
from warehouse.store import Store

# As of when to answer: the day of deliveries, or the number of a load.
Moment = date | int


class UnknownDay(Failure):
    """Nothing had been delivered by the day asked for."""

    kind = Kind.WRONG_CALL


class Hub:
    """Everything a command needs. Opens the warehouse when it is first used; close it, or use it as a context manager."""

    def __init__(self, config: Config) -> None:
        self.config = config
        finish(config.data)
        self.landing = Landing(config.data / "landing", self.key)
        self._mappings: dict[str, SourceMapping] = {}

    @cached_property
    def key(self) -> Key | None:
        """What opens landing and embedded warehouse; None where they are plain. KeyProblem."""
        return self.config.encryption.key() if self.config.encryption else None

    @cached_property
    def store(self) -> Store:
        """The warehouse, at the newest schema, by an account of the configuration's district."""
        return Store(self.config.warehouse_url(), self.key, ags=self.config.district.ags)

    @cached_property
    def municipalities(self) -> CodeList:
        """The district's municipalities as a code list."""
        return code_lists.municipalities({ags: (m.name, *m.also) for ags, m in self.config.municipalities.items()})

    def mapping(self, name: str) -> SourceMapping:
        """The mapping of a source, read once; YamlProblems where it is wrong."""
        if name not in self._mappings:
            self._mappings[name] = source.load(self.config.sources[name].mapping_file)
        return self._mappings[name]

    def write_registers(self) -> None:
        """Brings the registers of the warehouse in line with the configuration; what stands there as it should is not written.

        NoRight for an account that may not, whether or not there is something to write: before a run, that is better known early.
        """
        with self.store.transaction() as connection:
            connection.execute(delete(team).where(false()))
            for table, content in self._registers().items():
                names = [column.name for column in table.columns]
                there = {tuple(row) for row in connection.execute(select(*table.columns))}
                if there == {tuple(row.get(name) for name in names) for row in content}:
                    continue
                connection.execute(delete(table))
                if content:
                    connection.execute(insert(table), content)

    def _registers(self) -> dict[Table, list[dict[str, Any]]]:
        config = self.config
        return {
            municipality: [{"ags": a, "name": m.name, "team": m.team} for a, m in config.municipalities.items()],
            team: [{"name": t} for t in config.teams],
            carrier: [{"key": k, "name": c.name} for k, c in config.carriers.items()],
            source_register: [{"source": n, "carrier": s.carrier} for n, s in config.sources.items()],
            staff: [
                {"source": s, "name": n, "qualification": q}
                for (s, n), q in {(s.source, s.name): s.qualification for s in config.staff}.items()
            ],
            funding: [
                {
                    "source": s.source,
                    "name": s.name,
                    "funded_from": s.begin,
                    "funded_until": s.end,
                    "vzae": s.vzae,
                    "grant_name": s.grant,
                }
                for s in config.staff
                if s.begin
            ],
        }

    def load_as_of(self, moment: Moment | None) -> int:
        """The load meant by its number, or the last one of a delivery dated on or before a day (None: of all); UnknownDay."""
        last = select(func.max(load.c.number))
        with self.store.read() as connection:
            if isinstance(moment, int):
                newest = connection.execute(last).scalar_one() or 0
                if not 1 <= moment <= newest:
                    raise UnknownDay(f"there is no load {moment}; the newest is {newest}")
                return moment
            number = connection.execute(last if moment is None else last.where(load.c.delivered_on <= moment)).scalar_one()
        if number is None:
            raise UnknownDay(
                "nothing has been loaded yet" if moment is None else f"nothing delivered on or before {moment} has been loaded"
            )
        return int(number)

    def late(self, number: int, moment: Moment | None) -> frozenset[int]:
        """Loads up to ``number`` whose deliveries are dated after a day: a source may deliver late what others have passed."""
        if not isinstance(moment, date):
            return frozenset()
        numbers = select(load.c.number).where(load.c.number <= number, load.c.delivered_on > moment)
        with self.store.read() as connection:
            return frozenset(connection.execute(numbers).scalars())

    def date_of(self, number: int) -> date:
        """The newest date of delivery among the loads up to this one: the day as of which it knows."""
        with self.store.read() as connection:
            day = connection.execute(select(func.max(load.c.delivered_on)).where(load.c.number <= number)).scalar_one()
        assert isinstance(day, date)
        return day

    def close(self) -> None:
        """Lets go of the warehouse."""
        if "store" in self.__dict__:
            self.store.close()
            del self.__dict__["store"]

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
