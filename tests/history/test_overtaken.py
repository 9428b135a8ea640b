"""A held delivery that another of its day or a newer one has overtaken is not accepted, and no acceptance outlives that."""

from __future__ import annotations

from tests.history.test_guard import KNOWN, SECOND, District, district, held, once, twice

__all__ = ["district", "held", "once", "twice"]


def test_another_of_the_same_day_overtakes(held: District) -> None:
    held.deliver("enaio", 1, range(KNOWN))
    assert held.call("run")[0] == 0
    status, _, error = held.call("accept", f"enaio/{SECOND}", "--reason", "zu spät")
    assert status == 2 and "overtaken" in error
    # The bad one comes back: nobody has accepted it.
    held.deliver("enaio", 1, range(KNOWN // 2))
    assert held.call("run")[0] == 1
    assert held.known("enaio") == KNOWN
    assert held.call("accept", f"enaio/{SECOND}", "--reason", "jetzt richtig")[0] == 0
    assert held.call("run")[0] == 0
    assert held.known("enaio") == KNOWN // 2


def test_an_acceptance_ends_with_the_load_of_another_of_its_day(held: District) -> None:
    held.call("accept", f"enaio/{SECOND}", "--reason", "geprüft")
    held.deliver("enaio", 1, range(KNOWN))
    assert held.call("run")[0] == 0
    held.deliver("enaio", 1, range(KNOWN // 2))
    assert held.call("run")[0] == 1
    assert held.known("enaio") == KNOWN
