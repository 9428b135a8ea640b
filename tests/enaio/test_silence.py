"""Nothing personal and no secret in what the connector says: sentences, logs, exceptions and what hangs on them."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.http_login import Basic
from tests.enaio.trial import PATIENCE, TYPES, fetch, server, settings
from tests.fakes.enaio import FAULTS, FakeEnaio, Fault

PLANTED = (
    "Yılmaz",
    "Ibrāhīm",
    "Nuñez",
    "Personenwert",
    "P-00",
    "svc-planted",
    "süß€geheim",
    "Vorname1",
    "NullPointer",
)


def said(error: BaseException) -> str:
    """All that an exception tells, also through those it came from."""
    texts = ["".join(traceback.format_exception(error)), repr(vars(error))]
    for other in (error.__cause__, error.__context__):
        texts += [said(other)] if other is not None else []
    return "\n".join(texts)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_no_fault_makes_it_talk(
    fault: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kinds = (replace(TYPES[0], only={"Nachname": ("Yılmaz-Ibrāhīm", "Nuñez", "Personenwert")}),)
    error: CannotFetch | None = None
    with FakeEnaio(faults=[Fault(fault, 2, 1000)]) as fake:
        fake.accounts.user = "svc-planted"
        quick = replace(
            server(fake), patience=replace(PATIENCE, page_seconds=0.2 if fault == "drip" else 10)
        )
        try:
            fetch(settings(fake, types=kinds, server=quick), tmp_path)
        except CannotFetch as stopped:
            error = stopped
        assert len(fake.asked) > 2
    texts = [
        record.getMessage() + str(record.exc_text or "")
        for record in caplog.records
        if record.name != "asyncio"
    ]
    texts += [said(error)] if error is not None else []
    assert texts
    assert [word for word in PLANTED if any(word in text for text in texts)] == []


def test_settings_do_not_show_secrets() -> None:
    with FakeEnaio() as fake:
        kinds = (replace(TYPES[0], only={"Nachname": "Personenwert"}),)
        told = settings(
            fake,
            types=kinds,
            server=replace(server(fake), proxies={"https": "http://u:pw-planted@proxy"}),
        )
    assert [
        word for word in ("süß€geheim", "Personenwert", "pw-planted") if word in repr(told)
    ] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://enaio.example",
        "https://u:p@enaio.example",
        "https://enaio.example?x=1",
        "ftp://x",
        "enaio",
    ],
)
def test_addresses_that_would_give_secrets_away(url: str) -> None:
    with FakeEnaio() as fake, pytest.raises(ValueError, match="url"):
        replace(server(fake), url=url, login=Basic("u", "p"))
