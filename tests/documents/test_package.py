"""The parcel: whole or not at all, private, with sums that are right."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from connectors.documents.jobcenter.parcel import (
    CoveringLetter,
    IndexEntry,
    PackageFile,
    write_package,
)
from connectors.documents.package.bag import list_damages, make_bag, write_folder

LETTER = CoveringLetter(
    number="s-2025-08-01",
    district="Landkreis Musterkreis",
    sender="Landratsamt Musterkreis, Integrationsmanagement",
    recipient="Jobcenter Musterkreis",
    sent_on=date(2025, 8, 1),
    sender_address="Schlossplatz 1, 79999 Musterstadt",
    recipient_address="Bahnhofstraße 2, 79999 Musterstadt",
    phone="07999 123-0",
    email="im@musterkreis.example",
)
FILES = [PackageFile("f-000001.pdf", b"eins"), PackageFile("f-000002.pdf", b"zwei")]


def test_manifest_holds_sum_and_size_of_every_file(tmp_path: Path) -> None:
    placed = write_package(tmp_path / "sendung", FILES, LETTER)
    manifest = placed.content
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


def letter_of(folder: Path) -> str:
    """The text of the covering letter."""
    pages = PdfReader(io.BytesIO((folder / "begleitschreiben.pdf").read_bytes())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_letter_says_who_writes_to_whom_what_for_and_whom_to_ask(tmp_path: Path) -> None:
    purposes = ["Arbeitsvermittlung", "Sprachkurs"]
    files = [
        PackageFile(file.name, file.content, purposes=[purpose])
        for file, purpose in zip(FILES, purposes, strict=True)
    ]
    write_package(tmp_path / "sendung", files, replace(LETTER, checkpoint="117 · 3f9a"))
    text = letter_of(tmp_path / "sendung")
    for expected in (
        "Integrationsmanagement · Schlossplatz 1 · 79999 Musterstadt Jobcenter Musterkreis",
        "Bahnhofstraße 2 79999 Musterstadt",
        "Telefon 07999 123-0 im@musterkreis.example 01.08.2025",
        "2 Formulare, je Person eines",
        "Arbeitsvermittlung; Sprachkurs",
        "Prüfstand 117 · 3f9a",
    ):
        assert expected in text, expected
    assert "Verzeichnis" not in text


def test_the_index_finds_the_forms_by_name_and_stands_in_the_letter_alone(tmp_path: Path) -> None:
    entries = [IndexEntry("f-000001", "Zaher, Amal", ""), IndexEntry("f-000002", "Ali, Ö", "1.1.")]
    files = [
        PackageFile(file.name, file.content, entry)
        for file, entry in zip(FILES, entries, strict=True)
    ]
    write_package(tmp_path / "sendung", files, LETTER)
    text = letter_of(tmp_path / "sendung")
    assert "Ali, Ö 1.1. f-000002 Zaher, Amal nicht erfasst f-000001" in text
    assert "Zaher" not in (tmp_path / "sendung" / "manifest.json").read_text("utf-8")


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


BAG = make_bag({"zahlen.csv": b"1", "tief/er.json": b"{}"}, date(2025, 8, 1), "Probe")
STRANGERS = ["extra.txt", ".versteckt", "unter/ordner.txt", "data/extra.txt", "manifest-md5.txt"]


@pytest.mark.parametrize("name", STRANGERS)
def test_a_file_that_was_added_is_told(name: str, tmp_path: Path) -> None:
    write_folder(tmp_path / "bag", BAG)
    assert list_damages(tmp_path / "bag") == []
    added = tmp_path / "bag" / name
    added.parent.mkdir(exist_ok=True)
    added.touch()
    assert any(added.name in damage for damage in list_damages(tmp_path / "bag"))


def test_a_link_that_was_added_is_told(tmp_path: Path) -> None:
    write_folder(tmp_path / "bag", BAG)
    (tmp_path / "bag" / "verweis").symlink_to(tmp_path)
    assert list_damages(tmp_path / "bag") == ["verweis is not part of the package"]
