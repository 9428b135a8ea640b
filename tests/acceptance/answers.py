"""Puts the hub's figures beside the answers of a simulated delivery: same labels, same shape. Only comparing; nothing is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.documents.figure_data import Figure

LABELS = {"ohne_angabe": "ohne Angabe"}
PARTS = {
    "topics": "topics",
    "referrals": "referrals",
    "conversations_by_kind": "conversation_kinds",
}
SINGLE = {
    "plans_concluded": "plans_concluded",
    "goals_reached": "goals_reached",
    "persons_reached": "persons_reached",
    "records_reached": "records_reached",
}


def flow(figures: Iterable[Figure]) -> dict[str, Any]:
    """One unit's figures of a period in the shape of ``figures.<known>.<period>.<unit>``; what is zero is left out."""
    answer: dict[str, Any] = {
        "conversations": {},
        "topics": {},
        "referrals": {},
        "conversation_kinds": {},
    }
    for f in figures:
        name, value = f.indicator, f.value
        if not value:
            continue
        if name == "conversations":
            answer["conversations"]["total"] = value
        elif name == "conversations_by_setting":
            answer["conversations"][
                {"einzelperson": "individual", "familie": "family"}[f.category]
            ] = value
        elif name in PARTS:
            answer[PARTS[name]][f.label] = value
        elif name in SINGLE:
            answer[SINGLE[name]] = value
    return answer


def stock(figures: Iterable[Figure]) -> dict[str, Any]:
    """One unit's clients in the shape of ``clients.<known>.<day>.<unit>``."""
    answer: dict[str, Any] = {"by_sex": {}, "by_nationality": {}, "by_housing": {}}
    for f in figures:
        name, value = f.indicator, f.value
        if not value:
            continue
        if name == "clients":
            answer["total"] = value
        elif name == "client_records":
            answer["records"] = value
        elif name == "clients_by_sex":
            answer["by_sex"][f.label if f.category == "ohne_angabe" else f.category] = value
        elif name in ("clients_by_nationality", "clients_by_housing"):
            answer[name.removeprefix("clients_")][f.label] = value
    return answer


def without_zeros(answer: Any) -> Any:
    """The expected answer without its zeros and without attributes it does not state."""
    if isinstance(answer, Mapping):
        return {
            k: w
            for k, v in answer.items()
            if (w := without_zeros(v)) not in (0, None) or isinstance(v, Mapping)
        }
    return answer


def by_unit(figures: Iterable[Figure]) -> dict[tuple[str, str], list[Figure]]:
    """Figures sorted by the unit they belong to: ("municipality", AGS), ("staff", name) or ("district", "")."""
    sorted_: dict[tuple[str, str], list[Figure]] = {}
    for f in figures:
        kind = next((k for k in ("municipality", "staff") if k in f.unit), "district")
        sorted_.setdefault((kind, f.unit.get(kind, "")), []).append(f)
    return sorted_


def differences(got: Any, wanted: Any, path: str = "") -> list[str]:
    """Every place where ``got`` is not what was ``wanted``."""
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        return [
            d
            for k in sorted({*got, *wanted})
            for d in differences(got.get(k), wanted.get(k), f"{path}/{k}")
        ]
    return [] if got == wanted else [f"{path}: got {got}, expected {wanted}"]
