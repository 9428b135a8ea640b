"""The catalogue of Kennzahlen: indicators in their order, with label and degree of proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from mappings import code_lists
from mappings.problems import Problem, YamlProblems, did_you_mean
from mappings.yaml_file import KeyPath, read_model, read_yaml

FOLDER = Path(__file__).parent / "destinations" / "kennzahlen"
Known = Literal["F", "A"]
Purpose = Literal["state", "internal"]
# Where in the YAML, what is wrong, what would be right.
Mistake = tuple[KeyPath, str, str | None]


class Indicator(BaseModel, extra="forbid"):
    """One indicator.

    ``assumed``: categories that no published figure proves; ``open_list``: show only codes that
    occur. ``written``: the labels themselves, where they must stay as they are.
    """

    indicator: str
    label: str
    known: Known
    codes: str | None = None
    assumed: list[str] = []
    open_list: bool = False
    written: dict[str, str] | None = None

    def labels(self) -> dict[str | None, str | None]:
        """Category → German label in the list's order; ``{None: None}`` without categories."""
        if self.codes is None:
            return {None: None}
        if self.written is not None:
            return dict(self.written.items())
        return dict(code_lists.load_code_list(self.codes).labels.items())

    def known_of(self, category: str | None) -> Known:
        """F where proven, A where assumed."""
        return "A" if self.known == "A" or category in self.assumed else "F"


class Group(BaseModel, extra="forbid"):
    """Indicators under one heading."""

    title: str
    indicators: list[Indicator]


class Catalogue(BaseModel, extra="forbid"):
    """The whole catalogue, valid from a day on because the state changes it.

    ``purpose``: for the state, or for the district itself.
    """

    name: str
    title: str
    purpose: Purpose = "state"
    basis: str
    valid_from: date
    valid_to: date | None = None
    gate: Literal["exact"]
    legal_ground: str
    groups: list[Group]

    def indicators(self) -> list[Indicator]:
        """All indicators in order."""
        return [i for g in self.groups for i in g.indicators]

    def with_labels(self) -> Catalogue:
        """The catalogue with the labels of its code lists written out."""
        groups = [
            group.model_copy(update={"indicators": [_write_labels(i) for i in group.indicators]})
            for group in self.groups
        ]
        return self.model_copy(update={"groups": groups})


def _write_labels(line: Indicator) -> Indicator:
    if line.codes is None:
        return line
    return line.model_copy(update={"written": {str(c): str(t) for c, t in line.labels().items()}})


def label_indicators(catalogue: Catalogue) -> dict[str, str]:
    """The German label of each indicator, as it is understood without its group's heading."""
    return {
        line.indicator: f"{group.title} {line.label}"
        if line.label.startswith("nach ")
        else line.label
        for group in catalogue.groups
        for line in group.indicators
    }


def choose_catalogue(last: date | None, purpose: Purpose = "state") -> Catalogue:
    """The catalogue for a period that ends on ``last`` (None: open).

    It is the newest of those valid from that day or before; the first one for an earlier period.
    """
    known = [catalogue for catalogue in load_catalogues() if catalogue.purpose == purpose]
    return pick_catalogue(known, last)


def pick_catalogue(known: Sequence[Catalogue], last: date | None) -> Catalogue:
    """Of catalogues in the order of their validity, the one for a period that ends on ``last``."""
    begun = [c for c in known if last is None or c.valid_from <= last]
    return begun[-1] if begun else known[0]


def list_state_catalogues() -> list[Catalogue]:
    """The catalogues for the state, in the order in which they became valid."""
    return [catalogue for catalogue in load_catalogues() if catalogue.purpose == "state"]


@cache
def load_catalogues() -> tuple[Catalogue, ...]:
    """All catalogues of mappings/destinations/kennzahlen, in the order in which they became valid."""
    read = (_read_catalogue(path) for path in _catalogue_files())
    return tuple(sorted(read, key=lambda c: c.valid_from))


@cache
def read_texts() -> dict[str, str]:
    """The text of every catalogue by the name of its file, without ending."""
    return {path.stem: path.read_bytes().decode() for path in _catalogue_files()}


def check_indicators(declared: Mapping[str, bool]) -> None:
    """Refuses catalogues that do not fit the indicators that are declared for them.

    ``declared``: name of each indicator → whether it has categories. YamlProblems lists every
    line without an indicator and every indicator without a line, with a correction.
    """
    catalogues = {path: _read_catalogue(path) for path in _catalogue_files()}
    problems: list[Problem] = []
    missing = set(declared)
    for path, shown in catalogues.items():
        problems += _locate_mistakes(path, _unfit_lines(shown, declared))
        missing -= {line.indicator for line in shown.indicators()}
    # An older catalogue need not know what came later.
    of_state = [path for path, shown in catalogues.items() if shown.purpose == "state"]
    newest = max(of_state, key=lambda path: catalogues[path].valid_from)
    problems += _locate_mistakes(newest, _missing_lines(missing, declared))
    if problems:
        raise YamlProblems(problems)


def _catalogue_files() -> list[Path]:
    return sorted(FOLDER.glob("*.yaml"))


@cache
def _read_catalogue(path: Path) -> Catalogue:
    return read_model(path, Catalogue)


def _locate_mistakes(file: Path, mistakes: Iterable[Mistake]) -> Iterator[Problem]:
    # Catalogues are rarely wrong: the file is read again, for its lines, only if it is.
    document = None
    for path, wrong, right in mistakes:
        document = document or read_yaml(file)
        yield document.problem(path, wrong, right)


def _unfit_lines(shown: Catalogue, declared: Mapping[str, bool]) -> Iterator[Mistake]:
    listed: set[str] = set()
    for g, group in enumerate(shown.groups):
        for i, line in enumerate(group.indicators):
            path: KeyPath = ("groups", g, "indicators", i)
            yield from _check_line(path, line, declared)
            if line.indicator in listed:
                yield path, f"'{line.indicator}' is listed twice", "leave one of the lines out"
            listed.add(line.indicator)


def _check_line(path: KeyPath, line: Indicator, declared: Mapping[str, bool]) -> Iterator[Mistake]:
    name = line.indicator
    if name not in declared:
        known = did_you_mean(name, declared)
        yield (*path, "indicator"), f"no function declares the indicator '{name}'", known
    elif declared[name] and line.codes is None:
        yield path, f"'{name}' has categories", "name their code list with 'codes'"
    elif line.codes is not None and not declared[name]:
        yield (*path, "codes"), f"'{name}' has no categories", "leave 'codes' out"


def _missing_lines(missing: Set[str], declared: Mapping[str, bool]) -> Iterator[Mistake]:
    for name in sorted(missing):
        codes = ", codes: …" if declared[name] else ""
        line = f"{{indicator: {name}, label: …, known: A{codes}}}"
        yield (
            ("groups",),
            f"no group lists the declared indicator '{name}'",
            f"add '- {line}', or declare it with in_catalogue=False",
        )
