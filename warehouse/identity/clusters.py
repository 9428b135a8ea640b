"""Groups linked records, also through a third record, and drops links of contradictory groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from warehouse.identity.exact_rules import NUMBER, Link, are_contradictory
from warehouse.identity.record import Key, Record


def group_records(
    records: Sequence[Record], links: Iterable[Link]
) -> tuple[dict[Key, list[Key]], list[Link]]:
    """The groups by their first key, and the links that joined two groups into one.

    Groups and their members are in the order of the keys.
    """
    # The group each key is in: one list that all its members share.
    groups = {k: [k] for k in sorted(r.identity for r in records)}
    joining = []
    for link in links:
        small, large = sorted((groups[link.a.identity], groups[link.b.identity]), key=len)
        if small is not large:
            large += small
            groups |= dict.fromkeys(small, large)
            joining.append(link)
    found = {id(members): members for members in groups.values()}
    return {min(members): sorted(members) for members in found.values()}, joining


def keep_consistent(records: Sequence[Record], links: Sequence[Link]) -> list[Link]:
    """The links without those of groups that are contradictory through a third record.

    Of such a group only the official numbers count; where even they contradict each other, its
    records stay apart.
    """
    kept = _of_sound_groups(records, links)
    dropped = set(links) - set(kept)
    numbers = [link for link in links if link.rule == NUMBER and link in dropped]
    return [*kept, *_of_sound_groups(records, numbers)]


def _of_sound_groups(records: Sequence[Record], links: Sequence[Link]) -> list[Link]:
    by_key = {r.identity: r for r in records}
    groups, _ = group_records(records, links)
    sound: set[Key] = set()
    for members in groups.values():
        if len(members) == 1 or not are_contradictory([by_key[k] for k in members]):
            sound.update(members)
    return [link for link in links if link.a.identity in sound]
