"""Makes all papers, and writes those of a district as HTML and PDF."""

from __future__ import annotations

from pathlib import Path

from pipelines.hub import Hub
from pipelines.papers.district_facts import ANY_DISTRICT, DistrictFacts, describe_district
from pipelines.papers.fields_per_recipient import make_fields
from pipelines.papers.impact_annex import make_annex
from pipelines.papers.paper import Paper, as_html, as_pdf
from pipelines.papers.processing_record import make_record
from pipelines.papers.retention_table import make_table
from pipelines.papers.technical_measures import make_measures
from warehouse.files.atomic_file import write_file


def make_papers(district: DistrictFacts = ANY_DISTRICT) -> list[Paper]:
    """All papers for a district, or for any."""
    return [
        make_record(district),
        make_fields(),
        make_table(district),
        make_annex(),
        make_measures(district),
    ]


def write_papers(hub: Hub, out: Path) -> list[Path]:
    """Writes each paper as HTML and PDF into the folder."""
    district = describe_district(hub.config)
    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for paper in make_papers(district):
        files = {
            out / f"{paper.stem}.html": as_html(paper, district.name).encode(),
            out / f"{paper.stem}.pdf": as_pdf(paper, district.name, hub.today),
        }
        for path, content in files.items():
            write_file(path, content)
        written += files
    return written
