"""Encrypted parcels: opened by their recipient alone, one file beside a manifest that names nobody."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from connectors.dispatch.ciphers import Age, Cms
from connectors.dispatch.refusal import CannotDispatch
from connectors.documents.jobcenter.parcel import (
    CoveringLetter,
    IndexEntry,
    PackageFile,
    Placed,
    write_package,
)

LETTER = CoveringLetter("5f3a", "Kreis", "Kreis", "Jobcenter", date(2025, 8, 1))
FILES = [
    PackageFile("f-1.pdf", b"Geheimname eins", IndexEntry("f-1", "Geheimname", "")),
    PackageFile("f-2.pdf", b"zwei"),
]
IDENTITY = pyrage.x25519.Identity.generate()
SEAL = Age([str(IDENTITY.to_public())])
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certify(folder: Path, key: Key, days: int = 30) -> Path:
    """A certificate of the key, and the key beside it; both PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jobcenter")])
    now = datetime.now(UTC)
    begin, end = sorted([now + timedelta(days=days), now - timedelta(days=60 - days)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(7)
    made = builder.not_valid_before(begin).not_valid_after(end).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    pkcs8 = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, plain))
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    return folder / "cert.pem"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certify(tmp_path_factory.mktemp("rsa"), rsa.generate_private_key(65537, 2048))


def test_age_opens_for_each_of_its_keys_and_for_no_other() -> None:
    second = pyrage.x25519.Identity.generate()
    sealed = Age([str(IDENTITY.to_public()), str(second.to_public())]).encrypt(b"x")
    assert [pyrage.decrypt(sealed, [key]) for key in (IDENTITY, second)] == [b"x", b"x"]
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [pyrage.x25519.Identity.generate()])


def test_cms_is_opened_by_openssl_with_the_key_of_the_certificate(
    certificate: Path, tmp_path: Path
) -> None:
    (tmp_path / "x.p7m").write_bytes(Cms(certificate).encrypt(b"\x00\r\nzwei\n"))
    command = ["openssl", "cms", "-decrypt", "-inform", "DER", "-in", str(tmp_path / "x.p7m")]
    key = ["-inkey", str(certificate.with_name("key.pem"))]
    opened = subprocess.run([*command, *key], check=True, capture_output=True)
    assert opened.stdout == b"\x00\r\nzwei\n"


@pytest.mark.parametrize("wrong", ["ended", "curve", "no pem", "missing"])
def test_a_certificate_that_does_not_do_is_refused(tmp_path: Path, wrong: str) -> None:
    match wrong:
        case "ended":
            file = certify(tmp_path, rsa.generate_private_key(65537, 2048), days=-1)
        case "curve":
            file = certify(tmp_path, ec.generate_private_key(ec.SECP256R1()))
        case _:
            file = tmp_path / "cert.pem"
            if wrong == "no pem":
                file.write_bytes(b"-----BEGIN CERTIFICATE-----\nx\n")
    with pytest.raises(CannotDispatch) as stopped:
        Cms(file).encrypt(b"x")
    assert stopped.value.rule == ("certificate_ended" if wrong == "ended" else "bad_certificate")


def test_a_key_that_is_none_is_refused_and_not_repeated() -> None:
    with pytest.raises(CannotDispatch) as stopped:
        Age(["age1geheim"]).encrypt(b"x")
    assert stopped.value.rule == "bad_key" and "geheim" not in stopped.value.message


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Placed]:
    folder = tmp_path_factory.mktemp("sealed") / "sendung"
    return folder, write_package(folder, FILES, LETTER, seal=SEAL)


def opened(folder: Path, name: str) -> dict[str, bytes]:
    plain = pyrage.decrypt((folder / name).read_bytes(), [IDENTITY])
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        return {entry: archive.read(entry) for entry in archive.namelist()}


def test_one_encrypted_file_holds_all_and_the_manifest_beside_it_names_nobody(
    placed: tuple[Path, Placed],
) -> None:
    folder, made = placed
    assert made.files == ("sendung-5f3a.zip.age",)
    assert sorted(p.name for p in folder.iterdir()) == ["manifest.json", *made.files]
    inside = opened(folder, made.files[0])
    assert list(inside) == ["f-1.pdf", "f-2.pdf", "begleitschreiben.pdf", "manifest.json"]
    assert inside["f-1.pdf"] == b"Geheimname eins"
    assert [entry["name"] for entry in json.loads(inside["manifest.json"])["files"]] == [
        "f-1.pdf",
        "f-2.pdf",
        "begleitschreiben.pdf",
    ]
    outside = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"Geheimname" not in outside and b"f-1" not in outside


def test_the_same_parcel_again_is_not_encrypted_anew(placed: tuple[Path, Placed]) -> None:
    folder, made = placed
    before = (folder / made.files[0]).read_bytes()
    assert write_package(folder, FILES, LETTER, seal=SEAL) == made
    assert (folder / made.files[0]).read_bytes() == before


def test_another_parcel_or_an_altered_one_is_refused(placed: tuple[Path, Placed]) -> None:
    folder, made = placed
    with pytest.raises(FileExistsError, match="another parcel"):
        write_package(folder, FILES[:1], LETTER, seal=SEAL)
    file = folder / made.files[0]
    content = file.read_bytes()
    file.write_bytes(content[:-1] + b"x")
    with pytest.raises(FileExistsError, match="altered"):
        write_package(folder, FILES, LETTER, seal=SEAL)
    file.write_bytes(content)


@pytest.mark.parametrize("written", ["", "[]", "{}", '{"files": [1]}'])
def test_a_manifest_that_is_none_is_of_another_parcel(tmp_path: Path, written: str) -> None:
    (tmp_path / "manifest.json").write_text(written)
    with pytest.raises(FileExistsError, match="another parcel"):
        write_package(tmp_path, FILES[:1], LETTER, seal=SEAL)
