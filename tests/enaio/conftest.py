"""Makes the note of a refusal cheap: hundreds of them are written here."""

import pytest

from connectors.fetch import refused_login


@pytest.fixture(autouse=True)
def cheap_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused_login, "COST", 2**4)
