"""The catalogue holds every rule the code raises, and says all that an office needs to know."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from string import Formatter

import pytest

from mappings.findings.rule import SEVERITY_LABELS, SEVERITY_MEANINGS, FindingRule
from mappings.findings.rules import RULES, describe_rule
from tests.house.files import ROOT, python_files
from warehouse.schema.states import Severity

# The argument that names the rule; `_add_findings` and `add` are those of the mapping engine.
RULE_ARGUMENT = {
    "CannotRead": 0,
    "Notice": 0,
    "write_notice": 0,
    "Outcome": 1,
    "_add_findings": 2,
    "add": 2,
}


def rules_raised() -> Iterator[tuple[str, str]]:
    """Rule and place of every call that names a rule as a literal, or as a choice of two."""
    for path in python_files("connectors", "mappings", "warehouse", "pipelines"):
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = getattr(called, "id", getattr(called, "attr", ""))
            if isinstance(node, ast.Call) and name in RULE_ARGUMENT:
                for argument in node.args[RULE_ARGUMENT[name] :][:1]:
                    named = (
                        [argument.body, argument.orelse]
                        if isinstance(argument, ast.IfExp)
                        else [argument]
                    )
                    yield from (
                        (c.value, f"{path}:{node.lineno}")
                        for c in named
                        if isinstance(c, ast.Constant) and isinstance(c.value, str)
                    )


def test_every_rule_that_is_raised_is_in_the_catalogue() -> None:
    raised = dict(rules_raised())
    assert len(raised) > 40
    assert {rule: place for rule, place in raised.items() if rule not in RULES} == {}


def test_the_parts_of_the_catalogue_name_no_rule_twice() -> None:
    from mappings.findings import file_rules, notice_rules, row_rules

    parts = (*row_rules.ROW_RULES, *file_rules.FILE_RULES, *notice_rules.NOTICE_RULES)
    assert len(RULES) == len(parts)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_rule_says_what_happened_and_what_to_do(rule: FindingRule) -> None:
    for text in (rule.meaning, rule.advice, rule.sentence or rule.meaning):
        assert text.endswith(".") and "  " not in text and not text.startswith(" "), text
    assert rule.title and not rule.title.endswith(".")
    places = {name for _, name, _, _ in Formatter().parse(rule.sentence or "") if name is not None}
    assert places <= {"column", "count", "first", "reason", "records"}


def test_every_severity_has_its_words() -> None:
    assert set(SEVERITY_LABELS) == set(SEVERITY_MEANINGS) == set(Severity)


def test_a_sentence_is_filled_and_may_hold_braces() -> None:
    assert (
        RULES["unreadable_date"]
        .write_sentence(column="{0}")
        .startswith("Die Angabe in der Spalte „{0}“ ist kein Datum.")
    )
    with pytest.raises(TypeError, match="encoding"):
        RULES["encoding"].write_sentence()


def test_a_rule_of_an_earlier_version_is_described_by_its_finding() -> None:
    assert describe_rule("key_missing", "x") is RULES["key_missing"]
    assert describe_rule("of_former_days", "Ein Satz von früher.").meaning == "Ein Satz von früher."
