"""The opened hub of one district: configuration, warehouse, landing and mappings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cached_property

from mappings import code_lists, source_mapping
from mappings.code_lists import CodeList
from mappings.source_mapping import SourceMapping
from pipelines.config import Config
from pipelines.config.secret import check_secrets
from warehouse.as_of import KnownAt, Moment, resolve_moment
from warehouse.database.store import Store
from warehouse.encryption.convert import finish_switch
from warehouse.encryption.key import Key
from warehouse.erasure.journal import Journal
from warehouse.erasure.pending_erasures import require_none
from warehouse.landing.landing import Landing
from warehouse.ledger.effective_loads import read_loads
from warehouse.rights.withdrawal_journal import require_nothing_pending


class Hub:
    """Everything a command needs; opens the warehouse when it is first used.

    ``day`` counts as today in simulations; None: the day of the clock. Close it, or use it as a
    context manager. Raises OpenSecrets where others can read its secrets.
    """

    def __init__(self, config: Config, day: date | None = None) -> None:
        self.config = config
        self._day = day
        check_secrets(config)
        finish_switch(config.data_folder)
        self.landing = Landing(config.data_folder.landing, self.key)
        self._mappings: dict[str, SourceMapping] = {}
        self._allows_pending = False
        # The account at the database server, where it is not that of the configuration.
        self.account: str | None = None

    @cached_property
    def key(self) -> Key | None:
        """The key of landing and embedded warehouse, None without encryption; raises KeyProblem."""
        return self.config.encryption.read_key() if self.config.encryption else None

    @cached_property
    def store(self) -> Store:
        """The warehouse at the newest schema, opened with the district's account.

        Raises ErasuresPending where it holds somebody who was erased, as after an older backup, and
        WithdrawalsPending where it does not know what was withdrawn.
        """
        url = self.config.warehouse_url()
        if self.account and url.get_backend_name() != "duckdb":
            url = url.set(username=self.account)
        store = Store(url, self.key, ags=self.config.district.ags)
        if not self._allows_pending and self.config.data_folder.rights.exists():
            try:
                self._require_repeated(store)
            except BaseException:
                store.close()
                raise
        return store

    def _require_repeated(self, store: Store) -> None:
        """Raises where an older backup brought back what was erased or withdrawn since."""
        folder = self.config.data_folder.rights
        with store.read() as connection:
            require_none(connection, Journal(folder))
            require_nothing_pending(connection, folder)

    def allow_pending(self) -> None:
        """Opens the warehouse also where erasures are to be repeated: to repeat them."""
        self._allows_pending = True

    @cached_property
    def municipalities(self) -> CodeList:
        """The district's municipalities as a code list."""
        return code_lists.list_municipalities(
            {ags: (m.name, *m.also) for ags, m in self.config.municipalities.items()}
        )

    @property
    def today(self) -> date:
        """The current day in the district's time zone."""
        return self._day or self.config.today

    def select_sources(self, names: Collection[str] = ()) -> list[str]:
        """The sources of these names (none: all), in the order of the configuration."""
        return [name for name in self.config.sources if not names or name in names]

    def read_mapping(self, name: str) -> SourceMapping:
        """The mapping of a source, read once; raises YamlProblems where it is wrong."""
        if name not in self._mappings:
            own = {"municipality": self.municipalities}
            loaded = source_mapping.load_mapping(self.config.sources[name].mapping_file, own)
            self._mappings[name] = loaded.for_district(self.municipalities, self.config.days)
        return self._mappings[name]

    def known_at(self, moment: Moment | None) -> KnownAt:
        """What was known at a load or on a day (None: all that is known); raises UnknownDay."""
        with self.store.read() as connection:
            return resolve_moment(connection, moment)

    def date_of(self, number: int) -> date:
        """The newest date of delivery among the loads up to this one that count then.

        Where all were taken back, the day when that was done.
        """
        with self.store.read() as connection:
            loads = read_loads(connection, None, KnownAt(number))
        days = [row.delivered_on for row in loads if row.counts]
        return max(days) if days else loads[-1].loaded_at.date()

    def close(self) -> None:
        """Closes the warehouse."""
        if "store" in self.__dict__:
            self.store.close()
            del self.__dict__["store"]

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
