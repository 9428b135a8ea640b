"""Names of persons by origin, each with the spellings that are attested for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final

from ruamel.yaml import YAML

# How often the first spelling occurs where nobody counted.
_USUAL = 6
# Spellings of one name with how often each was found.
Name = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Pool:
    """Names with the running sum of how often each is given."""

    names: tuple[Name, ...]
    sums: tuple[float, ...]

    def draw_name(self, rng: Random) -> Name:
        """One of the names, the usual ones more often."""
        return rng.choices(self.names, cum_weights=self.sums)[0]


@dataclass(frozen=True)
class Origin:
    """What people of one origin are called."""

    men: Pool
    women: Pool
    last: Pool


def spell_name(rng: Random, name: Name) -> str:
    """One of the spellings of a name, the usual ones more often."""
    return rng.choices([s for s, _ in name], [n for _, n in name])[0]


def respell_name(rng: Random, name: Name, spelling: str) -> str:
    """Another spelling of the name, if there is one."""
    others = [(s, n) for s, n in name if s != spelling]
    return spell_name(rng, tuple(others)) if others else spelling


def _read_pool(text: str) -> Pool:
    """Names parted by blanks, spellings by slashes; without counts the first ones are usual."""
    names = tuple(tuple(_read_spellings(word)) for word in text.split())
    attested = [sum(n for _, n in name) for name in names]
    weights = attested if ":" in text else [100 / (place + 4) for place in range(len(names))]
    return Pool(names, tuple(accumulate(weights)))


def _read_spellings(word: str) -> Iterator[tuple[str, int]]:
    for rank, part in enumerate(word.split("/")):
        spelling, _, count = part.partition(":")
        yield spelling, int(count or _USUAL // (rank + 1))


_FILE: Final = Path(__file__).parent / "names.yaml"
ORIGINS: Final = {
    origin: Origin(**{kind: _read_pool(text) for kind, text in pools.items()})
    for origin, pools in YAML(typ="safe").load(_FILE).items()
}
