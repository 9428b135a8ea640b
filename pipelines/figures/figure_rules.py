"""What gives the rows of the warehouse their meaning in figures: catalogue, labels, today."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from mappings.catalogue import Catalogue, Purpose, choose_catalogue
from mappings.form_anchors import FormCell
from pipelines.figures.undelivered import find_silent

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt


@dataclass(frozen=True)
class KeptForm:
    """The form that a submission fills: its file is kept under its SHA-256, with its ``suffix``."""

    sha256: str
    suffix: str
    cells: Sequence[FormCell]


@dataclass(frozen=True)
class FigureRules:
    """Everything that goes into figures beside the warehouse.

    The same rules and the same load give the same figures, whatever becomes of the configuration,
    the mappings and the code lists. ``catalogue`` has its labels written out, ``silent`` are pairs
    of a column and a source that does not deliver it, ``today`` is the day on which what stands
    open is counted at the latest. ``form``: the form that is filled with the figures, if one is.
    ``edition`` 1, of packages made before: their data files have neither the figures that a
    correction brought to 0 nor the signs of what is not delivered.
    """

    catalogue: Catalogue
    district: str
    today: date
    silent: frozenset[tuple[str, str]]
    form: KeptForm | None = None
    edition: int = 2

    def to_json(self) -> str:
        """The rules as text; from_json reads it."""
        parts = {
            "district": self.district,
            "today": self.today.isoformat(),
            "edition": self.edition,
            "silent": sorted(self.silent),
            "catalogue": self.catalogue.model_dump(mode="json"),
        }
        if self.form:
            parts["form"] = asdict(self.form)
        return json.dumps(parts, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> FigureRules:
        """The rules of a text that to_json made."""
        parts = json.loads(text)
        return cls(
            Catalogue.model_validate(parts["catalogue"]),
            parts["district"],
            date.fromisoformat(parts["today"]),
            frozenset((column, source) for column, source in parts["silent"]),
            _read_form(parts["form"]) if "form" in parts else None,
            parts.get("edition", 1),
        )


def _read_form(parts: Mapping[str, Any]) -> KeptForm:
    cells = [FormCell(**_with_tuples(cell)) for cell in parts["cells"]]
    return KeptForm(parts["sha256"], parts["suffix"], cells)


def _with_tuples(cell: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(part) if isinstance(part, list) else part for name, part in cell.items()}


def read_rules(
    hub: Hub, last: date | None, known_at: KnownAt, purpose: Purpose = "state"
) -> FigureRules:
    """The rules of today for a period that ends on ``last``."""
    with hub.store.read() as connection:
        silent = find_silent(hub, connection, known_at)
    catalogue = choose_catalogue(last, purpose).with_labels()
    return FigureRules(catalogue, hub.config.district.name, hub.today, silent)
