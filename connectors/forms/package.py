"""The parts of a workbook as bytes, read within limits."""

from __future__ import annotations

import io
import posixpath
import zipfile
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from connectors.forms.template_problem import TemplateChanged, TemplateProblem
from connectors.readers.spreadsheet.file_kind import OLE, check_zip
from connectors.readers.spreadsheet.size_check import incomplete_error
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

# A form has pages, not data: far smaller than what a delivery may be.
FORM_LIMITS = Limits(
    file_bytes=64 * 2**20,
    unzipped_bytes=256 * 2**20,
    zip_entries=2_000,
    rows=1_048_576,
    columns=16_384,
    cells=20_000_000,
)
BOOK = "xl/workbook.xml"
_TYPES = "[Content_Types].xml"
_RELATION = "}id"
_SIGNED = "_xmlsignatures/"


@dataclass
class Package:
    """The parts of a workbook in their order; ``book`` is the name of the main part."""

    parts: dict[str, bytes]
    book: str = BOOK
    # The part of each sheet, by the sheet's name, in the order of the tabs.
    sheets: dict[str, str] = field(default_factory=dict)

    def find_part(self, ending: str) -> str | None:
        """The part beside the main one that the book refers to, by the end of its type."""
        for kind, target in _read_relations(self, self.book).values():
            if kind.endswith(ending):
                return target
        return None


def read_package(content: bytes) -> Package:
    """The parts of a workbook (.xlsx, .xlsm, .xltx, .xltm).

    Raises CannotRead where it is none, is damaged or too large; TemplateChanged where it is signed.
    """
    _refuse_unreadable(content)
    package = Package(_unpack_parts(content))
    _refuse_signed(package)
    return _with_sheets(package)


def _refuse_unreadable(content: bytes) -> None:
    if len(content) > FORM_LIMITS.file_bytes:
        raise CannotRead("too_large", "Die Vorlage ist größer als erlaubt und wurde nicht gelesen.")
    if content.startswith(OLE):
        raise CannotRead(
            "encrypted",
            "Die Vorlage ist mit einem Kennwort geschützt oder eine alte Arbeitsmappe (.xls). "
            "Bitte in Excel ohne Kennwort als .xlsx speichern.",
        )
    check_zip(io.BytesIO(content), FORM_LIMITS)


def _unpack_parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len({entry.filename.casefold() for entry in entries}) != len(entries):
            raise incomplete_error()
        return {entry.filename: archive.read(entry) for entry in entries}


def parse_part(content: bytes) -> etree._Element:
    """The XML of a part, without entities; CannotRead where it is none or has a DOCTYPE."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise incomplete_error() from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise incomplete_error()
    return root


def _refuse_signed(package: Package) -> None:
    signed = [name for name in package.parts if name.startswith(_SIGNED)]
    if signed:
        problem = TemplateProblem(
            signed[0],
            None,
            None,
            "the form is signed, and a filled copy would break the signature",
            "ask for the form without a signature",
        )
        raise TemplateChanged([problem])


def _with_sheets(package: Package) -> Package:
    roots = [
        t for kind, t in _read_relations(package, "").values() if kind.endswith("/officeDocument")
    ]
    if not roots or roots[0] not in package.parts:
        raise incomplete_error()
    package.book = roots[0]
    targets = _read_relations(package, package.book)
    for sheet in parse_part(package.parts[package.book]).iterfind("{*}sheets/{*}sheet"):
        number = next((v for k, v in sheet.items() if str(k).endswith(_RELATION)), "")
        kind, target = targets.get(str(number), ("", ""))
        # Sheets of charts and dialogs have no cells.
        if kind.endswith("/worksheet") and target in package.parts:
            package.sheets[str(sheet.get("name", ""))] = target
    if not package.sheets:
        raise incomplete_error()
    return package


def _read_relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Type and target of each relation of a part ("" for the package), by its number."""
    folder, name = posixpath.split(part)
    content = package.parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    if content is None:
        return {}
    # Names of parts do not differ by case, and may be written as parts of an address.
    names = {name.casefold(): name for name in package.parts}
    found = {}
    for relation in parse_part(content):
        if relation.get("TargetMode") != "External":
            target = unquote(str(relation.get("Target", "")))
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = str(relation.get("Type", ""))
            found[str(relation.get("Id"))] = kind, names.get(path.casefold(), path)
    return found
