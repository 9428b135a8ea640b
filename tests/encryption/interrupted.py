"""Kills a switch-over at each of its steps on the disk: a program that prepares nothing and judges nothing, started by the test of it."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401  once for all children
import pyrage  # noqa: F401

from warehouse.encryption.convert import switch_encryption
from warehouse.encryption.key import Key, from_file
from warehouse.files.data_folder import DataFolder

STEPS = ("replace", "unlink", "fsync", "chmod")


def switch_over(data: Path, key: Key, sealed: bool, die_before: int) -> int:
    """Switches over and dies before the given step; returns how many steps there were."""
    counter = itertools.count()

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def take(*args: Any, **kwargs: Any) -> Any:
            if next(counter) == die_before:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*args, **kwargs)

        return take

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    switch_encryption(DataFolder(data), key, sealed=sealed)
    return next(counter)


def main(ready: Path, place: Path, key_file: Path, sealed: bool, every: int) -> None:
    """Makes ``place/<n>`` from ``ready`` for each n-th step, ``every`` apart, and lets a child die there; the last one is left alone."""
    key = from_file(key_file)
    for number in itertools.count(step=every):
        shutil.copytree(ready, place / str(number))
        # The parent never opens a database, so that its children may be forked.
        child = os.fork()
        if not child:
            switch_over(place / str(number), key, sealed, number)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status == 0:
            return
        assert os.WTERMSIG(status) == signal.SIGKILL, status


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        Path(sys.argv[3]),
        sys.argv[4] == "sealed",
        int(sys.argv[5]),
    )
