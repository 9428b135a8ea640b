"""What a person is told of (Art. 15 DSGVO): everything held, and nothing of others."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from pipelines.rights.access import Held, collect_held
from pipelines.rights.access_letter import write_access
from pipelines.rights.plain_answer import as_plain
from pipelines.rights.requested_person import NoSuchPerson
from tests.rights.planted import KINDS, NUMBER, REMARK, PlantedDistrict


@pytest.fixture(scope="module")
def held(loaded: PlantedDistrict, tmp_path_factory: pytest.TempPathFactory) -> Held:
    folder = tmp_path_factory.mktemp("access") / "district"
    shutil.copytree(loaded.folder, folder)
    with PlantedDistrict(folder).open() as hub:
        return collect_held(hub, "csv:P-100001", "AZ 7")


def test_every_record_and_every_delivered_row_is_told(held: Held) -> None:
    assert held.records == [f"{kind}:P-100001" for kind in sorted(KINDS)]
    rows = [(row.source, row.delivered_on) for row in held.landed if "Nachname" in row.cells]
    assert len(set(rows)) == len(rows) == len(KINDS) + 1
    assert {row.cells["Bemerkung"] for row in held.landed if "Nachname" in row.cells} == {REMARK}
    assert [request.reference for request in held.requests] == ["AZ 7"]


def test_nothing_of_others_is_told(held: Held) -> None:
    text = json.dumps(as_plain(held))
    for other in ("Albrecht", "Conradi", "P-200001", "P-200002"):
        assert other not in text
    places = [row for row in held.landed if not row.cells]
    assert {(row.file, row.row) for row in places} == {("Gespraeche.csv", 4), ("Gespraeche.csv", 5)}


def test_the_letter_is_tagged_and_has_the_data(held: Held, tmp_path: Path) -> None:
    pdf, data = write_access(held, tmp_path / "out")
    assert json.loads(data.read_text("utf-8"))["person"] == held.person
    reader = PdfReader(io.BytesIO(pdf.read_bytes()))
    text = "".join(page.extract_text() for page in reader.pages)
    assert NUMBER in text and "Art. 15" in text
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"].startswith("de")  # type: ignore[index]


def test_an_unknown_person_is_a_wrong_call(small: Callable[[], PlantedDistrict]) -> None:
    with small().open() as hub:
        for name in ("csv:P-9", "p-unknown"):
            with pytest.raises(NoSuchPerson):
                collect_held(hub, name)
