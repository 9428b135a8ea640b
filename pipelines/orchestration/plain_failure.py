"""Failures that may be shown: known ones with their sentence, unknown ones by class and place. What fails is not decided here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import dagster as dg

from mappings.problems import YamlProblems
from pipelines.hub import UnknownDay
from pipelines.unexpected import place
from warehouse.trouble import WarehouseTrouble

T = TypeVar("T")


def plainly(work: Callable[[], T]) -> T:
    """Does the work; any exception of it becomes a dagster Failure whose text and chain hold no cell's content."""
    try:
        return work()
    except (YamlProblems, UnknownDay, WarehouseTrouble) as error:
        told = str(error)
    except FileExistsError as error:
        told = f"Es liegt dort schon etwas anderes: {error}"
    except Exception as error:
        told = place(error)
    # Raised only here, where no exception is being handled: Dagster would keep its text as the context of this one.
    raise dg.Failure(told, allow_retries=False)
