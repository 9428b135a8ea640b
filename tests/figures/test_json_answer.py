"""How typed answers become JSON: the names of the interface, the order of the fields, plain values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from pipelines.cli.json_answer import to_json
from pipelines.intake.delivery_status import RefusedDelivery, WaitingDelivery
from warehouse.ledger.deliveries import DeliveryBalance, KnownRecords, RecordCounts, TableBalance
from warehouse.loading.findings import FindingWithValue
from warehouse.schema.states import DeliveryState, Severity

DAY = date(2025, 1, 31)
TABLE = TableBalance("K.csv", "K", 3, 1, 1, 1, 0, {}, {"case": RecordCounts(1, 0, 0, 0)})


@dataclass(frozen=True)
class Period:
    """Shows the names that are words of Python."""

    first: date | None
    last: date


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Period(None, DAY), '{"from": null, "to": "2025-01-31"}'),
        (WaitingDelivery("tau", DAY, 3), '{"source": "tau", "date": "2025-01-31", "files": 3}'),
        (
            RefusedDelivery("tau", DeliveryState.EMPTY, "leer"),
            '{"source": "tau", "state": "empty", "message": "leer"}',
        ),
        ({Severity.NOTICE: (1, 2)}, '{"notice": [1, 2]}'),
        (
            FindingWithValue(
                "b", "tau", DAY, None, None, None, 7, "Datum", "date", Severity.SET_ASIDE, "…", "x"
            ),
            '{"delivery": "b", "source": "tau", "date": "2025-01-31", "file": null, "table": null, "sheet": null, "row": 7, '
            '"column": "Datum", "rule": "date", "severity": "set_aside", "message": "…", "value": "x"}',
        ),
        (
            DeliveryBalance(
                "tau",
                DAY,
                1,
                DeliveryState.LOADED,
                "",
                "a",
                "b",
                [TABLE],
                {"case": KnownRecords(0, 1, 0, 1)},
            ),
            '{"source": "tau", "date": "2025-01-31", "load": 1, "state": "loaded", "message": "", "mapping": "a", "delivery": "b", '
            '"tables": [{"file": "K.csv", "table": "K", "read": 3, "used": 1, "rejected": 1, "repeated": 1, '
            '"left_out": 0, "left_out_by": {}, "records": {"case": {"new": 1, "changed": 0, "unchanged": 0, "gone": 0}}}], '
            '"known": {"case": {"before": 0, "new": 1, "gone": 0, "after": 1}}}',
        ),
    ],
    ids=["period", "waiting", "refused", "severity", "finding", "delivery"],
)
def test_an_answer_has_the_names_of_the_interface(answer: Any, text: str) -> None:
    assert json.dumps(to_json(answer), ensure_ascii=False) == text


def test_the_value_of_a_finding_is_in_no_message() -> None:
    found = FindingWithValue(
        "b", "tau", DAY, None, None, None, 7, None, "date", Severity.REJECTED, "…", "Musterfrau"
    )
    assert "Musterfrau" not in repr(found)
