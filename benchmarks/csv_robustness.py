"""Measures how many cells of mutated CSV files each reader recovers, and how fast.

Ours with and without a stated dialect, and the best others.
Run: python -m benchmarks.csv_robustness [FILES] [--seed N] [--worst]. Needs clevercsv, which only
this measurement uses.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from benchmarks.csv_corpus import make_corpus
from benchmarks.csv_peers import ALONE, STATED, Answer, as_json
from benchmarks.csv_spelling import CorpusFile

_OURS = ("ours_stated", "ours_alone")


class Tally:
    """The results of one reader over all files."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.silent = 0
        self.by_pollution: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.missed: Counter[str] = Counter()

    def add_file(self, file: CorpusFile, answer: Answer, seconds: float) -> None:
        """Counts the cells of one file."""
        right, cells = count_recovered(file, answer.rows)
        counts = self.by_pollution[file.name[6:-4]]
        counts[0] += right
        counts[1] += cells
        self.seconds += seconds
        if right < cells:
            self.missed[file.name] = cells - right
            self.silent += not answer.has_notices and is_lost(file, answer.rows)

    @property
    def cells(self) -> int:
        """The number of cells in all files."""
        return sum(cells for _, cells in self.by_pollution.values())

    @property
    def share(self) -> float:
        """Share of the cells that came out exactly, each in its place."""
        return sum(right for right, _ in self.by_pollution.values()) / self.cells


def count_recovered(file: CorpusFile, rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """The number of expected cells found in their place, and of all expected cells.

    A row is found by its first cell.
    """
    found = {row[0].replace("\0", ""): row for row in reversed(rows) if row}
    right = sum(_count_same(found.get(row[0], ()), row) for row in file.expected)
    return right, sum(map(len, file.expected))


def _count_same(row: Sequence[str], expected: Sequence[str]) -> int:
    return sum(map(_same_cell, row, expected))


def is_lost(file: CorpusFile, rows: Sequence[Sequence[str]]) -> bool:
    """Whether a filled cell appears nowhere in what was read, not even joined to others."""
    everything = "\x1f".join(map(_plain_cell, chain(*rows)))
    # An empty cell is part of any text.
    return any(_plain_cell(cell) not in everything for cell in chain(*file.expected))


def _same_cell(read: str, expected: str) -> bool:
    return _plain_cell(read) == _plain_cell(expected)


def _plain_cell(cell: str) -> str:
    return cell.replace("\0", "").replace("\r\n", "\n")


def measure_readers(size: int, seed: int) -> dict[str, Tally]:
    """Runs every reader over the same files; others than ours get theirs as UTF-8."""
    readers = STATED | ALONE
    tallies = {name: Tally() for name in readers}
    with tempfile.TemporaryDirectory() as folder:
        own, other = Path(folder, "own.csv"), Path(folder, "other.csv")
        for file in make_corpus(seed, size):
            own.write_bytes(file.as_bytes())
            other.write_bytes(file.as_text().encode("utf-8"))
            for name, reader in readers.items():
                begun = time.perf_counter()
                answer = reader(own if name in _OURS else other, file)
                tallies[name].add_file(file, answer, time.perf_counter() - begun)
    return tallies


def run_benchmark() -> None:
    """Prints a line per reader and, as the last line, the ratios as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", type=int, nargs="?", default=2400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worst", action="store_true")
    options = parser.parse_args()
    tallies = measure_readers(options.files, options.seed)
    for name, tally in tallies.items():
        print(
            f"{name:16} {tally.share:8.4%} of {tally.cells:,} cells, "
            f"{tally.silent:4} files with silent loss, {tally.seconds:7.1f} s"
        )
    if options.worst:
        _print_worst(tallies)
    print(as_json(compute_ratios(tallies)))


def _print_worst(tallies: dict[str, Tally]) -> None:
    for pollution in tallies["ours_alone"].by_pollution:
        counts = (tally.by_pollution[pollution] for tally in tallies.values())
        print(f"{pollution:30}", *(f"{right / cells:7.2%}" for right, cells in counts))
    for name in _OURS:
        print(name, tallies[name].missed.most_common(25))


def compute_ratios(tallies: dict[str, Tally]) -> dict[str, float | int]:
    """The ratios: the best other reader's share over ours, and our time over the best others'."""
    ours, alone = tallies["ours_stated"], tallies["ours_alone"]
    stated = _best_share(tallies, STATED) / ours.share
    unstated = _best_share(tallies, ALONE) / alone.share
    duckdb, clevercsv = tallies["duckdb_stated"], tallies["clevercsv_alone"]
    return {
        "ratio": round(max(stated, unstated), 4),
        "ratio_stated": round(stated, 4),
        "ratio_unstated": round(unstated, 4),
        "speed_ratio_duckdb": round(ours.seconds / duckdb.seconds, 3),
        "speed_ratio_clevercsv": round(alone.seconds / clevercsv.seconds, 3),
        "share_stated": round(ours.share, 4),
        "share_unstated": round(alone.share, 4),
        "silent_loss": ours.silent + alone.silent,
    }


def _best_share(tallies: dict[str, Tally], names: Iterable[str]) -> float:
    """The best share of the readers with these names that are not ours."""
    return max(tallies[name].share for name in names if name not in _OURS)


if __name__ == "__main__":
    run_benchmark()
