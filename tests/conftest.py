"""What all tests share: no test writes to a file while the hub looks whether somebody does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.fetch import local_folder


@pytest.fixture(autouse=True, scope="session")
def nobody_writes() -> Iterator[None]:
    """A file that was written just now is not watched for half a second at each look."""
    usual, local_folder.YOUNG_SECONDS = local_folder.YOUNG_SECONDS, 0.0
    yield
    local_folder.YOUNG_SECONDS = usual
