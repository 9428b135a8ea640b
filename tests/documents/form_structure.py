"""The structure tree of a tagged PDF, read as a screen reader does: elements with their texts, by the content they mark."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream

SHOWN = {
    b"Tj",
    b"TJ",
    b"'",
    b'"',
    b"S",
    b"s",
    b"f",
    b"F",
    b"f*",
    b"B",
    b"b",
    b"B*",
    b"b*",
    b"sh",
    b"Do",
}


@dataclass(frozen=True)
class Element:
    """One element: its kind, its attributes, the marked contents (page, number) directly in it, and its children."""

    kind: str
    attributes: dict[str, Any]
    marks: list[tuple[int, int]] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """This element and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


class TaggedPdf:
    """A PDF with its structure tree and what each page marks."""

    def __init__(self, pdf: bytes, name: str) -> None:
        self.name = name
        self.reader = PdfReader(io.BytesIO(pdf))
        self.root: Any = self.reader.trailer["/Root"]
        self._pages = {page.indirect_reference.idnum: n for n, page in enumerate(self.reader.pages)}  # type: ignore[union-attr]
        tree = self.root["/StructTreeRoot"]
        self.elements = [self._read(kid, None) for kid in _kids(tree["/K"])]

    def walk(self) -> Iterator[Element]:
        """All elements in reading order."""
        for element in self.elements:
            yield from element.walk()

    def unmarked(self) -> list[str]:
        """The operators that show something outside every tag and artifact."""
        found = []
        for page in self.reader.pages:
            depth = 0
            for _, operator in _operations(page):
                depth += operator in (b"BDC", b"BMC")
                depth -= operator == b"EMC"
                if depth == 0 and operator in SHOWN:
                    found.append(operator.decode())
        return found

    def marked(self) -> set[tuple[int, int]]:
        """Every marked content of the pages: page and number."""
        return {
            (number, operands[1]["/MCID"])
            for number, page in enumerate(self.reader.pages)
            for operands, operator in _operations(page)
            if operator == b"BDC" and isinstance(operands[1], dict) and "/MCID" in operands[1]
        }

    def _read(self, node: Any, page: int | None) -> Element:
        node = node.get_object()
        page = self._pages[node.raw_get("/Pg").idnum] if "/Pg" in node else page
        attributes = {"/ID": node.get("/ID")}
        for part in _kids(node.get("/A", [])):
            attributes |= part.get_object() if hasattr(part, "get_object") else {}
        element = Element(node["/S"], attributes)
        for kid in _kids(node.get("/K", [])):
            self._add(element, kid, page)
        return element

    def _add(self, element: Element, kid: Any, page: int | None) -> None:
        whole = kid.get_object()
        if isinstance(whole, int):
            assert page is not None
            element.marks.append((page, whole))
        elif whole.get("/Type") == "/MCR":
            own = self._pages[whole.raw_get("/Pg").idnum] if "/Pg" in whole else page
            assert own is not None
            element.marks.append((own, whole["/MCID"]))
        elif whole.get("/Type") != "/OBJR":
            element.children.append(self._read(whole, page))


def _operations(page: Any) -> list[tuple[Any, bytes]]:
    return ContentStream(page.get_contents(), page.pdf).operations


def _kids(value: Any) -> list[Any]:
    value = value.get_object() if hasattr(value, "get_object") else value
    return list(value) if isinstance(value, list) else [value]


def metadata_of(pdf: TaggedPdf) -> str:
    """The XMP metadata without blanks between its elements."""
    return re.sub(r"\s+", " ", pdf.root["/Metadata"].get_data().decode())
