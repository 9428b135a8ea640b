"""Working files: a killed process's are swept by the next one, a living one's are left alone; the ledger comes before the parcel."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from connectors.documents.atomic_file import SUFFIX, open_draft, write_atomically
from connectors.documents.jobcenter.parcel import (
    CoveringLetter,
    Manifest,
    PackageFile,
    write_package,
)
from tests.crash.both_engines import ROOT

LETTER = CoveringLetter(
    "s-1", "Landkreis", "Landratsamt", "Jobcenter", date(2025, 8, 1), "Vermittlung"
)
KILLED = """
import os, signal, sys
from pathlib import Path
from connectors.documents.atomic_file import open_draft
with open_draft(Path(sys.argv[1]) / "report.html", folder=sys.argv[2] == "folder") as part:
    (part / "form.pdf" if part.is_dir() else part).write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def parts(folder: Path) -> list[Path]:
    return list(folder.glob(f".*{SUFFIX}"))


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_process_left_is_swept_by_the_next_one(tmp_path: Path, kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), kind], cwd=ROOT, check=False
    )
    assert done.returncode == -9 and len(parts(tmp_path)) == 1
    write_atomically(tmp_path / "another.html", b"whole")
    assert [p.name for p in tmp_path.iterdir()] == ["another.html"]


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is swept there")
@pytest.mark.parametrize("folder", [False, True])
def test_what_is_being_written_is_left_alone(tmp_path: Path, folder: bool) -> None:
    with open_draft(tmp_path / "slow", folder=folder) as part:
        write_atomically(tmp_path / "quick", b"whole")
        assert parts(tmp_path) == [part]
    assert parts(tmp_path) == []


def test_a_parcel_is_written_down_before_it_lies_in_its_place(tmp_path: Path) -> None:
    files, seen = [PackageFile("f-1.pdf", b"eins")], []

    def record(manifest: Manifest) -> None:
        seen.append(((tmp_path / "parcel").exists(), manifest))

    made = write_package(tmp_path / "parcel", files, LETTER, record)
    assert seen == [(False, made.content)]
    write_package(tmp_path / "parcel", files, LETTER, record)
    assert seen == [(False, made.content), (True, made.content)]


def test_a_parcel_that_cannot_be_written_down_does_not_lie_there(tmp_path: Path) -> None:
    def record(manifest: Manifest) -> None:
        raise RuntimeError("the warehouse is gone")

    with pytest.raises(RuntimeError):
        write_package(tmp_path / "parcel", [PackageFile("f-1.pdf", b"eins")], LETTER, record)
    assert list(tmp_path.iterdir()) == []


def test_another_parcel_in_its_place_is_never_written_down(tmp_path: Path) -> None:
    write_package(tmp_path / "parcel", [PackageFile("f-1.pdf", b"eins")], LETTER)
    seen: list[Manifest] = []
    with pytest.raises(FileExistsError):
        write_package(tmp_path / "parcel", [PackageFile("f-2.pdf", b"zwei")], LETTER, seen.append)
    assert seen == []
