"""Makes the package of a submission, whatever it submits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.submission import evidence_package, kennzahlen_package
from warehouse.ledger.submissions import Submission

if TYPE_CHECKING:
    from pipelines.hub import Hub

_MAKERS: Mapping[str, Callable[[Hub, Submission], dict[str, bytes]]] = {
    kennzahlen_package.PRODUCT: kennzahlen_package.make_kennzahlen_package,
    evidence_package.PRODUCT: evidence_package.make_evidence_package,
}


def make_package(hub: Hub, made: Submission) -> dict[str, bytes]:
    """All files of the package by their path in it; the same submission gives the same bytes."""
    return _MAKERS[made.product](hub, made)
