"""One district with the planted person, loaded once; tests that change it copy its folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rights.planted import CLIENTS, FIRST, KINDS, SECOND, PlantedDistrict


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> PlantedDistrict:
    """Every kind of file, CSV of two days."""
    district = PlantedDistrict(tmp_path_factory.mktemp("planted"))
    district.deliver("csv", FIRST, CLIENTS[:2])
    for kind in KINDS:
        district.deliver(kind, SECOND)
    assert set(district.run()) == {"loaded"}
    return district


@pytest.fixture
def copy(loaded: PlantedDistrict, tmp_path: Path) -> Callable[[], PlantedDistrict]:
    """Copies the loaded district."""

    def make() -> PlantedDistrict:
        folder = tmp_path / "district"
        shutil.copytree(loaded.folder, folder)
        return PlantedDistrict(folder)

    return make


@pytest.fixture(scope="session")
def loaded_small(tmp_path_factory: pytest.TempPathFactory) -> PlantedDistrict:
    """One source with one delivery."""
    district = PlantedDistrict(tmp_path_factory.mktemp("small"), kinds=("csv",))
    district.deliver("csv")
    assert district.run() == ["loaded"]
    return district


@pytest.fixture
def small(loaded_small: PlantedDistrict, tmp_path: Path) -> Callable[[], PlantedDistrict]:
    """Copies the small district."""

    def make() -> PlantedDistrict:
        folder = tmp_path / "small"
        shutil.copytree(loaded_small.folder, folder)
        return PlantedDistrict(folder, kinds=("csv",))

    return make
