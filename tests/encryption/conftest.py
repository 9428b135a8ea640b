"""What the tests of encryption share: a key in a file, as the hub makes it, and a filled place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.encryption.filled import fill
from warehouse.encryption.key import Key, make_file
from warehouse.files.data_folder import DataFolder
from warehouse.landing.landing import Manifest


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


@pytest.fixture
def site(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def manifest(site: DataFolder) -> Manifest:
    """The delivery that lies in the plain landing of the site."""
    return fill(site.path)
