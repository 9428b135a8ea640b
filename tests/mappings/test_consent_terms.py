"""Words by which consents, withdrawals and footers are known."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mappings.consent_terms import load_consent_terms


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("widerrufen", True),
        ("Am 20.07. WIDERRUFEN!", True),
        ("wiederrufen (Brief)", True),
        ("Widerruf: 20.07.2025", True),
        ("hat widersprochen", True),
        ("zur\u00fcckgezogen", True),
        ("zuru\u0308ckgezogen", True),
        ("zurueckgezogen", True),
        ("wider\u00adrufen", True),
        ("Vermittlung;storniert", True),
        ("gilt bis auf Widerruf, widerrufen am 20.07.", True),
        ("gilt bis auf Widerruf", False),
        ("nicht widerrufen", False),
        ("Widerruf: nein", False),
        ("jederzeit widerruflich", False),
        ("Widerrufsbelehrung erhalten", False),
        ("kann jederzeit widerrufen werden", False),
        ("Wiederaufnahme der Beratung", False),
        ("Vermittlung", False),
        ("", False),
    ],
)
def test_a_cell_that_says_that_something_was_withdrawn(text: str, says: bool) -> None:
    terms = load_consent_terms()
    assert terms.says_withdrawn(text) is says
    hinted = pc.match_substring_regex(pa.array([text]), terms.hint, ignore_case=True)
    assert hinted[0].as_py() or not says
