"""The catalogue of all finding rules by name, with severity, sentence and explanation."""

from __future__ import annotations

from mappings.findings.file_rules import FILE_RULES
from mappings.findings.notice_rules import NOTICE_RULES
from mappings.findings.row_rules import ROW_RULES
from mappings.findings.rule import Audience, FindingRule
from warehouse.schema.states import Severity

RULES = {rule.name: rule for rule in (*ROW_RULES, *FILE_RULES, *NOTICE_RULES)}


def describe_rule(name: str, message: str) -> FindingRule:
    """The rule of a finding in the ledger.

    A rule that the catalogue no longer has is described by its finding's own ``message``, so that
    no finding is left out of a report about an earlier load.
    """
    return RULES.get(name) or FindingRule(
        name,
        Severity.NOTICE,
        Audience.DISTRICT_IT,
        title="Sonstige Auffälligkeit",
        meaning=message,
        advice="Bitte mit der IT des Landratsamts klären.",
        sentence=message,
    )
