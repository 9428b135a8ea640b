"""Failures as Dagster shows them: the sentence of the command line, and nothing of the error's text or chain."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import dagster as dg

from pipelines.failures import translate_error

T = TypeVar("T")


def run_or_fail(work: Callable[[], T]) -> T:
    """Does the work; any exception of it becomes a dagster Failure with the sentence for people."""
    try:
        return work()
    except Exception as error:
        sentence = str(translate_error(error))
    # Raised outside the handler: Dagster would keep the text of the error as the context of this one.
    raise dg.Failure(sentence, allow_retries=False)
