"""How much of a corpus of mutated CSV files readers recover, and how fast: ours with and without a stated dialect, and the best others.

Run: python -m benchmarks.csv_robustness [FILES] [--seed N] [--worst]. Needs clevercsv, which only this measurement uses.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.csv_corpus import make_corpus
from benchmarks.csv_peers import ALONE, STATED, Answer, as_json
from benchmarks.csv_spelling import CorpusFile

_OURS = ("ours_stated", "ours_alone")


class Tally:
    """What one reader reached over all files."""

    def __init__(self) -> None:
        self.right = self.cells = self.silent = 0
        self.seconds = 0.0
        self.by_pollution: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.missed: Counter[str] = Counter()

    def add(self, file: CorpusFile, answer: Answer, seconds: float) -> None:
        """Counts the cells of one file."""
        right, cells = count_recovered(file, answer.rows)
        self.right += right
        self.cells += cells
        self.seconds += seconds
        self.silent += bool(right < cells and not answer.has_notices and is_lost(file, answer.rows))
        pollution = file.name[6:-4]
        self.by_pollution[pollution][0] += right
        self.by_pollution[pollution][1] += cells
        if right < cells:
            self.missed[file.name] = cells - right

    @property
    def share(self) -> float:
        """Share of the cells that came out exactly, each in its place."""
        return self.right / self.cells


def count_recovered(file: CorpusFile, rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """How many of the expected cells stand in their column of the row that has their row's first cell, and how many there are."""
    found = {row[0].replace("\0", ""): row for row in reversed(rows) if row}
    right = total = 0
    for expected in file.expected:
        row = found.get(expected[0], ())
        total += len(expected)
        right += sum(
            place < len(row) and _same_cell(row[place], cell) for place, cell in enumerate(expected)
        )
    return right, total


def is_lost(file: CorpusFile, rows: Sequence[Sequence[str]]) -> bool:
    """Whether a filled cell appears nowhere in what was read, not even joined to others."""
    everything = "\x1f".join(_plain_cell(cell) for row in rows for cell in row)
    return any(_plain_cell(cell) not in everything for row in file.expected for cell in row if cell)


def _same_cell(read: str, expected: str) -> bool:
    return _plain_cell(read) == _plain_cell(expected)


def _plain_cell(cell: str) -> str:
    return cell.replace("\0", "").replace("\r\n", "\n")


def measure_readers(size: int, seed: int) -> dict[str, Tally]:
    """Every reader over the same files; others than ours get theirs as UTF-8, which all of them know."""
    tallies = {name: Tally() for name in (*STATED, *ALONE)}
    with tempfile.TemporaryDirectory() as folder:
        for file in make_corpus(seed, size):
            own, other = Path(folder, "own.csv"), Path(folder, "other.csv")
            own.write_bytes(file.as_bytes())
            other.write_bytes(file.as_text().encode("utf-8"))
            for name, reader in (*STATED.items(), *ALONE.items()):
                begun = time.perf_counter()
                answer = reader(own if name in _OURS else other, file)
                tallies[name].add(file, answer, time.perf_counter() - begun)
    return tallies


def run_benchmark() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", type=int, nargs="?", default=2400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worst", action="store_true")
    asked = parser.parse_args()
    tallies = measure_readers(asked.files, asked.seed)
    for name, tally in tallies.items():
        print(
            f"{name:16} {tally.share:8.4%} of {tally.cells:,} cells, {tally.silent:4} files with silent loss, {tally.seconds:7.1f} s"
        )
    if asked.worst:
        for pollution in tallies["ours_alone"].by_pollution:
            print(
                f"{pollution:30}",
                *(
                    f"{t.by_pollution[pollution][0] / t.by_pollution[pollution][1]:7.2%}"
                    for t in tallies.values()
                ),
            )
        for name in _OURS:
            print(name, tallies[name].missed.most_common(25))
    print(as_json(compute_ratios(tallies)))


def compute_ratios(tallies: dict[str, Tally]) -> dict[str, float | int]:
    """The ratios: the best other reader's share over ours, and our time over the fastest of the best."""
    ours, alone = tallies["ours_stated"], tallies["ours_alone"]
    stated = max(t.share for n, t in tallies.items() if n in STATED and n not in _OURS) / ours.share
    unstated = (
        max(t.share for n, t in tallies.items() if n in ALONE and n not in _OURS) / alone.share
    )
    return {
        "ratio": round(max(stated, unstated), 4),
        "ratio_stated": round(stated, 4),
        "ratio_unstated": round(unstated, 4),
        "speed_ratio_duckdb": round(ours.seconds / tallies["duckdb_stated"].seconds, 3),
        "speed_ratio_clevercsv": round(alone.seconds / tallies["clevercsv_alone"].seconds, 3),
        "share_stated": round(ours.share, 4),
        "share_unstated": round(alone.share, 4),
        "silent_loss": ours.silent + alone.silent,
    }


if __name__ == "__main__":
    run_benchmark()
