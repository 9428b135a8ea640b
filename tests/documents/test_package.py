"""The parcel: whole or not at all, private, with sums that are right."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from connectors.documents.jobcenter.form import render_form
from connectors.documents.jobcenter.parcel import CoveringLetter, PackageFile, write_package
from tests.documents.simulated_documents import form

LETTER = CoveringLetter(
    number="s-2025-08-01",
    district="Landkreis Musterkreis",
    sender="Landratsamt Musterkreis, Integrationsmanagement",
    recipient="Jobcenter Musterkreis",
    sent_on=date(2025, 8, 1),
    purpose="Vermittlung in Arbeit und Ausbildung",
)
FILES = [PackageFile("f-000001.pdf", b"eins"), PackageFile("f-000002.pdf", b"zwei")]


def test_manifest_holds_sum_and_size_of_every_file(tmp_path: Path) -> None:
    manifest = write_package(tmp_path / "sendung", FILES, LETTER)
    read = json.loads((tmp_path / "sendung" / "manifest.json").read_text("utf-8"))
    assert (read["recipient"], read["sent_on"]) == ("Jobcenter Musterkreis", "2025-08-01")
    assert [entry["name"] for entry in read["files"]] == [
        "f-000001.pdf",
        "f-000002.pdf",
        "begleitschreiben.pdf",
    ]
    for entry in manifest.files:
        content = (tmp_path / "sendung" / entry.name).read_bytes()
        assert (entry.size, entry.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    written = {path.name for path in (tmp_path / "sendung").iterdir()}
    assert written == {entry.name for entry in manifest.files} | {"manifest.json"}


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    write_package(tmp_path / "sendung", FILES, LETTER)
    assert (tmp_path / "sendung").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "sendung").iterdir()} == {0o600}


def test_letter_counts_forms_and_names_nobody(tmp_path: Path) -> None:
    files = [
        PackageFile("f-1.pdf", render_form(form("f-1", "Geheimname, Vorname"))),
        FILES[0],
        FILES[1],
    ]
    write_package(tmp_path / "sendung", files, LETTER)
    letter = (tmp_path / "sendung" / "begleitschreiben.pdf").read_bytes()
    text = " ".join(PdfReader(io.BytesIO(letter)).pages[0].extract_text().split())
    assert (
        "3 Formulare in 3 Dateien" in text
        and "01.08.2025" in text
        and "Jobcenter Musterkreis" in text
    )
    assert "Geheimname" not in text
    assert "Geheimname" not in (tmp_path / "sendung" / "manifest.json").read_text("utf-8")


def test_a_failure_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[PackageFile]:
        yield FILES[0]
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write_package(tmp_path / "sendung", broken(), LETTER)
    assert list(tmp_path.iterdir()) == []


def test_same_parcel_again_changes_nothing_another_one_is_refused(tmp_path: Path) -> None:
    first = write_package(tmp_path / "sendung", FILES, LETTER)
    assert write_package(tmp_path / "sendung", FILES, LETTER) == first
    with pytest.raises(FileExistsError):
        write_package(tmp_path / "sendung", FILES[:1], LETTER)
    assert (tmp_path / "sendung" / "f-000002.pdf").read_bytes() == b"zwei"
    assert [path.name for path in tmp_path.iterdir()] == ["sendung"]


WRONG_NAMES = [
    "Mustermann Max.pdf",
    "../f-1.pdf",
    "a/b.pdf",
    "manifest.json",
    "f-1",
    ".pdf",
    "ä.pdf",
]


@pytest.mark.parametrize("name", WRONG_NAMES, ids=range(len(WRONG_NAMES)))
def test_names_that_are_not_opaque_are_refused_without_being_quoted(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(ValueError, match="file 1 of the parcel") as caught:
        write_package(tmp_path / "sendung", [PackageFile(name, b"x")], LETTER)
    assert name not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two files"):
        write_package(tmp_path / "sendung", [FILES[0], FILES[0]], LETTER)


def test_files_may_lie_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"drei")
    write_package(tmp_path / "sendung", [PackageFile("f-3.pdf.age", tmp_path / "x")], LETTER)
    assert (tmp_path / "sendung" / "f-3.pdf.age").read_bytes() == b"drei"
