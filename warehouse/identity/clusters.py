"""Groups linked records, also through a third record, and drops links of contradictory groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from warehouse.identity.exact_rules import NUMBER, Key, Link, Record, are_contradictory


class _Groups:
    """Disjoint groups of keys; the leader of a group is its smallest key."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = keys
        self._parent = {k: k for k in keys}

    def find_leader(self, k: Key) -> Key:
        parent = self._parent
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    def join_groups(self, one: Key, other: Key) -> bool:
        """Joins the groups of two keys; False where they were in one group already."""
        a, b = self.find_leader(one), self.find_leader(other)
        self._parent[max(a, b)] = min(a, b)
        return a != b

    def list_members(self) -> dict[Key, list[Key]]:
        """The members of each group by its leader, in the order of the keys."""
        members: dict[Key, list[Key]] = defaultdict(list)
        for k in self._keys:
            members[self.find_leader(k)].append(k)
        return members


def group_records(
    records: Sequence[Record], links: Iterable[Link]
) -> tuple[dict[Key, list[Key]], list[Link]]:
    """The groups by their first key, and the links that joined two groups into one."""
    groups = _Groups([r.identity for r in records])
    joining = [link for link in links if groups.join_groups(link.a.identity, link.b.identity)]
    return groups.list_members(), joining


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
        if not are_contradictory([by_key[k] for k in members]):
            sound.update(members)
    return [link for link in links if link.a.identity in sound]
