"""Groups linked records, also through a third record, and drops links of contradictory groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from warehouse.identity.exact_rules import NUMBER, Link, are_contradictory
from warehouse.identity.record import Key, Record

# Whether a link may join two groups, of which the first is not larger than the second.
MayJoin = Callable[[Sequence[Key], Sequence[Key], Link], bool]


def group_records(
    keys: Iterable[Key], links: Iterable[Link], may_join: MayJoin = lambda one, other, link: True
) -> tuple[dict[Key, list[Key]], list[Link]]:
    """The groups by their first key, and the links that joined two groups into one.

    Groups and their members are in the order of the keys. A link for which ``may_join`` denies it
    is skipped.
    """
    # The group each key is in: one list that all its members share.
    groups = {k: [k] for k in sorted(keys)}
    joining = []
    for link in links:
        small, large = sorted((groups[link.a], groups[link.b]), key=len)
        if small is not large and may_join(small, large, link):
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
    groups, _ = group_records(by_key, links)
    sound: set[Key] = set()
    for members in groups.values():
        if len(members) == 1 or not are_contradictory([by_key[k] for k in members]):
            sound.update(members)
    return [link for link in links if link.a in sound]
