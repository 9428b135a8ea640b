"""Reads which fields a recipient may receive, by data group, and checks them against the schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from mappings.yaml_file import read_model
from warehouse.schema import ENTITIES
from warehouse.schema.special_fields import find_special

FOLDER = Path(__file__).parent / "destinations"


class RecipientFields(BaseModel, extra="forbid"):
    """The fields a recipient may receive; ``groups``: data group → entity → fields.

    ``named_as``: the words for this kind of office, ``everyone``: those that mean any recipient,
    ``others_as``: how words for others end; by them a withdrawal is understood whose recipient is
    not named exactly; ``beside_places``: words that stand before the name of a place.
    ``form_version``: of the consent form; ``purposes``: id → wording of what a
    person may consent to. A field outside the data group it has in the schema is refused, and so is
    one of protection class ``special``: nobody can consent to it.
    """

    name: str
    title: str
    gate: Literal["consent"]
    recipient_kind: str
    named_as: list[str]
    everyone: list[str]
    others_as: list[str]
    beside_places: list[str]
    form_version: str
    purposes: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=400)]]
    groups: dict[str, dict[str, list[str]]]
    goal_areas: list[str]

    @model_validator(mode="after")
    def _fits_schema(self) -> RecipientFields:
        for group, entities in self.groups.items():
            for entity, fields in entities.items():
                for name in fields:
                    _check_field(group, entity, name)
                if special := find_special(entity, fields, self.goal_areas):
                    names = ", ".join(special)
                    raise ValueError(f"{group}: nobody can consent to {names} (class special)")
        return self


def _check_field(group: str, entity: str, name: str) -> None:
    if entity not in ENTITIES or name not in ENTITIES[entity].table.columns:
        raise ValueError(f"{group}: there is no field {entity}.{name}")
    if ENTITIES[entity].table.columns[name].info["group"] != group:
        raise ValueError(
            f"{group}: {entity}.{name} does not belong to this data group in the schema"
        )


@cache
def load_handover(name: str) -> RecipientFields:
    """The fields of mappings/destinations under that name."""
    return read_model(FOLDER / f"{name}.yaml", RecipientFields)
