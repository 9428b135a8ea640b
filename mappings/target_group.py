"""The rules of the target group: which facts of a person they ask for, and what each must be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from mappings import code_lists
from mappings.problems import add_suggestion
from mappings.yaml_file import read_model

FOLDER = Path(__file__).parent / "rules" / "target_group"
Fact = Literal["residence_status", "housing", "birth", "arrival", "assigned", "case_begun"]
Purpose = Literal["funding", "counselling"]
CODED: tuple[Fact, ...] = ("residence_status", "housing")
DAYS: tuple[Fact, ...] = ("birth", "arrival", "assigned", "case_begun")
# Of these a person may have several that are all true; of the others they contradict each other.
SEVERAL: tuple[Fact, ...] = ("assigned", "case_begun")


class Criterion(BaseModel, extra="forbid"):
    """What one fact of a person must be.

    Of codes ``one_of``, ``none_of`` or a group of the list (``roll_up``). Of days: not before
    ``from``, not after ``to``, within the ``window`` of the year of distribution, not after the key
    date (``until_stichtag``), so many full years before it. ``with_reason_years``: beyond
    ``at_most_years`` a recorded reason suffices up to this many years. ``known``: F proven, A
    assumed.
    """

    fact: Fact
    known: Literal["F", "A"]
    one_of: list[str] = []
    none_of: list[str] = []
    roll_up: list[str] = []
    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")
    window: bool = False
    until_stichtag: bool = False
    at_least_years: int | None = Field(None, ge=0, le=150)
    at_most_years: int | None = Field(None, ge=0, le=150)
    with_reason_years: int | None = Field(None, ge=0, le=150)

    @model_validator(mode="after")
    def _fits_its_fact(self) -> Criterion:
        codes = (*self.one_of, *self.none_of, *self.roll_up)
        asked = self.model_fields_set - {"fact", "known"}
        of_codes = asked & {"one_of", "none_of", "roll_up"}
        if not asked:
            raise ValueError(f"says nothing about '{self.fact}'")
        if self.fact in CODED and asked - of_codes:
            raise ValueError(f"'{self.fact}' is a code: use one_of, none_of or roll_up")
        if self.fact in DAYS and of_codes:
            raise ValueError(f"'{self.fact}' is a day: use from, to, window, years")
        if self.with_reason_years is not None and self.at_most_years is None:
            raise ValueError("with_reason_years needs at_most_years")
        self._check_codes(codes)
        return self

    def _check_codes(self, codes: Sequence[str]) -> None:
        if self.fact not in CODED:
            return
        codelist = code_lists.load_code_list(self.fact)
        groups = set(codelist.roll_up.values())
        for code in codes:
            known = groups if code in self.roll_up else set(codelist.labels)
            if code not in known:
                message = f"'{code}' is no code of {self.fact}"
                raise ValueError(add_suggestion(message, code, known))

    def accepts_code(self, code: str) -> bool:
        """Whether a code is one that the criterion asks for."""
        group = code_lists.load_code_list(self.fact).roll_up.get(code)
        wanted = code in self.one_of or group in self.roll_up
        return code not in self.none_of and (wanted or not (self.one_of or self.roll_up))


class Group(BaseModel, extra="forbid"):
    """Persons who belong to the target group if all criteria hold."""

    name: str
    title: str
    criteria: list[Criterion] = Field(min_length=1)


class TargetGroupRule(BaseModel, extra="forbid"):
    """One rule: whoever is in any of its groups is in; valid for key dates from–to."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    basis: str
    purpose: Purpose = "funding"
    valid_from: date
    valid_to: date | None = None
    groups: list[Group] = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> TargetGroupRule:
        if self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self

    @property
    def facts(self) -> frozenset[Fact]:
        """The facts the rule asks for."""
        return frozenset(c.fact for group in self.groups for c in group.criteria)

    @cached_property
    def needs_window(self) -> bool:
        """Whether a criterion asks for the window of the year of distribution."""
        return any(c.window for group in self.groups for c in group.criteria)

    @property
    def is_assumed(self) -> bool:
        """Whether any criterion is an assumption."""
        return any(c.known == "A" for group in self.groups for c in group.criteria)

    def is_valid_on(self, day: date) -> bool:
        """Whether the rule is valid for this key date."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class NoRule(Exception):
    """No rule of this name, or none is valid on the key date; its text says which there are."""


def list_rules() -> list[str]:
    """The names of the rules that come with the hub."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def rule_file(name: str, folder: Path) -> Path:
    """The file that a rule's name or path means; ``folder`` is that of the configuration."""
    is_path = name.endswith((".yaml", ".yml")) or "/" in name
    return (folder / name).resolve() if is_path else FOLDER / f"{name}.yaml"


def load_rule(name: str, folder: Path) -> TargetGroupRule:
    """The rule of a name or path; NoRule where there is no such file, YamlProblems in it."""
    path = rule_file(name, folder)
    if not path.is_file():
        raise NoRule(add_suggestion(f"there is no rule '{name}'", name, list_rules()))
    return _read_rule(path, path.stat().st_mtime_ns)


@cache
def _read_rule(path: Path, _changed: int) -> TargetGroupRule:
    return read_model(path, TargetGroupRule)


def find_rule(names: Iterable[str], folder: Path, stichtag: date) -> TargetGroupRule | None:
    """The first of these rules that is valid on the key date, if any is."""
    rules = (load_rule(name, folder) for name in names)
    return next((rule for rule in rules if rule.is_valid_on(stichtag)), None)


def choose_rule(names: Sequence[str], folder: Path, stichtag: date) -> TargetGroupRule:
    """The same; NoRule where none is valid."""
    valid = find_rule(names, folder, stichtag)
    if valid is None:
        rules = [load_rule(name, folder) for name in names]
        listed = ", ".join(f"{r.name} ({r.valid_from} – {r.valid_to or '…'})" for r in rules)
        raise NoRule(f"no rule is valid on {stichtag}; there are: {listed}")
    return valid


def shipped_rules(purpose: Purpose) -> list[str]:
    """The names of the hub's own rules for a purpose, in order."""
    return [name for name in list_rules() if load_rule(name, FOLDER).purpose == purpose]
