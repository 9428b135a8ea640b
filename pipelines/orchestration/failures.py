"""Turns errors into Dagster failures with the command line's sentence and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import dagster as dg

from pipelines.failures import translate_error
from pipelines.printable import make_printable
from warehouse.files.private_files import private_files

T = TypeVar("T")


def run_or_fail(work: Callable[[], T]) -> T:
    """Does the work; any exception becomes a dagster Failure with the sentence for people.

    Files the work creates are for their owner only, whoever has started Dagster.
    """
    try:
        with private_files():
            return work()
    except Exception as error:
        sentence = make_printable(str(translate_error(error)), keep_lines=True)
    # Raised outside the handler, where Dagster would keep the error's text as the context.
    raise dg.Failure(sentence, allow_retries=False)
