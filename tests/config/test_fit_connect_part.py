"""A destination of FIT-Connect in the configuration: what it must say before anything is sent there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipelines.config import ConfigError, load_config
from pipelines.config.hand_over import HandOver
from tests.config.test_config_mistakes import GOOD

AGREED: dict[str, Any] = {
    "url": "https://fit-connect.example.org/submission-api",
    "token_url": "https://auth.example.org/token",
    "client_id": "kreis",
    "destination": "0b799252-deb9-42b0-98d3-c50d24bbafe0",
    "encryption_key": "e" * 43,
    "signing_key": "s" * 43,
    "service": "urn:de:fim:leika:leistung:99999999999999",
    "service_name": "Weitergabe mit Einwilligung",
    "schema_uri": "https://schema.example.org/sendung/1.0.0.json",
    "agreed_on": "2025-06-01",
    "agreed_with": "Jobcenter Musterkreis, Fachbereich IT",
}
AGE = f"age1{'q' * 58}"


def read_terms(**changes: Any) -> HandOver:
    drop = {key: value for key, value in (AGREED | changes).items() if value is not None}
    return HandOver.model_validate({"to": {"fit_connect": drop}})


def test_nothing_goes_by_fit_connect_unless_it_says_so() -> None:
    assert HandOver().to is None
    to = read_terms().to
    assert to is not None and to.fit_connect is not None
    assert to.fit_connect.agreed_with == AGREED["agreed_with"]


ADVICE = "only for a destination id that the recipient itself agreed to"
MISTAKES: list[tuple[dict[str, Any], str]] = [
    *(({key: None}, f"lacks {key}; FIT-Connect is used {ADVICE}") for key in list(AGREED)[3:6]),
    ({"agreed_on": None, "agreed_with": ""}, "lacks agreed_on, agreed_with; FIT-Connect"),
    ({"destination": "jobcenter"}, "is no destination id"),
    ({"encryption_key": "abc"}, "is no thumbprint of a key"),
    ({"signing_key": "A" * 42 + "="}, "is no thumbprint of a key"),
    ({"url": "http://fit-connect.example.org"}, "must be an address that begins with https://"),
    ({"token_url": "https://a:b@auth.example.org"}, "holds more than an address"),
    ({"url": "https://fit-connect.example.org/?key=1"}, "holds more than an address"),
    ({"service": "Weitergabe"}, "should match pattern"),
    ({"client_secret": "geheim"}, "Extra inputs are not permitted"),
]


@pytest.mark.parametrize(("change", "says"), MISTAKES, ids=lambda one: str(one)[:40])
def test_what_is_missing_or_wrong_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_terms(**change)
    assert says in str(refused.value)


def test_it_is_the_only_way_and_encrypts_by_itself() -> None:
    with pytest.raises(ValidationError, match="one of folder, sftp and fit_connect"):
        HandOver.model_validate({"to": {"fit_connect": AGREED, "folder": "out"}})
    with pytest.raises(ValidationError, match="leave out encrypt"):
        HandOver.model_validate({"to": {"fit_connect": AGREED}, "encrypt": {"age": [AGE]}})


def test_the_line_is_named(tmp_path: Path) -> None:
    path, drop = tmp_path / "drehscheibe.yaml", "{url: https://f.example.org}"
    way = f"kind: jobcenter, hand_over: {{to: {{fit_connect: {drop}}}}}"
    path.write_text(GOOD.replace("kind: jobcenter", way, 1), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, check_folders=False)
    (problem,) = (one for one in caught.value.problems if "fit_connect" in str(one))
    assert problem.line == 10 and "lacks destination, encryption_key" in str(problem)
