"""A sealed file to a FIT-Connect service on loopback: what it takes, what it must not send, and what of its event log counts."""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import trustme

from connectors.dispatch.fit_connect.access import LIMITS, Account, Destination
from connectors.dispatch.fit_connect.delivery_service import DeliveryService
from connectors.dispatch.fit_connect.event_log import (
    DeliveryEvent,
    LoggedEvent,
    SentContent,
    join_titles,
    read_events,
)
from connectors.dispatch.fit_connect.http import DeliveryHttp
from connectors.dispatch.fit_connect.jose import (
    UnreadableToken,
    UnusableKey,
    encrypt_compact,
    find_thumbprint,
    is_signed_by,
    read_tag,
    split_token,
)
from connectors.dispatch.fit_connect.metadata import SealedFile, describe_submission
from connectors.dispatch.fit_connect.seal import DestinationSeal
from connectors.dispatch.refusal import CannotDispatch
from tests.fakes.fit_connect import (
    CLIENT,
    SCHEMA,
    SECRET,
    SERVICE,
    Service,
    decode,
    decrypt,
    fit_connect,
    public_jwk,
    sign,
)

# The example of RFC 7638, 3.1.
RFC_MODULUS = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWK"
    "RXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMic"
    "AtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3"
    "XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)
ENCRYPTION = public_jwk("encryption", "enc-1", "RSA-OAEP-256")
SIGNING = public_jwk("signing", "sig-1", "PS512")
DATA = b'{"number": "4f1c"}'


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with fit_connect() as service:
        yield service


@pytest.fixture
def fake(running: Service) -> Service:
    running.reset()
    return running


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def account(fake: Service) -> Account:
    token_url = fake.url.removesuffix("/submission-api") + "/token"
    limits = replace(LIMITS, connect_seconds=2, read_seconds=5)
    return Account(fake.url, token_url, CLIENT, SECRET, limits=limits)


def agree(fake: Service, **other: str) -> Destination:
    keys = (find_thumbprint(ENCRYPTION), find_thumbprint(SIGNING))
    agreed = Destination(fake.destination, *keys, SERVICE, "Sendung", SCHEMA)
    return replace(agreed, **other)


def reach(account: Account, agreed: Destination, waited: list[float]) -> DeliveryService:
    return DeliveryService(DeliveryHttp(account, sleep=waited.append), agreed)


@pytest.fixture
def service(account: Account, fake: Service, waited: list[float]) -> Iterator[DeliveryService]:
    with closing(reach(account, agree(fake), waited)) as opened:
        yield opened


def submit(service: DeliveryService, content: bytes = b"PK") -> SentContent:
    """Seals and submits content by the steps of a parcel."""
    seal = DestinationSeal(service.fetch_encryption_key())
    attachment_id, sealed = str(uuid4()), seal.encrypt(content)
    file = SealedFile(attachment_id, "sendung-4f1c.zip", seal.sha512)
    told = describe_submission(service.destination, DATA, file)
    metadata, data = (encrypt_compact(seal.jwk, part, "application/json") for part in (told, DATA))
    announced = service.announce(attachment_id)
    service.upload(announced.submission_id, attachment_id, sealed)
    service.hand_in(announced.submission_id, metadata, data)
    tags = {"metadata": read_tag(metadata), "data": read_tag(data)}
    attached = {attachment_id: read_tag(sealed.decode())}
    ids = (announced.submission_id, announced.case_id)
    return SentContent(*ids, {**tags, "attachments": attached})


def refusal(work: Any, *given: Any) -> str:
    with pytest.raises(CannotDispatch) as stopped:
        work(*given)
    assert SECRET not in stopped.value.message
    return stopped.value.rule


def list_names(events: list[LoggedEvent]) -> list[str]:
    return [str(one.event) for one in events]


def test_the_recipient_reads_what_was_sent_and_the_sums_agree(
    fake: Service, service: DeliveryService
) -> None:
    sent = submit(service, b"PK-archive")
    (one,) = fake.submitted
    (attachment_id,) = one.attachments
    assert decrypt(one.attachments[attachment_id]) == b"PK-archive"
    assert decrypt(one.parts["encryptedData"]) == DATA
    told = json.loads(decrypt(one.parts["encryptedMetadata"]))
    content = told["contentStructure"]
    assert content["data"]["submissionSchema"]["schemaUri"] == SCHEMA
    sums = [content["data"]["hash"], content["attachments"][0]["hash"]]
    wanted = [hashlib.sha512(part).hexdigest() for part in (DATA, b"PK-archive")]
    assert sums == [{"type": "sha512", "content": digits} for digits in wanted]
    assert content["attachments"][0]["attachmentId"] == attachment_id
    assert list_names(read_events(service, sent)) == ["submit-submission"]
    assert fake.requests.count("submit") == 1


# What the service does, and the rule by which nothing is sent.
BEFORE = {
    "changed key": ({"changed_key": 9}, {}, "key_changed"),
    "unknown destination": ({}, {"destination_id": str(uuid4())}, "not_found"),
    "other service": ({}, {"service": "urn:de:fim:leika:leistung:1"}, "refused"),
}


@pytest.mark.parametrize("case", BEFORE)
def test_what_was_not_agreed_is_not_sent(
    fake: Service, account: Account, waited: list[float], case: str
) -> None:
    faults, other, rule = BEFORE[case]
    fake.faults.update(faults)
    with closing(reach(account, agree(fake, **other), waited)) as service:
        assert refusal(submit, service) == rule
    assert "attach" not in fake.requests and fake.submitted == []


def test_an_inactive_destination_gets_nothing(fake: Service, service: DeliveryService) -> None:
    fake.active = False
    assert refusal(submit, service) == "destination_inactive"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"client_secret": None}, "no_secret"),
        ({"client_secret": "falsch"}, "login_refused"),
        ({"url": "http://127.0.0.1:1"}, "unreachable"),
    ],
    ids=["no secret", "wrong secret", "port"],
)
def test_what_is_wrong_with_the_access_is_said(
    fake: Service, account: Account, waited: list[float], change: dict[str, Any], rule: str
) -> None:
    with closing(reach(replace(account, **change), agree(fake), waited)) as service:
        assert refusal(submit, service) == rule


def test_only_a_trusted_certificate_gets_the_secret(tmp_path: Path, account: Account) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with fit_connect(context) as fake:
        token_url = fake.url.removesuffix("/submission-api") + "/token"
        known = replace(account, url=fake.url, token_url=token_url)
        with closing(reach(known, agree(fake), [])) as service:
            assert refusal(service.fetch_encryption_key) == "certificate"
        assert fake.requests == []
        trusting = replace(known, ca_bundle=tmp_path / "ca.pem")
        with closing(reach(trusting, agree(fake), [])) as service:
            assert service.fetch_encryption_key() == ENCRYPTION


# The fault, and the waits until it is over.
PASSING = {
    "expired_token": [],
    "busy": [0.0],
    "broken_attach": [1.0],
    "broken_announce": [1.0],
    "broken_destination": [1.0],
}


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_waited_for_and_submitted_once(
    fake: Service, service: DeliveryService, waited: list[float], fault: str
) -> None:
    fake.faults[fault] = 1
    sent = submit(service)
    assert waited == PASSING[fault]
    assert [one.submission_id for one in fake.submitted] == [sent.submission_id]


def test_what_does_not_pass_ends_after_some_tries(
    fake: Service, service: DeliveryService, waited: list[float]
) -> None:
    fake.faults["busy"] = 99
    assert refusal(service.fetch_encryption_key) == "busy"
    fake.faults = {"expired_token": 99}
    assert refusal(service.fetch_encryption_key) == "login_refused"
    assert len(waited) == LIMITS.tries - 1


def test_the_last_step_is_never_sent_twice(fake: Service, service: DeliveryService) -> None:
    fake.faults["taken_then_broken"] = 1
    assert refusal(submit, service) == "server_error"
    assert fake.requests.count("submit") == 1 and len(fake.submitted) == 1


def test_a_problem_is_named_to_it_and_its_words_are_not_repeated(service: DeliveryService) -> None:
    with pytest.raises(CannotDispatch) as stopped:
        service.hand_in(str(uuid4()), "a", "b")
    told = "[FIT-Connect: submit: HTTP 404, problem unknown-submission]"
    assert stopped.value.message.endswith(told)


def test_an_answer_without_end_is_cut(fake: Service, account: Account, waited: list[float]) -> None:
    small = replace(account, limits=replace(LIMITS, body_bytes=100, tries=1))
    with closing(reach(small, agree(fake), waited)) as service:
        assert refusal(service.find_service_key, "service-1") == "answer_broken"


def test_an_acceptance_and_a_rejection_are_read(fake: Service, service: DeliveryService) -> None:
    sent = submit(service)
    fake.accept(fake.submitted[0])
    fake.reject(fake.submitted[0], "Nicht\nzuständig", detail="Frau Muster")
    events = read_events(service, sent)
    assert list_names(events)[1:] == ["accept-submission", "reject-submission"]
    assert events[2].reason == "Nicht zuständig"
    assert all(split_token(one.token).claims["txn"].startswith("case:") for one in events)


def forge_acceptance(fake: Service, sent: SentContent) -> None:
    """The service says in the destination's stead that it accepted."""
    fake.write(fake.submitted[0], "accept-submission", {"authenticationTags": dict(sent.tags)})


def forge_other_case(fake: Service, sent: SentContent) -> None:
    """A genuine acceptance of another case."""
    one = replace(fake.submitted[0], case_id=str(uuid4()))
    fake.accept(one)


def forge_signature(fake: Service, sent: SentContent) -> None:
    """An acceptance by a stranger."""
    fake.faults["wrong_signature"] = 1
    fake.accept(fake.submitted[0])


def change_key(fake: Service, sent: SentContent) -> None:
    """An acceptance by another key than the one agreed upon, although the service publishes it."""
    fake.faults["changed_signing_key"] = 9
    forge_signature(fake, sent)


def forge_type(fake: Service, sent: SentContent) -> None:
    """A token of the destination that is no security event."""
    one = fake.submitted[0]
    fake.write(one, "accept-submission", {}, by=fake.destination, typ="JWT")


def leave_unsigned(fake: Service, sent: SentContent) -> None:
    """An acceptance that says it needs no signature."""
    one = fake.submitted[0]
    fake.write(one, "accept-submission", {}, by=fake.destination, alg="none")


def accept_other_content(fake: Service, sent: SentContent) -> None:
    """An acceptance of another content."""
    payload = {"authenticationTags": {**sent.tags, "data": "A" * 22}}
    fake.write(fake.submitted[0], "accept-submission", payload, by=fake.destination)


def write_nonsense(fake: Service, sent: SentContent) -> None:
    """A line that is no token."""
    fake.submitted[0].log.append("a.b.c")


FORGED = {
    forge_acceptance: "bad_signature",
    forge_other_case: "bad_signature",
    forge_signature: "bad_signature",
    change_key: "key_changed",
    forge_type: "bad_signature",
    leave_unsigned: "bad_signature",
    accept_other_content: "other_content",
    write_nonsense: "bad_signature",
}


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__)
def test_what_is_not_true_does_not_count(
    fake: Service, service: DeliveryService, forge: Any
) -> None:
    sent = submit(service)
    forge(fake, sent)
    assert refusal(read_events, service, sent) == FORGED[forge]


@pytest.mark.parametrize(
    ("fault", "rule"), [("wrong_signature", "bad_signature"), ("other_tags", "other_content")]
)
def test_the_service_must_sign_what_was_sent(
    fake: Service, service: DeliveryService, fault: str, rule: str
) -> None:
    fake.faults[fault] = 2  # create-submission is signed, too
    sent = submit(service)
    assert refusal(read_events, service, sent) == rule


def test_the_service_rejects_by_itself_what_nobody_fetches(
    fake: Service, service: DeliveryService
) -> None:
    sent = submit(service)
    fake.write(fake.submitted[0], "reject-submission", {"problems": [{"title": "Frist"}]})
    assert read_events(service, sent)[-1].event is DeliveryEvent.REJECTED


def test_another_submission_of_the_case_is_passed_over(
    fake: Service, service: DeliveryService
) -> None:
    sent = submit(service)
    fake.accept(replace(fake.submitted[0], submission_id=str(uuid4())))
    assert list_names(read_events(service, sent)) == ["submit-submission"]


def test_a_service_that_gives_no_ids_is_refused(
    service: DeliveryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DeliveryHttp, "read_json", lambda *_, **__: {"submissionId": "../x"})
    assert refusal(service.announce, str(uuid4())) == "answer_broken"
    assert refusal(service.read_tokens, str(uuid4())) == "answer_broken"
    assert refusal(service.fetch_signing_key, "../../x") == "key_unusable"


def test_the_thumbprint_is_that_of_the_standard() -> None:
    jwk = {"kty": "RSA", "n": RFC_MODULUS, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert find_thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


UNUSABLE: dict[str, dict[str, Any]] = {
    "short": {"n": RFC_MODULUS},
    "another algorithm": {"alg": "RSA-OAEP"},
    "another operation": {"key_ops": ["verify"]},
    "no modulus": {"n": "="},
    "even": {"e": "Ag"},
}


@pytest.mark.parametrize("change", UNUSABLE)
def test_a_key_for_something_else_encrypts_nothing(change: str) -> None:
    with pytest.raises(UnusableKey):
        encrypt_compact({**ENCRYPTION, **UNUSABLE[change]}, b"x", "application/json")


def test_every_encryption_has_a_key_and_a_nonce_of_its_own() -> None:
    sealed = [encrypt_compact(ENCRYPTION, b"x", "application/json").split(".") for _ in range(3)]
    assert len({part for one in sealed for part in one[1:]}) == 12
    header = json.loads(decode(sealed[0][0]))
    assert header == {
        "alg": "RSA-OAEP-256",
        "enc": "A256GCM",
        "kid": "enc-1",
        "cty": "application/json",
    }


def test_a_signature_is_of_every_byte() -> None:
    text = sign("signing", "sig-1", {"sub": "submission:1"})
    assert is_signed_by(split_token(text), SIGNING)
    other = sign("stranger", "sig-1", {"sub": "submission:2"})
    swapped = ".".join((*other.split(".")[:2], text.rpartition(".")[2]))
    for changed in (text[:-8] + "AAAAAAAA", other, swapped):
        assert not is_signed_by(split_token(changed), SIGNING)
    for unreadable in ("", "a.b", "a.b.c.d", "W10.W10.AA", f"{text}="):
        with pytest.raises(UnreadableToken):
            split_token(unreadable)


@pytest.mark.parametrize(
    ("problems", "line"),
    [
        (None, ""),
        ("x", ""),
        ([{"title": "a"}, 3, {}, {"title": " b\x1b[2J\n c "}], "a; b[2J c"),
        ([{"title": "x" * 999}], "x" * 300),
    ],
    ids=["none", "text", "several", "long"],
)
def test_a_reason_is_one_short_line(problems: object, line: str) -> None:
    assert join_titles(problems) == line
