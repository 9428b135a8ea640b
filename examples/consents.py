"""Adds consents of enaio and releases of Jobkraftwerk, of every kind a gate must distinguish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from examples.chance import draw_weighted
from examples.district import JOBCENTER, OTHER_RECIPIENTS
from examples.keys import Keys
from examples.labels import LISTS
from examples.life import Case, Consent, Life

PURPOSE: Final = "Arbeitsvermittlung"
KINDS: Final = {
    "valid": 46,
    "open_ended": 18,
    "expired": 10,
    "revoked": 8,
    "other_recipient": 5,
    "no_purpose": 5,
    "no_secrecy": 6,
    "not_yet": 3,
}


def grant_consents(
    rng: Random, life: Life, keys: Keys, cases: Sequence[Case], before: date, last: date
) -> None:
    """Lets adults of these cases consent; nobody consents at two sources."""
    known_twice = {again for _, again, _ in life.same_person}
    for case in cases:
        adult = case.person.adult_on(case.begin)
        if not adult or case.record in known_twice or rng.random() > 0.42:
            continue
        if case.source == "enaio":
            _add_consents(rng, life, keys, case, last)
        elif case.source == "jobkraftwerk":
            _add_release(rng, case, before, last)


def _add_consents(rng: Random, life: Life, keys: Keys, case: Case, last: date) -> None:
    for _ in range(1 if rng.random() < 0.93 else 2):
        kind = _draw_kind(rng, len(life.consents))
        life.consents.append(_make_consent(rng, keys, case, kind, last))


def _draw_groups(rng: Random) -> tuple[str, ...]:
    names = tuple(LISTS["data_group"])
    if rng.random() < 0.25:
        return names
    return tuple(sorted(rng.sample(names, rng.randint(1, 5)), key=names.index))


def _draw_kind(rng: Random, place: int) -> str:
    """The first consents take turns, so that a small district has every kind too."""
    names = list(KINDS)
    if place < 2 * len(names):
        return names[place % len(names)]
    return draw_weighted(rng, KINDS)


def _make_consent(rng: Random, keys: Keys, case: Case, kind: str, last: date) -> Consent:
    room = max(3, (last - case.begin).days)
    given = case.begin + timedelta(days=rng.randrange(room // 2 + 1))
    until, revoked = _draw_end(rng, kind, given, last)
    known = given + timedelta(days=rng.randrange(2))
    if kind == "not_yet":
        given = last + timedelta(days=rng.randrange(5, 60))
    return Consent(
        keys.next("enaio", "consent"),
        known,
        case,
        rng.choice(OTHER_RECIPIENTS) if kind == "other_recipient" else JOBCENTER,
        "" if kind == "no_purpose" else PURPOSE,
        _draw_groups(rng),
        given,
        until,
        revoked,
        kind != "no_secrecy",
    )


def _draw_end(rng: Random, kind: str, given: date, last: date) -> tuple[date | None, date | None]:
    """The last day of a consent and the day of its revocation."""
    until = last + timedelta(days=rng.randrange(1, 700))
    if kind not in ("expired", "revoked"):
        return None if kind == "open_ended" else until, None
    early = given + timedelta(days=rng.randrange(1, max(2, (last - given).days)))
    return (early, None) if kind == "expired" else (until, early)


def _add_release(rng: Random, case: Case, before: date, last: date) -> None:
    """Adds a release, for some changed or withdrawn before the last delivery."""
    given = case.begin + timedelta(days=rng.randrange(60))
    case.releases.append((given, _draw_groups(rng)))
    fate = rng.random()
    if given < before and fate < 0.3:
        day = before + timedelta(days=rng.randrange(1, max(2, (last - before).days)))
        case.releases.append((day, () if fate < 0.18 else _draw_groups(rng)))
