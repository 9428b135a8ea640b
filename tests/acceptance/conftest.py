"""What the acceptance tests share: the Musterkreis with all its deliveries taken in, once for the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.district import District, open_hub, take_all


@pytest.fixture(scope="session")
def musterkreis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """The Musterkreis as known after both dates of delivery; read only."""
    with open_hub(tmp_path_factory.mktemp("musterkreis")) as hub:
        yield take_all(hub)
