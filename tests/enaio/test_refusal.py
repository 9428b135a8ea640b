"""A refused login is never repeated: not in the run, not in the next one, until the secret is another. Basic and bearer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.http_login import Bearer
from connectors.fetch.refused_login import NOTE
from tests.enaio.trial import fetch, server, settings
from tests.fakes.enaio import FakeEnaio, Fault


def test_a_wrong_password_is_tried_once_whatever_happens(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        wrong = settings(fake, server=server(fake, "falsch€"))
        for rule in ("login_refused", "refused_before", "refused_before"):
            with pytest.raises(CannotFetch) as stopped:
                fetch(wrong, tmp_path)
            assert (stopped.value.rule, stopped.value.again) == (rule, False)
        assert fake.accounts.failures == fake.requests == 1
        assert fetch(settings(fake), tmp_path).rows == 22
        assert not (tmp_path / NOTE).exists()
        assert fake.accounts.failures == 1


def test_each_wrong_password_is_tried_once_whatever_came_between(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        for password in ("falsch", "auch falsch", "falsch", "auch falsch"):
            with pytest.raises(CannotFetch):
                fetch(settings(fake, server=server(fake, password)), tmp_path)
        assert fake.accounts.failures == 2
        assert fetch(settings(fake), tmp_path).rows == 22


def test_the_note_does_not_hold_the_secret(tmp_path: Path) -> None:
    with FakeEnaio() as fake, pytest.raises(CannotFetch):
        fetch(settings(fake, server=server(fake, "Geheim-Kennwort")), tmp_path)
    note = (tmp_path / NOTE).read_text("utf-8")
    assert "Geheim" not in note
    assert fake.accounts.user not in note


def test_a_damaged_note_asks_a_person(tmp_path: Path) -> None:
    (tmp_path / NOTE).write_text("{")
    with FakeEnaio() as fake, pytest.raises(CannotFetch) as stopped:
        fetch(settings(fake), tmp_path)
    assert (stopped.value.rule, fake.requests) == ("refused_before", 0)


def test_client_credentials(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        account = fake.accounts
        login = Bearer(f"{fake.url}/token", account.user, lambda: account.password)
        told = settings(fake, server=replace(server(fake), login=login))
        assert fetch(told, tmp_path).rows == 22
        assert len(account.tokens) == 1
        assert account.failures == 0


def test_refused_client_credentials_are_tried_once(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        login = Bearer(f"{fake.url}/token", fake.accounts.user, "falsch")
        told = settings(fake, server=replace(server(fake), login=login))
        for rule in ("token_refused", "refused_before"):
            with pytest.raises(CannotFetch) as stopped:
                fetch(told, tmp_path)
            assert stopped.value.rule == rule
        assert fake.requests == fake.accounts.failures == 1


def test_a_refused_token_is_not_asked_for_anew(tmp_path: Path) -> None:
    with FakeEnaio(faults=[Fault("expired", 4, 100)]) as fake:
        login = Bearer(f"{fake.url}/token", fake.accounts.user, fake.accounts.password)
        told = settings(fake, server=replace(server(fake), login=login))
        with pytest.raises(CannotFetch) as stopped:
            fetch(told, tmp_path)
    assert stopped.value.rule == "login_refused"
    assert (len(fake.accounts.tokens), fake.accounts.failures) == (1, 1)
