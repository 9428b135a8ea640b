"""Why a form cannot be filled, named by part and cell, with what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TemplateProblem:
    """One reason; ``where`` is the place of the anchor in its mapping, if one is concerned."""

    part: str
    sheet: str | None
    cell: str | None
    what: str
    right: str | None = None
    where: str = ""

    def __str__(self) -> str:
        place = "!".join(name for name in (self.sheet, self.cell) if name)
        parts = [f"{self.part}{f' ({place})' if place else ''}: {self.what}"]
        if self.where:
            parts.insert(0, f"{self.where}: ")
        if self.right:
            parts.append(f"; {self.right}")
        return "".join(parts)


class TemplateChanged(Exception):
    """The form is not the one the anchors were written for; all reasons at once."""

    def __init__(self, problems: Sequence[TemplateProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)
