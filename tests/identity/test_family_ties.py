"""Who is one household where none is delivered: groups that share somebody, as long as they may be a family."""

from __future__ import annotations

from warehouse.identity.family_ties import join_families


def join(*groups: str) -> set[frozenset[str]]:
    homes = join_families([{("tau", key) for key in group} for group in groups])
    return {
        frozenset(key for (_, key), home in homes.items() if home == name)
        for name in homes.values()
    }


def test_groups_that_share_somebody_are_one_household() -> None:
    assert join("ab", "bc", "de", "f") == {frozenset("abc"), frozenset("de")}
    assert join("ab", "cd", "bd") == {frozenset("abcd")}
    assert join() == set()


def test_too_many_are_no_family() -> None:
    chain = [chr(97 + at) + chr(98 + at) for at in range(11)]
    assert join(*chain, "xy") == {frozenset("xy")}
