"""Who of the Musterkreis may be told to the Jobcenter on 1 August 2025: groups and reasons, record by record as they were written down."""

from __future__ import annotations

from datetime import date

from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.named_persons import refuse_unnamed
from tests.acceptance.district import District


def test_groups_and_reasons_are_those_of_the_answers(musterkreis: District) -> None:
    hub, wanted = musterkreis.hub, musterkreis.answers["consent"]
    decision = decide_transfer(hub, "jobcenter", date.fromisoformat(wanted["on"]))
    answer = refuse_unnamed(hub, decision).as_answer()
    released = {record: set(form.groups) for form in answer.released for record in form.records}
    assert released == {
        record: {group.casefold() for group in groups}
        for record, groups in wanted["may_go_out"].items()
    }
    refused = {one.records[0]: one.reasons for one in answer.refused}
    assert refused.keys() == wanted["nothing_may_go_out"].keys()
    assert all(
        reason in refused[record]
        for record, reasons in wanted["nothing_may_go_out"].items()
        for reason in (reasons if isinstance(reasons, list) else [reasons])
    )
