"""Writes OpenDocument sheets whose cells are given as the XML of their text."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from tests.conformance.formats import SPACES


def ods(
    path: Path,
    lines: Sequence[Sequence[str]],
    areas: Sequence[tuple[int, int, int, int]] = (),
    column: int = 0,
    titles: Sequence[str] = ("T",),
) -> Path:
    """A workbook of one table, once for each title; ``areas`` are merged (first row and column, last ones), from 0."""
    spans = {
        (top, left): f' table:number-rows-spanned="{bottom - top + 1}"'
        f' table:number-columns-spanned="{right - left + 1}"'
        for top, left, bottom, right in areas
    }

    def cell(text: str, span: str) -> str:
        if not text:
            return "<table:table-cell/>"
        return f'<table:table-cell office:value-type="string"{span}><text:p>{text}</text:p></table:table-cell>'

    rows = "".join(
        "<table:table-row>"
        + "<table:table-cell/>" * column
        + "".join(cell(text, spans.get((row, at), "")) for at, text in enumerate(cells))
        + "</table:table-row>"
        for row, cells in enumerate(lines)
    )
    content = (
        f"<office:document-content{SPACES}><office:body><office:spreadsheet>"
        + "".join(f'<table:table table:name="{t}">{rows}</table:table>' for t in titles)
        + "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)
    return path
