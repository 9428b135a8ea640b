"""A small form of a district as a PDF with fields: texts, one of them short, and a box to tick."""

from __future__ import annotations

import io

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

TEXTS = ("Name", "Geboren", "Sprache 1", "Sprache 2", "Kurz", "Nummer")
BOX = "Integrationskurs"


def make_template() -> bytes:
    """The bytes of the PDF."""
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    fields = [_text(name, 800 - 30 * n) for n, name in enumerate(TEXTS)]
    fields.append(_box(writer, 500))
    references = ArrayObject([writer._add_object(field) for field in fields])
    page[NameObject("/Annots")] = references
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/Helv"): writer._add_object(font)})
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {
            NameObject("/Fields"): references,
            NameObject("/DR"): DictionaryObject({NameObject("/Font"): fonts}),
            NameObject("/DA"): TextStringObject("/Helv 10 Tf 0 g"),
        }
    )
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _widget(name: str, kind: str, top: int) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject(kind),
            NameObject("/T"): TextStringObject(name),
            NameObject("/F"): NumberObject(4),
            NameObject("/DA"): TextStringObject("/Helv 10 Tf 0 g"),
            NameObject("/Rect"): ArrayObject([FloatObject(x) for x in (50, top, 300, top + 18)]),
        }
    )


def _text(name: str, top: int) -> DictionaryObject:
    field = _widget(name, "/Tx", top)
    if name == "Kurz":
        field[NameObject("/MaxLen")] = NumberObject(3)
    return field


def _box(writer: PdfWriter, top: int) -> DictionaryObject:
    field = _widget(BOX, "/Btn", top)
    shown = DictionaryObject()
    for state in ("/Ja", "/Off"):
        stream = StreamObject()
        stream.set_data(b"")
        shown[NameObject(state)] = writer._add_object(stream)
    field[NameObject("/AP")] = DictionaryObject({NameObject("/N"): shown})
    field[NameObject("/AS")] = NameObject("/Off")
    field[NameObject("/V")] = NameObject("/Off")
    return field
