"""The page of findings: every rule of the catalogue with its explanation and sentence."""

from __future__ import annotations

from collections.abc import Iterable
from string import Formatter

from mappings.findings.file_rules import FILE_RULES
from mappings.findings.notice_rules import NOTICE_RULES
from mappings.findings.row_rules import ROW_RULES
from mappings.findings.rule import SEVERITY_LABELS, SEVERITY_MEANINGS, FindingRule
from pipelines.docs.markdown import format_code, format_page, format_table, wrap_paragraph

_BY_READER = "nennt Stelle und Grund"


def page_text() -> str:
    """The page findings.md."""
    severities = [
        (format_code(severity), SEVERITY_LABELS[severity], meaning)
        for severity, meaning in SEVERITY_MEANINGS.items()
    ]
    return format_page(
        "Befunde",
        wrap_paragraph(
            "Was beim Lesen und Zuordnen nicht verstanden wurde: was geschehen ist, was zu tun "
            "ist und wer es tun kann. Der Wert selbst steht nie im Satz, sondern nur in der "
            "Quarantäne; `…` steht für Spalte oder Zahl. Wo die Meldung Stelle und Grund nennt, "
            "schreibt sie der Leser der Datei."
        ),
        "## Schwere\n\n" + format_table(("Schwere", "Im Bericht", "Bedeutung"), severities),
        "## Zeilen und Werte\n\n" + _rules_table(ROW_RULES),
        "## Dateien und Tabellen, die nicht gelesen werden konnten",
        wrap_paragraph(
            "Betroffen ist nur die Tabelle oder Datei; was bisher aus ihr bekannt war, bleibt "
            "stehen, die übrigen Tabellen und Quellen gehen weiter. Die Bytes bleiben im Eingang."
        ),
        _rules_table(FILE_RULES),
        "## Hinweise\n\n" + _rules_table(NOTICE_RULES),
    )


def _rules_table(rules: Iterable[FindingRule]) -> str:
    head = ("Regel", "Schwere", "Was geschehen ist", "Was zu tun ist", "Wer", "Meldung")
    return format_table(head, map(_rule_row, rules))


def _rule_row(rule: FindingRule) -> tuple[str, ...]:
    meaning = f"**{rule.title}.** {rule.meaning}"
    sentence = _BY_READER if rule.sentence is None else _with_gaps(rule.sentence)
    return (
        format_code(rule.name),
        format_code(rule.severity),
        meaning,
        rule.advice,
        rule.audience,
        sentence,
    )


def _with_gaps(sentence: str) -> str:
    return "".join(
        text + ("" if name is None else "…") for text, name, *_ in Formatter().parse(sentence)
    )
