"""Makes the note of a refusal cheap: hundreds of them are written here."""

import pytest

from connectors.ways import once_refused


@pytest.fixture(autouse=True)
def cheap_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once_refused, "COST", 2**4)
