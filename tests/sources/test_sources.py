"""Every source's sample gives exactly the rows, counts and findings that its folder expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.source_mapping import list_mappings
from tests.sources.sample import expected, outcome, samples


@pytest.mark.parametrize("name", samples())
def test_sample(name: str, tmp_path: Path) -> None:
    got, wanted = outcome(name, tmp_path), expected(name)
    for entity in {*got["entities"], *wanted["entities"]}:
        assert got["entities"].get(entity, []) == wanted["entities"].get(entity, []), entity
    assert got == wanted


def test_every_mapping_has_a_sample() -> None:
    assert set(list_mappings()) - set(samples()) == set()
