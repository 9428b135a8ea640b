"""Consents of enaio and releases of Jobkraftwerk: every kind a gate must tell apart; the gate itself is not here."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from examples.district import JOBCENTER, OTHER_RECIPIENTS
from examples.keys import Keys
from examples.labels import DATA_GROUPS
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
    rng: random.Random, life: Life, keys: Keys, cases: Sequence[Case], before: date, last: date
) -> None:
    """Lets adults of these cases consent; nobody consents at two sources."""
    known_twice = {again for _, again, _ in life.same_person}
    for case in cases:
        if (
            not case.person.adult_on(case.begin)
            or f"{case.source}:{case.key}" in known_twice
            or rng.random() > 0.42
        ):
            continue
        if case.source == "enaio":
            for _ in range(1 if rng.random() < 0.93 else 2):
                life.consents.append(
                    _make_consent(rng, keys, case, _draw_kind(rng, len(life.consents)), last)
                )
        elif case.source == "jobkraftwerk":
            _add_release(rng, case, before, last)


def _draw_groups(rng: random.Random) -> tuple[str, ...]:
    if rng.random() < 0.25:
        return tuple(DATA_GROUPS)
    chosen = rng.sample(range(len(DATA_GROUPS)), rng.randint(1, 5))
    return tuple(name for place, name in enumerate(DATA_GROUPS) if place in chosen)


def _draw_kind(rng: random.Random, place: int) -> str:
    """The first consents take turns, so that a small district has every kind too."""
    names = list(KINDS)
    return (
        names[place % len(names)]
        if place < 2 * len(names)
        else rng.choices(names, list(KINDS.values()))[0]
    )


def _make_consent(rng: random.Random, keys: Keys, case: Case, kind: str, last: date) -> Consent:
    room = max(3, (last - case.begin).days)
    given = case.begin + timedelta(days=rng.randrange(room // 2 + 1))
    until: date | None = last + timedelta(days=rng.randrange(1, 700))
    revoked = None
    if kind == "open_ended":
        until = None
    elif kind == "expired":
        until = given + timedelta(days=rng.randrange(1, max(2, (last - given).days)))
    elif kind == "revoked":
        revoked = given + timedelta(days=rng.randrange(1, max(2, (last - given).days)))
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


def _add_release(rng: random.Random, case: Case, before: date, last: date) -> None:
    given = case.begin + timedelta(days=rng.randrange(60))
    case.releases.append((given, _draw_groups(rng)))
    fate = rng.random()
    if given < before and fate < 0.3:
        day = before + timedelta(days=rng.randrange(1, max(2, (last - before).days)))
        case.releases.append((day, () if fate < 0.18 else _draw_groups(rng)))
