"""Which rule applies to whom: the municipality's before the carrier's before the district's, each in its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from mappings.problems import YamlProblems
from pipelines.config.models import Config
from pipelines.funding.target_group import WrongRule, open_rules
from tests.funding.test_commands import ADULTS
from warehouse.marts.client_facts import ClientFacts

STICHTAG = date(2025, 1, 1)
PARTS = """\
funding:
  target_group: [vwv-im-2017, vwv-im-2025]
  carriers: {caritas: [nur-erwachsene.yaml]}
  municipalities: {"08999002": [vwv-im-2025-beratung]}
"""
District = Callable[..., Config]


@pytest.fixture
def ruled(district: District) -> Config:
    folder = district().path.parent
    (folder / "nur-erwachsene.yaml").write_text(ADULTS, encoding="utf-8")
    return district(more=PARTS)


@pytest.mark.parametrize(
    ("municipality", "carrier", "rule"),
    [
        (None, None, "vwv-im-2025"),
        ("08999001", "landkreis", "vwv-im-2025"),
        ("08999001", "caritas", "nur-erwachsene"),
        ("08999002", "caritas", "vwv-im-2025-beratung"),
        ("08999002", None, "vwv-im-2025-beratung"),
    ],
)
def test_the_nearest_rule_counts(
    municipality: str | None, carrier: str | None, rule: str, ruled: Config
) -> None:
    rules = open_rules(ruled, STICHTAG)
    client = ClientFacts("p-1", municipality=municipality, carrier=carrier)
    assert rules.rule_of(client).name == rule
    assert open_rules(ruled, STICHTAG, "vwv-im-2025").rule_of(client).name == "vwv-im-2025"
    assert {r.name for r in rules.rules} >= {rule}


def test_a_rule_is_asked_for_in_its_time(ruled: Config) -> None:
    rules = open_rules(ruled, date(2017, 9, 15))
    assert rules.rule_of(ClientFacts("p-1", carrier="caritas")).name == "vwv-im-2017"
    with pytest.raises(WrongRule, match="no rule is valid on 2016-09-15; there are: vwv-im-2017"):
        open_rules(ruled, date(2016, 9, 15))


def test_a_mistake_in_a_rule_of_the_district_has_its_line(ruled: Config) -> None:
    wrong = ADULTS.replace("at_least_years", "at_leat_years")
    (ruled.path.parent / "nur-erwachsene.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(
        YamlProblems, match=r"nur-erwachsene\.yaml:9: .*did you mean 'at_least_years'"
    ):
        open_rules(ruled, STICHTAG)
