"""Compares keys without what spreadsheets, exports and hands change about them."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

# Blanks, signs without a shape, quotes, and the sign of a formula ('00123, ="00123").
_NO_SIGNS = "[\\s\"'=\u00a0\u00ad\u2018-\u201f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff`´]+"
_DECIMALS = "[.,]0+$"
_ZEROS = "^0+(.)"
# What may stand between two keys of one cell. A number such as 12,13 may be two keys, too.
_APART = "[,;|/&+.\\n]|\\b(?i:und|u|and)\\b"


def fold_keys(keys: pa.StringArray) -> pa.StringArray:
    """The keys without blanks, invisible signs, quotes, capitals, leading zeros and ".0"."""
    folded = pc.replace_substring_regex(pc.utf8_normalize(keys, "NFKC"), _NO_SIGNS, "")
    folded = pc.replace_substring_regex(folded, _DECIMALS, "")
    return pc.replace_substring_regex(pc.utf8_lower(folded), _ZEROS, "\\1")


class Spellings(NamedTuple):
    """Unknown keys, each ``written`` so, with the one known key that is ``meant`` (null: none, or
    several); ``is_alike``: known keys differ by their spelling alone; ``is_list``: it holds several
    known keys."""

    written: pa.StringArray
    meant: pa.StringArray
    is_alike: pa.BooleanArray
    is_list: pa.BooleanArray


def compare_spellings(written: pa.StringArray, known: pa.StringArray) -> Spellings:
    """Looks for each distinct unknown key among the ``known`` ones (distinct, too)."""
    folds = fold_keys(known)
    counts = folds.value_counts()
    values, numbers = counts.field("values"), counts.field("counts")
    single = values.filter(pc.equal(numbers, 1))
    folded = fold_keys(written)
    is_some = pc.not_equal(folded, "")
    alike = pc.and_(pc.is_in(folded, values), is_some)
    at = pc.index_in(folded, folds)
    is_one = pc.and_(pc.is_in(folded, single), is_some)
    meant = pc.if_else(is_one, known.take(at), pa.scalar(None, pa.string()))
    return Spellings(written, meant, alike, _find_lists(written, values))


def _find_lists(written: pa.StringArray, folds: pa.StringArray) -> pa.BooleanArray:
    """Which of the texts are several known keys (folded), whatever stands between them."""
    parts = pc.split_pattern_regex(written, _APART)
    flat = fold_keys(parts.flatten())
    owners = pc.list_parent_indices(parts)
    is_part = pc.not_equal(flat, "")
    table = pa.table({"at": owners, "known": pc.is_in(flat, folds)}).filter(is_part)
    grouped = table.group_by("at").aggregate([("known", "count"), ("known", "all")])
    several = pc.and_(pc.greater(grouped["known_count"], 1), grouped["known_all"])
    lists = grouped["at"].filter(several)
    return pc.is_in(pa.array(range(len(written)), owners.type), lists.combine_chunks())
