"""What the Jobcenter may no longer receive if two persons are one: the narrower word wins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.figures.pair_impact import PersonsNow
from pipelines.intake.identity_decisions import RehearsedDecision, decide_pair
from tests.consents.office import LAST, Office, Row, form, person
from tests.postgres import write_address
from warehouse.identity.decisions import Verdict

pytestmark = pytest.mark.thorough

Groups = tuple[str, ...]
# The forms of alpha's and of beta's record (None: none), and what is still released of each; of whom
# nothing changes, nothing is told.
RULES: list[tuple[str, Row | None, Row | None, dict[str, Groups]]] = [
    ("the same", form("a0", "0"), form("b0", "0"), {}),
    ("less in one", form("a1", "1"), form("b1", "1", "Sprache"), {"alpha:1": ("sprache",)}),
    (
        "nothing in common",
        form("a2", "2", "Beruf"),
        form("b2", "2", "Sprache"),
        {"alpha:2": (), "beta:2": ()},
    ),
    ("revoked", form("a3", "3"), form("b3", "3", Widerrufen="01.03.2025"), {"alpha:3": ()}),
    ("nobody asked", form("a4", "4"), None, {}),
    ("ended", form("a5", "5"), form("b5", "5", Gueltig_bis="31.03.2025"), {}),
    ("no purpose", form("a6", "6"), form("b6", "6", Zweck=""), {"alpha:6": ()}),
    ("of another recipient", form("a7", "7"), form("b7", "7", Empfaenger="Stadt X"), {}),
    ("neither", None, None, {}),
]


@pytest.fixture(scope="module", params=["DuckDB", "PostgreSQL"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    if request.param == "DuckDB":
        yield load_rules(tmp_path_factory.mktemp("embedded"), "duckdb")
        return
    postgres = request.getfixturevalue("postgres")
    url = write_address(postgres.new_warehouse())
    yield load_rules(tmp_path_factory.mktemp("server"), url)


def load_rules(folder: Path, warehouse: str) -> Office:
    """Both systems with a record for each rule, which nothing links."""
    office = Office(folder, warehouse=warehouse)
    for at, (source, letter) in enumerate((("alpha", "A"), ("beta", "B"))):
        rows = [person(str(n), f"{letter}{n}") for n in range(len(RULES))]
        forms = [rule[1 + at] for rule in RULES]
        office.deliver(source, LAST, rows, [row for row in forms if row is not None])
    office.run()
    return office


def test_the_narrower_word_wins(office: Office) -> None:
    with office.open() as hub:
        with hub.store.read() as connection:
            now = PersonsNow(hub, connection)
            told = [
                {
                    change.record: tuple(change.after)
                    for change in now.compare_joined((("alpha", str(n)), ("beta", str(n)))).releases
                }
                for n in range(len(RULES))
            ]
        assert told == [after for *_, after in RULES]
        for n, (*_, after) in enumerate(RULES):
            made = decide_pair(hub, f"alpha:{n}", f"beta:{n}", Verdict.SAME, "", rehearse=True)
            assert isinstance(made, RehearsedDecision)
            found = {change.record: tuple(change.after) for change in made.impact.releases}
            assert found == after, RULES[n][0]
