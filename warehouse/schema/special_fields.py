"""Tells which fields nobody can release, whatever they consent to: those of class ``special``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from warehouse.schema.entities import ENTITIES

# The areas of goals that say nothing of health or family. The area of a goal is special because it
# may be any; of goals of these areas alone it is not (§ 67b Abs. 1 S. 3 SGB X, Art. 9 DSGVO).
PLAIN_AREAS = frozenset({"sprache", "schule", "ausbildung_studium", "arbeit"})


def find_special(entity: str, fields: Sequence[str], goal_areas: Collection[str]) -> list[str]:
    """The fields among these that nobody can release, as ``entity.field``.

    ``goal_areas``: those of the goals that are selected; they have to be plain ones.
    """
    columns = ENTITIES[entity].table.columns
    special = [name for name in fields if columns[name].info["protection"] == "special"]
    if entity == "goal" and PLAIN_AREAS.issuperset(goal_areas):
        special = [name for name in special if name != "area"]
    return [f"{entity}.{name}" for name in special]
