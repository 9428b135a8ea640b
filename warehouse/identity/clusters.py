"""Groups of records that belong together through links, also through a third; and groups that contradict themselves taken apart again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from warehouse.identity.exact_rules import NUMBER, Link, Record, are_contradictory

Key = tuple[str, str]


def identify_record(record: Record) -> Key:
    """What names a record: source and key."""
    return record.source, record.key


def group_records(
    records: Sequence[Record], links: Iterable[Link]
) -> tuple[dict[Key, list[Key]], list[Link]]:
    """The groups, each under its first record, and the links that really joined two parts of one."""
    leader = {identify_record(r): identify_record(r) for r in records}
    joining: list[Link] = []

    def find_leader(k: Key) -> Key:
        while leader[k] != k:
            leader[k] = leader[leader[k]]
            k = leader[k]
        return k

    for link in links:
        a, b = find_leader(identify_record(link.a)), find_leader(identify_record(link.b))
        if a != b:
            leader[max(a, b)] = min(a, b)
            joining.append(link)
    groups: dict[Key, list[Key]] = {}
    for r in records:
        groups.setdefault(find_leader(identify_record(r)), []).append(identify_record(r))
    return groups, joining


def keep_consistent(records: Sequence[Record], links: Sequence[Link]) -> list[Link]:
    """The links without those of groups that contradict themselves through a third record.

    Of such a group only the official numbers count; where even they contradict each other, its records stay apart.
    """
    kept = _of_sound_groups(records, links, links)
    numbers = [link for link in links if link.rule == NUMBER and link not in set(kept)]
    return [*kept, *_of_sound_groups(records, numbers, numbers)]


def _of_sound_groups(
    records: Sequence[Record], links: Sequence[Link], among: Sequence[Link]
) -> list[Link]:
    by_key: Mapping[Key, Record] = {identify_record(r): r for r in records}
    groups, _ = group_records(records, links)
    sound = {
        k
        for members in groups.values()
        if not are_contradictory([by_key[k] for k in members])
        for k in members
    }
    return [link for link in among if identify_record(link.a) in sound]
