"""Makes the note of a refusal cheap: hundreds of them are written here."""

import pytest

from connectors.enaio import refusal


@pytest.fixture(autouse=True)
def cheap_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusal, "COST", 2**4)
