"""The key: who may read it, where it comes from, what is derived from it, and that nothing ever tells it."""

from __future__ import annotations

import stat
import sys
import traceback
from pathlib import Path

import pytest

from warehouse.encryption.key import (
    SET_UP,
    Key,
    KeyProblem,
    from_environment,
    from_file,
    hkdf_sha256,
    make_file,
)

VARIABLE = "DREHSCHEIBE_KEY"


@pytest.mark.parametrize(
    ("secret", "salt", "info", "expected"),
    [
        # RFC 5869, appendix A, cases 1 and 3: the first 32 bytes of their output
        (
            "0b" * 22,
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
        ),
        ("0b" * 22, "", "", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"),
    ],
)
def test_the_derivation_is_that_of_the_standard(
    secret: str, salt: str, info: str, expected: str
) -> None:
    assert (
        hkdf_sha256(bytes.fromhex(secret), bytes.fromhex(info), bytes.fromhex(salt)).hex()
        == expected
    )


def test_a_new_key_is_for_its_owner_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "kreis.key"
    made = make_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert from_file(path).warehouse_secret() == made.warehouse_secret()
    with pytest.raises(FileExistsError):
        make_file(path)


def test_each_key_gives_another_warehouse_key_that_needs_no_quoting(tmp_path: Path) -> None:
    secrets = [make_file(tmp_path / name).warehouse_secret() for name in "ab"]
    assert len(set(secrets)) == 2
    assert all(len(s) == 64 and set(s) <= set("0123456789abcdef") for s in secrets)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o777])
def test_a_key_file_that_others_can_use_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(KeyProblem, match="chmod 600"):
        from_file(key_file)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_file_for_its_owner_alone_is_taken(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    assert isinstance(from_file(key_file), Key)


def secret_line(path: Path) -> str:
    return path.read_text("ascii").splitlines()[-1]


def test_what_is_wrong_with_a_key_file_is_said_without_telling_the_key(key_file: Path) -> None:
    secret = secret_line(key_file)
    for content in (
        "",
        "# nothing\n",
        secret[:-1] + "q\n",
        f"{secret}\n{secret}\n",
        "ä\n",
        secret.replace("AGE", "EGA"),
    ):
        key_file.write_text(content, encoding="utf-8")
        with pytest.raises(KeyProblem) as told:
            from_file(key_file)
        assert secret[20:60] not in "".join(traceback.format_exception(told.value)) + str(
            told.value.__dict__
        )
    with pytest.raises(KeyProblem, match="is missing"):
        from_file(key_file.with_name("other"))


def test_the_environment_may_hold_the_key(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f" {secret_line(key_file)}\n")
    assert from_environment(VARIABLE).recipient == from_file(key_file).recipient
    for wrong in ("", "geheim"):
        monkeypatch.setenv(VARIABLE, wrong)
        with pytest.raises(KeyProblem, match=VARIABLE):
            from_environment(VARIABLE)


def test_a_key_shows_its_public_half_only(key_file: Path) -> None:
    key = from_file(key_file)
    shown = f"{key} {key!r} {[key]}"
    assert key.recipient in shown
    assert "SECRET" not in shown and key.warehouse_secret() not in shown


def test_without_the_libraries_one_sentence_says_how_to_get_them(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    with pytest.raises(KeyProblem) as told:
        from_file(key_file)
    assert str(told.value) == SET_UP
