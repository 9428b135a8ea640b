"""Which fields a system keeps, by its mapping."""

from __future__ import annotations

import pytest

from mappings.source_mapping import load_mapping
from pipelines.config.models import OWN_MAPPINGS
from pipelines.transfer.kept_fields import list_fields


@pytest.mark.parametrize(
    ("mapping", "kept", "not_kept"),
    [
        (
            "jobkraftwerk",
            {("language_level", "level"), ("education_work", "skills"), ("goal", "title")},
            {("language_level", "certificate"), ("residence_status", "valid_until")},
        ),
        (
            "tau_office",
            {("education_work", "integration_course"), ("person", "sex")},
            {("education_work", "skills"), ("language_level", "language")},
        ),
    ],
)
def test_a_field_is_kept_if_the_mapping_fills_it(
    mapping: str, kept: set[tuple[str, str]], not_kept: set[tuple[str, str]]
) -> None:
    fields = set(list_fields(load_mapping(OWN_MAPPINGS / f"{mapping}.yaml").file))
    assert kept <= fields and not fields & not_kept
