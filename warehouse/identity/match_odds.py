"""How likely two records of two sources are one human being before anything is compared."""

from __future__ import annotations

import numpy as np

from warehouse.identity.birth_days import is_stand_in
from warehouse.identity.person_columns import PersonColumns

# So many records tell as much as what is shipped: how many have a second one elsewhere.
_SHIPPED_RECORDS, _SHIPPED_MATCHES = 500, 0.1
_LEAST_MATCHES, _MOST_ODDS = 0.01, 0.1


def estimate_prior(persons: PersonColumns, clean_share: float) -> float:
    """log2 of the odds that two records of two sources are one human being.

    Pairs that agree in both names and a full birthday are counted; they are ``clean_share`` of
    all that are one human being.
    """
    found = _count_clean_pairs(persons) / clean_share
    share = (found + _SHIPPED_MATCHES * _SHIPPED_RECORDS) / (len(persons) + _SHIPPED_RECORDS)
    odds = max(share * len(persons), _LEAST_MATCHES) / max(_count_all_pairs(persons), 1.0)
    return round(float(np.log2(min(odds, _MOST_ODDS))), 6)


def _count_all_pairs(persons: PersonColumns) -> float:
    """How many pairs of two sources there are."""
    counts = np.bincount(persons.source).astype(float)
    return float((counts.sum() ** 2 - (counts**2).sum()) / 2)


def _count_clean_pairs(persons: PersonColumns) -> int:
    """How many pairs of two sources agree in both names and a full birthday."""
    given, family = persons.given[:, 0], persons.family[:, 0]
    clean = (given >= 0) & (family >= 0) & ~np.isnat(persons.born) & ~is_stand_in(persons.born)
    days = persons.born.astype(np.int64)
    rows = np.stack([given, family, days, persons.source], axis=1)[clean]
    return _count_pairs(rows[:, :3]) - _count_pairs(rows)


def _count_pairs(rows: np.ndarray) -> int:
    """How many pairs of rows are equal."""
    counts = np.unique(rows, axis=0, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())
