"""The encoding that an XML file or a web page declares is followed where our own rule cannot know better."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.text_table import CannotRead, TextTable
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import Written, write_table
from tests.connectors.reading import rows_of

HUNGARIAN, TURKISH, GERMAN = "Erdős Fűtő", "Şahin Yıldız", "Jäger Groß"


def in_xml(content: str, name: str) -> str:
    body = content[content.index("?>") + 2 :] if content.startswith("<?xml") else content
    return f'<?xml version="1.0" encoding="{name}"?>{body}'


def in_page(content: str, name: str) -> str:
    words = f'<meta http-equiv="Content-Type" content="text/html; charset={name}">'
    return content.replace("<html>", f"<html><head>{words}</head>")


DECLARE: dict[str, Callable[[str, str], str]] = {
    "xml_2003": in_xml,
    "xml": in_xml,
    "html": in_page,
}


def declared(reader: str, folder: Path, text: str, name: str, encoding: str) -> Written:
    """A table with one text, in a file that names an encoding and is written in one."""
    written = write_table(reader, folder, ("A", "B"), ("1", text))
    content = written.path.read_text(encoding="utf-8")
    written.path.write_bytes(DECLARE[reader](content, name).encode(encoding))
    return written


@holds(8, "xml_2003", "html", "xml")
@pytest.mark.parametrize(
    ("text", "name", "encoding"),
    [
        pytest.param(HUNGARIAN, "windows-1250", "cp1250", id="cp1250"),
        pytest.param(HUNGARIAN, "ISO-8859-2", "iso8859-2", id="latin-2"),
        pytest.param(TURKISH, "windows-1254", "cp1254", id="cp1254"),
        pytest.param(GERMAN, "windows-1252", "cp1252", id="cp1252"),
        pytest.param(HUNGARIAN, "UTF-8", "utf-8", id="utf-8"),
        pytest.param(HUNGARIAN, "iso-8859-1", "utf-8", id="utf-8-under-latin-1"),
        pytest.param(HUNGARIAN, "windows-1252", "utf-8", id="utf-8-under-cp1252"),
        pytest.param(GERMAN, "utf-8", "cp1252", id="cp1252-under-utf-8"),
        pytest.param(HUNGARIAN, "windows-1250", "utf-8-sig", id="a-mark-goes-before"),
        pytest.param(HUNGARIAN, "windows-1250", "utf-16", id="utf-16"),
        pytest.param(GERMAN, "keine", "cp1252", id="none-of-this-name"),
        pytest.param(GERMAN, "base64", "cp1252", id="no-text"),
    ],
)
def test_the_encoding_a_file_declares(
    reader: str, text: str, name: str, encoding: str, tmp_path: Path
) -> None:
    written = declared(reader, tmp_path, text, name, encoding)
    assert [row[:2] for row in written.rows()] == [["1", text]]
    seen = [rows_of(t)[0] for t in profile_file(written.path) if isinstance(t, TextTable)]
    assert text in seen[0][-1][1].values()


@holds(8, "xml_2003", "html", "xml")
@pytest.mark.parametrize(
    ("name", "encoding"), [("windows-1250", "utf-8"), ("macintosh", "cp1252"), ("cp850", "cp1252")]
)
def test_an_encoding_that_contradicts_the_text_is_refused(
    reader: str, name: str, encoding: str, tmp_path: Path
) -> None:
    with pytest.raises(CannotRead) as caught:
        declared(reader, tmp_path, "Müller Köln Jäger Größe Münster", name, encoding).rows()
    assert caught.value.rule == "encoding"


def test_the_mapping_goes_before_the_file(tmp_path: Path) -> None:
    written = write_table("html", tmp_path, ("A", "B"), ("1", HUNGARIAN), declared="cp1250")
    content = in_page(written.path.read_text(encoding="utf-8"), "windows-1254")
    written.path.write_bytes(content.encode("cp1250"))
    assert written.rows() == [["1", HUNGARIAN]]
