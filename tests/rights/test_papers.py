"""The papers on data protection say what the code says, for any district and for one."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from pipelines.papers.paper import as_markdown
from pipelines.papers.written_papers import make_papers, write_papers
from tests.rights.planted import PlantedDistrict
from warehouse.erasure.blanked_rows import COUNTED
from warehouse.schema import ENTITIES, metadata
from warehouse.schema.columns import HISTORY_NAMES

STEMS = (
    "verarbeitungsverzeichnis",
    "felder-je-empfaenger",
    "fristen",
    "folgenabschaetzung-anlage",
    "technische-massnahmen",
)


def test_a_field_that_is_added_changes_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {paper.stem: as_markdown(paper) for paper in make_papers()}
    column = ENTITIES["person"].table.columns["sex"]
    monkeypatch.setitem(column.info, "label", "Andere Bezeichnung")
    after = {paper.stem: as_markdown(paper) for paper in make_papers()}
    assert {stem for stem in before if before[stem] != after[stem]} == set(STEMS[:4])


def test_every_append_only_table_is_named() -> None:
    text = next(as_markdown(p) for p in make_papers() if p.stem == "technische-massnahmen")
    for table in metadata.sorted_tables:
        if table.info.get("append_only"):
            assert f"| {table.info['label']} |" in text


def test_what_is_kept_of_an_erased_person_are_fields_of_the_schema() -> None:
    for name, columns in COUNTED.items():
        own = {c.name for c in ENTITIES[name].table.columns if c.name not in HISTORY_NAMES}
        assert columns <= own
    assert COUNTED.keys() == ENTITIES.keys()


def test_the_papers_of_a_district(small: Callable[[], PlantedDistrict], tmp_path: Path) -> None:
    with small().open() as hub:
        files = write_papers(hub, tmp_path / "papers")
    assert [f.name for f in files] == [f"{s}.{end}" for s in STEMS for end in ("html", "pdf")]
    record, pdf = files[0].read_text("utf-8"), PdfReader(io.BytesIO(files[1].read_bytes()))
    for text in (record, "".join(page.extract_text() for page in pdf.pages)):
        assert "Landkreis Musterkreis" in text and "Jobcenter Musterkreis" in text
    assert '<html lang="de">' in record and '<th scope="col">' in record
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
