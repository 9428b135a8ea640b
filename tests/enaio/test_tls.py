"""A house CA, a client certificate with an encrypted key, and a proxy: accepted where stated, a sentence where not."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.http_login import Tls
from tests.enaio.trial import fetch, server, settings
from tests.fakes.enaio import FakeEnaio

Signed = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def signed(name: str, by: Signed | None = None) -> Signed:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
    )
    return builder.sign(by[1] if by else key, hashes.SHA256()), key


def written(folder: Path, name: str, pair: Signed, password: str = "") -> tuple[Path, Path]:
    encryption = (
        serialization.BestAvailableEncryption(password.encode())
        if password
        else serialization.NoEncryption()
    )
    form = serialization.PrivateFormat.PKCS8
    (folder / f"{name}.pem").write_bytes(pair[0].public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        pair[1].private_bytes(serialization.Encoding.PEM, form, encryption)
    )
    return folder / f"{name}.pem", folder / f"{name}.key"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    ca = signed("Haus-CA")
    written(folder, "ca", ca)
    written(folder, "server", signed("127.0.0.1", ca))
    written(folder, "client", signed("drehscheibe", ca), "schlüssel-kennwort")
    return folder


def secured(house: Path, *, asks_for_client: bool) -> FakeEnaio:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(house / "ca.pem"))
    context.load_cert_chain(house / "server.pem", house / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED if asks_for_client else ssl.CERT_NONE
    return FakeEnaio(tls=context)


def known(house: Path, password: str = "schlüssel-kennwort") -> Tls:
    return Tls(house / "ca.pem", house / "client.pem", house / "client.key", lambda: password)


def test_a_house_ca(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(house / "server.key"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with secured(house, asks_for_client=False) as fake:
        told = settings(fake, server=replace(server(fake), tls=Tls(house / "ca.pem")))
        assert fetch(told, tmp_path / "ca").rows == 22
        for tls in (Tls(), Tls(house / "missing.pem")):
            with pytest.raises(CannotFetch) as stopped:
                fetch(replace(told, server=replace(told.server, tls=tls)), tmp_path / "none")
            assert (stopped.value.rule, stopped.value.again) == ("certificate", False)
        assert fake.accounts.failures == 0


def test_a_client_certificate_with_an_encrypted_key(house: Path, tmp_path: Path) -> None:
    with secured(house, asks_for_client=True) as fake:
        told = settings(fake, server=replace(server(fake), tls=known(house)))
        assert fetch(told, tmp_path / "known").rows == 22
        with pytest.raises(CannotFetch):
            fetch(
                replace(told, server=replace(told.server, tls=Tls(house / "ca.pem"))),
                tmp_path / "unknown",
            )
        with pytest.raises(CannotFetch) as stopped:
            fetch(
                replace(told, server=replace(told.server, tls=known(house, "falsch"))),
                tmp_path / "wrong",
            )
        assert stopped.value.rule == "key_unreadable"
        assert fake.requests == len(fake.asked)


def test_a_client_certificate_does_not_widen_whom_we_trust(house: Path, tmp_path: Path) -> None:
    with secured(house, asks_for_client=True) as fake, pytest.raises(CannotFetch) as stopped:
        fetch(
            settings(fake, server=replace(server(fake), tls=replace(known(house), ca_bundle=None))),
            tmp_path,
        )
    assert stopped.value.rule == "certificate"


def test_a_proxy_that_is_not_there(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        told = settings(
            fake, server=replace(server(fake), proxies={"http": "http://user:geheim@127.0.0.1:9"})
        )
        with pytest.raises(CannotFetch) as stopped:
            fetch(told, tmp_path)
    assert stopped.value.rule == "proxy"
    assert fake.requests == 0
