"""A delivery that changes nothing but the umlauts of many texts waits for a person, on both engines; a few corrections do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import count

import pyarrow as pa
import pytest

from tests.conformance.fault_kinds import holds
from tests.warehouse.deliveries import deliver
from warehouse.database.store import Store
from warehouse.loading.altered_letters import AlteredTexts
from warehouse.loading.findings import DeliveryFindings
from warehouse.loading.mass_change_guard import GuardTripped, Limits

NAMES = ["Müller", "Jäger", "Köhler", "Weiß", "Özdemir", "Übelacker", "Çelik", "Schmidt", "Brandt"]
UMLAUTS = 7  # of these names
SPELT = {"ü": "ue", "ä": "ae", "ö": "oe", "ß": "ss", "Ö": "Oe", "Ü": "Ue", "Ç": "C"}
EVERYTHING = Limits(gone=1, changed=1)
Names = Sequence[str | None]


def spelt(name: str) -> str:
    return "".join(SPELT.get(sign, sign) for sign in name)


# What a new delivery says instead, how many values it set aside as misread, and in how many names just the letters change.
DELIVERIES: dict[str, tuple[Names, int, int]] = {
    "UTF-8 as single bytes": ([n.encode().decode("cp1252", "replace") for n in NAMES], 0, UMLAUTS),
    "question marks": ([n.encode("ascii", "replace").decode() for n in NAMES], 0, UMLAUTS),
    "dropped letters": ([n.encode("ascii", "ignore").decode() for n in NAMES], 0, UMLAUTS),
    "spelt out": ([*map(spelt, NAMES)], 0, UMLAUTS),
    "set aside as misread": ([n if n.isascii() else None for n in NAMES], UMLAUTS, UMLAUTS),
    "half stored, half set aside": (
        [None, None, None, "Wei?", "?zdemir", "?belacker", "?elik", *NAMES[7:]],
        3,
        UMLAUTS,
    ),
    "four corrected": ([*map(spelt, NAMES[:4]), *NAMES[4:]], 0, 0),
    "others emptied": ([None] * len(NAMES), 0, 0),
    "other names": ([f"{n}-Meier" for n in NAMES], 0, 0),
    "capitals": ([n.upper() for n in NAMES], 0, 0),
    "the same": (NAMES, 0, 0),
}


@pytest.fixture(scope="module")
def stores(
    empty_file: object, server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Store]]:
    path = tmp_path_factory.mktemp("letters") / "warehouse.duckdb"
    with Store(f"duckdb:///{path}") as embedded, Store(server) as at_server:
        yield {"duckdb": embedded, "postgresql": at_server}


@pytest.fixture(params=["duckdb", "postgresql"])
def say(request: pytest.FixtureRequest, stores: dict[str, Store]) -> Callable[..., None]:
    """Delivers these names of the same persons, by a source of its own."""
    source = f"letters{next(_NUMBERS)}"
    days = count(1)

    def deliver_names(names: Names, misread: int = 0, limits: Limits | None = EVERYTHING) -> None:
        rows = [{"key": f"P{n}", "last_name": name} for n, name in enumerate(names)]
        deliver(
            stores[request.param],
            {"person": rows, "case": [{"key": row["key"]} for row in rows]},
            source=source,
            on=date(2025, 1, next(days)),
            limits=limits,
            found=findings("text_misread", misread),
        )

    return deliver_names


_NUMBERS = count()


def findings(rule: str, number: int) -> DeliveryFindings:
    """So many findings of one rule."""
    texts = dict.fromkeys(("file", "table_name", "sheet", "column_name", "message"), "x")
    one = {**texts, "rule": rule, "severity": "set_aside", "row_number": 1, "value": None}
    found = DeliveryFindings()
    types = {"row_number": pa.int64()}
    found.add(
        pa.table({n: pa.array([v] * number, types.get(n, pa.string())) for n, v in one.items()})
    )
    return found


@holds(8)
@pytest.mark.parametrize("name", DELIVERIES)
def test_many_letters_at_once(say: Callable[..., None], name: str) -> None:
    names, misread, altered = DELIVERIES[name]
    say(NAMES)
    if not altered:
        say(names, misread)
        return
    with pytest.raises(GuardTripped) as tripped:
        say(names, misread)
    texts = [t.altered for t in tripped.value.trips]
    assert texts == [AlteredTexts("case", "last_name", UMLAUTS, altered)]
    say(names, misread, limits=None)


def test_a_delivery_may_correct_what_was_misread(say: Callable[..., None]) -> None:
    say(DELIVERIES["UTF-8 as single bytes"][0])
    say(NAMES)


def test_signs_of_a_pattern_are_no_pattern(say: Callable[..., None]) -> None:
    odd = [f"{name}\\" for name in NAMES]
    say(odd)
    with pytest.raises(GuardTripped):
        say([spelt(name) for name in odd])


def test_a_share_is_of_all_texts_of_the_column(say: Callable[..., None]) -> None:
    many = NAMES * 5
    say(many)
    say([*map(spelt, many[:7]), *many[7:]])
    with pytest.raises(GuardTripped):
        say([*many[:18], *map(spelt, many[18:])])
