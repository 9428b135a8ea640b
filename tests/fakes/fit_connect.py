"""A delivery service of FIT-Connect on loopback: Submission API v2 as published, with the faults a sender meets."""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

CLIENT, SECRET = "drehscheibe", "Geheim€-Client-7"
SERVICE = "urn:de:fim:leika:leistung:99999999999999"
SCHEMA = "https://schema.example.org/sendung/1.0.0.json"
PROBLEMS = "https://schema.fitko.de/fit-connect/submission-api/problems/"
EVENTS = "https://schema.fitko.de/fit-connect/events/"


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """One of the keys: service, encryption, signing, stranger."""
    return rsa.generate_private_key(65537, 3072)


def public_jwk(name: str, kid: str, alg: str) -> dict[str, Any]:
    """The public part of a key as the service publishes it."""
    numbers = private_key(name).public_key().public_numbers()
    operation = "verify" if alg == "PS512" else "wrapKey"
    return {
        "kty": "RSA",
        "alg": alg,
        "kid": kid,
        "key_ops": [operation],
        "n": encode(numbers.n.to_bytes(384)),
        "e": encode(numbers.e.to_bytes(3)),
    }


def encode(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(name: str, kid: str, claims: dict[str, Any], **header: Any) -> str:
    """A security event token (RFC 8417), signed with PS512."""
    told = {"typ": "secevent+jwt", "alg": "PS512", "kid": kid} | header
    text = ".".join(encode(json.dumps(part).encode()) for part in (told, claims))
    pss = padding.PSS(padding.MGF1(SHA512()), 64)
    return f"{text}.{encode(private_key(name).sign(text.encode(), pss, SHA512()))}"


def decrypt(jwe: str) -> bytes:
    """What the holder of the destination's key reads."""
    header, key, nonce, sealed, tag = jwe.split(".")
    assert json.loads(decode(header))["alg"] == "RSA-OAEP-256"
    oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
    content_key = private_key("encryption").decrypt(decode(key), oaep)
    return AESGCM(content_key).decrypt(decode(nonce), decode(sealed) + decode(tag), header.encode())


@dataclass
class Submission:
    """A submission as the service keeps it; ``parts`` is filled when it was submitted."""

    submission_id: str
    case_id: str
    announced: list[str]
    attachments: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    @property
    def tags(self) -> dict[str, Any]:
        """The authentication tags of its parts."""
        attached = {name: jwe.rpartition(".")[2] for name, jwe in self.attachments.items()}
        names = {"metadata": "encryptedMetadata", "data": "encryptedData"}
        told = {name: self.parts[part].rpartition(".")[2] for name, part in names.items()}
        return {**told, "attachments": attached}


@dataclass
class Service:
    """The service with one destination; ``faults`` names what goes wrong how many times more."""

    url: str = ""
    destination: str = field(default_factory=lambda: str(uuid4()))
    active: bool = True
    faults: dict[str, int] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    submissions: dict[str, Submission] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    @property
    def submitted(self) -> list[Submission]:
        """Those that the recipient can fetch."""
        return [one for one in self.submissions.values() if one.parts]

    def reset(self) -> None:
        """Forgets all submissions and faults."""
        self.active = True
        for known in (self.faults, self.submissions, self.requests, self.tokens):
            known.clear()

    def takes(self, fault: str) -> bool:
        """Whether the fault happens now."""
        left = self.faults.get(fault, 0)
        self.faults[fault] = max(left - 1, 0)
        return left > 0

    def keys(self) -> dict[str, dict[str, Any]]:
        """The keys of the destination by id."""
        name = "stranger" if self.faults.get("changed_key") else "encryption"
        other = "stranger" if self.faults.get("changed_signing_key") else "signing"
        return {
            "enc-1": public_jwk(name, "enc-1", "RSA-OAEP-256"),
            "sig-1": public_jwk(other, "sig-1", "PS512"),
        }

    def write(
        self, one: Submission, event: str, payload: dict[str, Any], by: str = "", **header: Any
    ) -> None:
        """Adds an event to the log, of the service or ``by`` the destination."""
        claims = {
            "$schema": "https://schema.fitko.de/fit-connect/set-payload/1.2.2/set-payload.schema.json",
            "iss": by or self.url,
            "iat": int(time.time()),
            "jti": str(uuid4()),
            "sub": f"submission:{one.submission_id}",
            "txn": f"case:{one.case_id}",
            "events": {EVENTS + event: payload},
        }
        kid = "sig-1" if by else "service-1"
        name = "signing" if by else "service"
        name = "stranger" if self.takes("wrong_signature") else name
        one.log.append(sign(name, kid, claims, **header))

    def accept(self, one: Submission) -> None:
        """The destination accepts a submission."""
        payload = {"authenticationTags": one.tags}
        self.write(one, "accept-submission", payload, by=self.destination)

    def reject(self, one: Submission, title: str, detail: str = "") -> None:
        """The destination rejects a submission."""
        problem = {"type": f"{EVENTS}problems/x", "title": title, "detail": detail}
        payload = {"authenticationTags": one.tags, "problems": [problem]}
        self.write(one, "reject-submission", payload, by=self.destination)


@contextmanager
def fit_connect(tls: ssl.SSLContext | None = None) -> Iterator[Service]:
    """Runs a service, over HTTPS with ``tls``."""
    service = Service()
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    service.url = f"{scheme}://127.0.0.1:{server.server_port}/submission-api"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


class _Refused(Exception):
    def __init__(self, status: int, problem: str, **headers: str) -> None:
        super().__init__(problem)
        self.status, self.problem, self.headers = status, problem, headers


ROUTES = (
    ("POST", r"/token", "_token"),
    ("GET", r"/submission-api/\.well-known/jwks\.json", "_key_set"),
    ("GET", r"/submission-api/v2/destinations/([^/]+)", "_destination"),
    ("GET", r"/submission-api/v2/destinations/([^/]+)/keys/([^/]+)", "_key"),
    ("POST", r"/submission-api/v2/submissions", "_announce"),
    ("PUT", r"/submission-api/v2/submissions/([^/]+)/attachments/([^/]+)", "_attach"),
    ("PUT", r"/submission-api/v2/submissions/([^/]+)", "_submit"),
    ("GET", r"/submission-api/v2/cases/([^/]+)/events", "_events"),
)


class _Handler(BaseHTTPRequestHandler):
    service: Service
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self._answer()

    do_PUT = do_POST = do_GET

    def _answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        try:
            for method, pattern, name in ROUTES:
                found = re.fullmatch(pattern, path)
                if found and method == self.command:
                    self.service.requests.append(name[1:])
                    self._check_login(name)
                    status, value = getattr(self, name)(*found.groups())
                    return self._write(status, value, {})
            raise _Refused(404, "not-found")
        except _Refused as refused:
            told = {"type": PROBLEMS + refused.problem, "title": refused.problem, "detail": SECRET}
            self._write(refused.status, told, refused.headers)

    def _write(self, status: int, value: Any, headers: dict[str, str]) -> None:
        content = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        kind = "application/problem+json" if status >= 400 else "application/json"
        headers = {"Content-Type": kind, "Content-Length": str(len(content))} | headers
        for key, text in headers.items():
            self.send_header(key, text)
        self.end_headers()
        self.wfile.write(content)

    def _check_login(self, name: str) -> None:
        if name in ("_token", "_key_set"):
            return
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.service.takes("expired_token"):
            self.service.tokens.discard(token)
        if token not in self.service.tokens:
            raise _Refused(401, "unauthorized")
        if self.service.takes("busy"):
            raise _Refused(429, "too-many-requests", **{"Retry-After": "0"})
        if self.service.takes("denied"):
            raise _Refused(403, "forbidden")
        if self.service.takes(f"broken{name}"):
            raise _Refused(500, "internal-error")

    def _token(self) -> tuple[int, Any]:
        form = parse_qs(self.body.decode())
        if form.get("client_id") != [CLIENT] or form.get("client_secret") != [SECRET]:
            raise _Refused(401, "invalid_client")
        token = str(uuid4())
        self.service.tokens.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 1800}

    def _key_set(self) -> tuple[int, Any]:
        return 200, {"keys": [public_jwk("service", "service-1", "PS512")]}

    def _destination(self, destination: str) -> tuple[int, Any]:
        self._check_destination(destination)
        status = "active" if self.service.active else "inactive"
        return 200, {"destinationId": destination, "status": status, "encryptionKid": "enc-1"}

    def _check_destination(self, destination: str) -> None:
        if destination != self.service.destination:
            raise _Refused(404, "unknown-destination")

    def _key(self, destination: str, kid: str) -> tuple[int, Any]:
        self._check_destination(destination)
        known = self.service.keys()
        if kid not in known:
            raise _Refused(404, "unknown-key")
        return 200, known[kid]

    def _announce(self) -> tuple[int, Any]:
        wanted = json.loads(self.body)
        self._check_destination(wanted["destinationId"])
        announced = [str(UUID(one)) for one in wanted["announcedAttachments"]]
        if wanted["publicService"]["identifier"] != SERVICE:
            raise _Refused(422, "unsupported-service")
        one = Submission(str(uuid4()), str(uuid4()), announced)
        self.service.submissions[one.submission_id] = one
        self.service.write(one, "create-submission", {})
        return 201, {"submissionId": one.submission_id, "caseId": one.case_id}

    def _open_submission(self, submission: str) -> Submission:
        one = self.service.submissions.get(submission)
        if one is None:
            raise _Refused(404, "unknown-submission")
        if one.parts:
            raise _Refused(422, "already-submitted")
        return one

    def _attach(self, submission: str, attachment: str) -> tuple[int, Any]:
        one = self._open_submission(submission)
        if attachment not in one.announced:
            raise _Refused(422, "attachment-not-announced")
        one.attachments[attachment] = self._check_jwe(self.body.decode(), "application/zip")
        if self.headers["Content-Type"] != "application/jose":
            raise _Refused(415, "wrong-media-type")
        return 204, None

    def _check_jwe(self, jwe: str, kind: str) -> str:
        header = json.loads(decode(jwe.split(".")[0]))
        if len(jwe.split(".")) != 5 or header.get("cty") != kind or header.get("kid") != "enc-1":
            raise _Refused(422, "no-jwe")
        return jwe

    def _submit(self, submission: str) -> tuple[int, Any]:
        one = self._open_submission(submission)
        if set(one.attachments) != set(one.announced):
            raise _Refused(422, "attachments-missing")
        wanted = json.loads(self.body)
        names = ("encryptedMetadata", "encryptedData")
        one.parts = {name: self._check_jwe(wanted[name], "application/json") for name in names}
        tags = one.tags
        if self.service.takes("other_tags"):
            tags["data"] = "A" * 22
        self.service.write(one, "submit-submission", {"authenticationTags": tags})
        if self.service.takes("taken_then_broken"):
            raise _Refused(500, "internal-error")
        return 200, {"submissionId": submission, "caseId": one.case_id}

    def _events(self, case: str) -> tuple[int, Any]:
        found = [one for one in self.service.submissions.values() if one.case_id == case]
        if not found:
            raise _Refused(404, "unknown-case")
        log = found[0].log[:1] if self.service.takes("late_log") else found[0].log
        return 200, {"offset": 0, "count": len(log), "totalCount": len(log), "eventLog": log}
