"""What gives the registers their meaning in the evidence of a grant: terms, names, catalogues, today."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mappings.catalogue import Catalogue, list_state_catalogues, pick_catalogue
from mappings.grant_terms import GrantTerms, load_terms
from pipelines.figures.figure_rules import FigureRules
from pipelines.figures.undelivered import find_silent

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt


@dataclass(frozen=True)
class EvidenceRules:
    """Everything that goes into the evidence of a grant beside the warehouse.

    The same rules and the same load give the same evidence. ``carriers``: names by key;
    ``catalogues`` have their labels written out, in the order in which they became valid;
    ``today`` and ``silent`` as in FigureRules. ``edition``, of packages made before: in 1 the rate
    of 31 December holds for the whole year, and more than a full post counts as it is; until 2
    nothing is told of costs beyond the grant; until 3 holdings outside of it move its deadline.
    """

    terms: GrantTerms
    carriers: Mapping[str, str]
    district: str
    today: date
    silent: frozenset[tuple[str, str]]
    catalogues: Sequence[Catalogue]
    edition: int = 4

    @property
    def tells_excess(self) -> bool:
        """Whether what goes beyond a grant or is in no source is told."""
        return self.edition > 2

    @property
    def leaves_out_others(self) -> bool:
        """Whether a holding outside of its grant counts nothing for the deadline."""
        return self.edition > 3

    def choose_rules(self, last: date) -> FigureRules:
        """The rules for figures of a period that ends on ``last``."""
        catalogue = pick_catalogue(self.catalogues, last)
        return FigureRules(catalogue, self.district, self.today, self.silent)

    def to_json(self) -> str:
        """The rules as text; from_json reads it."""
        parts = {
            "edition": self.edition,
            "district": self.district,
            "today": self.today.isoformat(),
            "carriers": dict(self.carriers),
            "silent": sorted(self.silent),
            "terms": self.terms.model_dump(mode="json", by_alias=True),
            "catalogues": [one.model_dump(mode="json") for one in self.catalogues],
        }
        return json.dumps(parts, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> EvidenceRules:
        """The rules of a text that to_json made."""
        parts = json.loads(text)
        return cls(
            GrantTerms.model_validate(parts["terms"]),
            parts["carriers"],
            parts["district"],
            date.fromisoformat(parts["today"]),
            frozenset((column, source) for column, source in parts["silent"]),
            [Catalogue.model_validate(one) for one in parts["catalogues"]],
            parts.get("edition", 1),
        )


def read_evidence_rules(hub: Hub, known_at: KnownAt) -> EvidenceRules:
    """The rules of today."""
    with hub.store.read() as connection:
        silent = find_silent(hub, connection, known_at)
    return EvidenceRules(
        load_terms(hub.config.funding.rates),
        {key: carrier.name for key, carrier in hub.config.carriers.items()},
        hub.config.district.name,
        hub.today,
        silent,
        [catalogue.with_labels() for catalogue in list_state_catalogues()],
    )
