"""What the tests of encryption share: a key in a file, as the hub makes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.encryption.key import Key, make_file


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A key file beside the data, not in them."""
    path = tmp_path / "keys" / "kreis.key"
    make_file(path)
    return path


@pytest.fixture
def key(tmp_path: Path) -> Key:
    """A key."""
    return make_file(tmp_path / "keys" / "one.key")
