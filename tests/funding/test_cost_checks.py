"""Costs and amounts that go beyond their grant are told, in packages made before they are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipelines.config.models import Config
from pipelines.funding.evidence import collect_evidence
from tests.funding.test_evidence import ledger_of, open_book
from tests.funding.test_registers import REGISTER

District = Callable[..., Config]
HELD = "from: 2024-01-01, vzae: 0.75, staff_cost: 45000.50"
LATER = "from: 2024-01-01, to: 2025-12-31, vzae: 0.75, staff_cost: 90000"
EARLIER = "from: 2023-07-01, to: 2024-12-31, vzae: 0.75, staff_cost: 50000"
ENDS = "Fachkraft im-1: Die Besetzung endet nach der Zuwendung; gezählt ist bis 31.12.2024."
WHOLE = "Fachkraft im-1: Die Kosten gelten für die ganze Besetzung, auch für die Zeit außerhalb der Zuwendung, und sind nicht geteilt."
COSTS = "Zuwendung im-2024: Die Kosten sind zusammen 90.300,00 €; bewilligt sind 60.000,00 €."
RATES = "Zuwendung im-2024: Die Beträge nach Satz sind zusammen 37.500,00 €; bewilligt sind 30.000,00 €."


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (HELD, HELD, []),
        (HELD, LATER, [COSTS, ENDS, WHOLE]),
        (HELD, EARLIER, [WHOLE]),
        ("amount: 60000", "amount: 30000", [COSTS.replace("90.300,00", "45.300,50").replace("60", "30"), RATES]),
    ],
    ids=["within", "ends later", "begins earlier", "less approved"],
)  # fmt: skip
def test_what_goes_beyond_a_grant_is_told(
    old: str, new: str, told: list[str], district: District
) -> None:
    ledger = ledger_of(open_book(district, REGISTER.replace(old, new)))
    known = {ENDS, WHOLE, COSTS, RATES, *told}
    said = collect_evidence(ledger, "im-2024").all_missing
    assert [text for text in said if text in known] == told
    before = replace(ledger, rules=replace(ledger.rules, edition=2))
    assert not known & set(collect_evidence(before, "im-2024").all_missing)
