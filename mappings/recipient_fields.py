"""What a recipient may be told, by data group: the destination's YAML, checked against the schema. Consent itself is the gate's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from mappings.yaml_file import read_model
from warehouse.schema import ENTITIES

FOLDER = Path(__file__).parent / "destinations"


class RecipientFields(BaseModel):
    """``groups``: data group → entity → fields. A field of a special or identifying kind outside its own group is refused."""

    model_config = ConfigDict(extra="forbid")
    name: str
    title: str
    gate: Literal["consent"]
    recipient_kind: str
    groups: dict[str, dict[str, list[str]]]
    goal_areas: list[str]

    @model_validator(mode="after")
    def _fits_schema(self) -> RecipientFields:
        for group, entities in self.groups.items():
            for entity, fields in entities.items():
                for name in fields:
                    if entity not in ENTITIES or name not in ENTITIES[entity].table.columns:
                        raise ValueError(f"{group}: there is no field {entity}.{name}")
                    if ENTITIES[entity].table.columns[name].info["group"] != group:
                        raise ValueError(
                            f"{group}: {entity}.{name} does not belong to this data group in the schema"
                        )
        return self


@cache
def load_handover(name: str) -> RecipientFields:
    """The handover of that name in mappings/destinations."""
    return read_model(FOLDER / f"{name}.yaml", RecipientFields)
