"""What a good drehscheibe.yaml yields: places, defaults, the warehouse's address. Mistakes are tested beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.config import Config, ConfigError, Reports, find_config, load_config

SMALL = """\
district: {ags: "08999", name: Musterkreis}
municipalities:
  08999001: {name: Musterstadt, team: Nord}
  "08999002": {name: Feldlingen}
sources:
  eins: {mapping: workbook, folder: ein/gang}
  zwei: {mapping: own/mine.yaml, folder: /absolute, delivers: partial, max_gone_share: 0.2, expect_every_days: 31}
staff:
  - {name: Muster, source: eins, vzae: 0.75, from: 2024-01-01}
"""


def config_in(folder: Path, text: str = SMALL) -> Config:
    (folder / "own").mkdir()
    (folder / "own" / "mine.yaml").write_text("")
    (folder / "drehscheibe.yaml").write_text(text, encoding="utf-8")
    return load_config(folder / "drehscheibe.yaml", check_folders=False)


def test_paths_are_absolute_and_seen_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    config = config_in(tmp_path)
    assert config.path == tmp_path / "drehscheibe.yaml"
    assert config.data == tmp_path / "data"
    assert config.sources["eins"].folder == tmp_path / "ein" / "gang"
    assert config.sources["zwei"].folder == Path("/absolute")


def test_a_mapping_is_one_of_ours_or_the_districts_own(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    assert config.sources["eins"].mapping_file.parts[-3:] == (
        "mappings",
        "sources",
        "workbook.yaml",
    )
    assert config.sources["eins"].mapping_file.is_file()
    assert config.sources["zwei"].mapping_file == tmp_path / "own" / "mine.yaml"


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    source = config.sources["eins"]
    assert (source.delivers, source.carrier, source.expect_every_days, source.max_gone_share) == (
        "full",
        None,
        None,
        None,
    )
    assert (config.schedule.nightly, config.schedule.timezone) == ("0 2 * * *", "Europe/Berlin")
    assert (config.recipients, config.targets) == ({}, ())


def test_an_ags_needs_no_quotes_as_a_key(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    assert list(config.municipalities) == ["08999001", "08999002"]
    assert config.teams == ["Nord"]


def test_staff_have_exact_shares_of_a_post(tmp_path: Path) -> None:
    staff = config_in(tmp_path).staff[0]
    assert (staff.vzae, staff.begin, staff.end) == (Decimal("0.75"), date(2024, 1, 1), None)


def test_the_embedded_warehouse_lies_in_the_data_folder(tmp_path: Path) -> None:
    url = config_in(tmp_path).warehouse_url()
    assert (url.drivername, url.database) == ("duckdb", str(tmp_path / "data" / "warehouse.duckdb"))


@pytest.mark.parametrize("way", ["environment", "folder"])
def test_a_servers_password_comes_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    config = config_in(tmp_path, "warehouse: postgresql+psycopg://hub@db.example/hub\n" + SMALL)
    assert config.warehouse_url().password is None
    if way == "environment":
        monkeypatch.setenv("DREHSCHEIBE_WAREHOUSE_PASSWORD", "p@ss/word")
    else:
        (tmp_path / "secrets").mkdir(mode=0o700)
        password = tmp_path / "secrets" / "drehscheibe_warehouse_password"
        password.write_text("p@ss/word\n")
        password.chmod(0o600)
    url = config.warehouse_url()
    assert (url.password, url.host, url.database) == ("p@ss/word", "db.example", "hub")
    assert "p@ss" not in str(url)


@pytest.mark.parametrize(
    ("reports", "today", "period"),
    [
        ({}, date(2025, 7, 1), (date(2025, 1, 1), date(2025, 12, 31))),
        ({}, date(2025, 1, 1), (date(2024, 1, 1), date(2024, 12, 31))),
        ({"period": "previous_year"}, date(2025, 7, 1), (date(2024, 1, 1), date(2024, 12, 31))),
        ({"period": "previous_month"}, date(2025, 3, 1), (date(2025, 2, 1), date(2025, 2, 28))),
        ({"period": "previous_month"}, date(2025, 1, 15), (date(2024, 12, 1), date(2024, 12, 31))),
        ({"from": date(2023, 5, 1)}, date(2025, 7, 1), (date(2023, 5, 1), date(2025, 12, 31))),
    ],
)
def test_the_period_of_a_report(
    reports: dict[str, object], today: date, period: tuple[date, date]
) -> None:
    assert Reports.model_validate(reports).default_period(today) == period


def test_the_configuration_is_found_from_below(tmp_path: Path) -> None:
    config_in(tmp_path)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_config(below) == tmp_path / "drehscheibe.yaml"


def test_no_configuration_anywhere_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"not found in .* or any folder above; write one, or name it with -c"
    ):
        find_config(tmp_path)
