"""Fills a copy of a district's own form (AcroForm) with the data of a Jobcenter form."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.documents.jobcenter.form import JobcenterForm, form_data

if TYPE_CHECKING:
    from pypdf import PdfReader, PdfWriter

DATA = "daten.json"
_TICKED = "ja"
_OFF = "/Off"


class TemplateProblem(Exception):
    """The template cannot be filled; the German text names fields of the template, never values."""


@dataclass(frozen=True)
class OwnForm:
    """A PDF with fields, and what stands in each: its name → a path into the form's data.

    Paths: ``number``, ``recipient``, ``sent_on``, ``purpose``, ``sender``, ``district``,
    ``checkpoint``, ``contact``; ``<group>.<field>``; ``<group>.<list>.<place>.<field>`` with places
    from 1 (``sprache.language_level.1.language``).
    """

    template: bytes
    fields: Mapping[str, str]

    def check(self) -> None:
        """Raises TemplateProblem for a file without fields, or without one of those named."""
        known = _read_fields(_open(self.template))
        missing = sorted(self.fields.keys() - known.keys())
        if missing:
            names = ", ".join(f"„{name}“" for name in missing)
            raise TemplateProblem(f"Die Vorlage hat diese Felder nicht: {names}.")

    def fill(self, form: JobcenterForm) -> bytes:
        """The filled copy, read back, with the data attached as of the hub's own form.

        What is not released, recorded or kept leaves its field empty. Raises TemplateProblem where
        a value does not fit or is not read back.
        """
        from pypdf import PdfWriter

        data = form_data(form)
        values = dict(_flatten(data))
        reader = _open(self.template)
        known = _read_fields(reader)
        written = {
            name: _fit_value(name, known[name], values.get(path, ""))
            for name, path in self.fields.items()
        }
        writer = PdfWriter(clone_from=reader)
        writer.update_page_form_field_values(None, written, auto_regenerate=True)
        _describe(writer, form, data)
        return _read_back(writer, written)


def _open(content: bytes) -> PdfReader:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        if not reader.get_fields():
            raise TemplateProblem("Die Vorlage ist ein PDF ohne Formularfelder (AcroForm).")
    except (PyPdfError, ValueError, KeyError):
        raise TemplateProblem("Die Vorlage ist kein lesbares PDF.") from None
    return reader


def _read_fields(reader: PdfReader) -> dict[str, Any]:
    return dict(reader.get_fields() or {})


def _flatten(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every path with its printed text."""
    for name in ("number", "recipient", "purpose", "sender", "district", "checkpoint"):
        yield name, data[name] or ""
    yield "sent_on", _spell_day(data["sent_on"])
    yield "contact", "; ".join(_name_contact(contact) for contact in data["contacts"])
    for section in data["sections"]:
        yield from _list_texts(section["group"], section["fields"])
        for entries in section["lists"]:
            for place, row in enumerate(entries["rows"], 1):
                yield from _list_texts(
                    f"{section['group']}.{entries['name']}.{place}", row["fields"]
                )


def _spell_day(day: str) -> str:
    year, month, number = day.split("-")
    return f"{number}.{month}.{year}"


def _list_texts(path: str, fields: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for field in fields:
        yield f"{path}.{field['name']}", field["text"]


def _name_contact(contact: Mapping[str, str]) -> str:
    parts = (contact[key] for key in ("counsellor", "office", "phone", "email"))
    return ", ".join(filter(None, parts))


def _fit_value(name: str, field: Mapping[str, Any], text: str) -> str:
    """The value as the field takes it: a box is ticked by the name that the template gave it."""
    if field.get("/FT") == "/Btn":
        return _tick_box(name, field, text)
    longest = _find_limit(field)
    if longest is not None and len(text) > longest:
        raise TemplateProblem(f"Feld „{name}“ der Vorlage ist für die Angabe zu kurz.")
    return text


def _tick_box(name: str, field: Mapping[str, Any], text: str) -> str:
    states = [state for state in field.get("/_States_", ()) if state != _OFF]
    if not states:
        raise TemplateProblem(f"Feld „{name}“ der Vorlage lässt sich nicht ankreuzen.")
    return str(states[0]) if text == _TICKED else _OFF


def _find_limit(field: Any) -> int | None:
    """How many characters a field takes; pypdf keeps it with the field itself only."""
    node = field.indirect_reference.get_object() if field.indirect_reference else field
    while node is not None and "/MaxLen" not in node:
        node = node["/Parent"].get_object() if "/Parent" in node else None
    return int(node["/MaxLen"]) if node is not None else None


def _describe(writer: PdfWriter, form: JobcenterForm, data: Mapping[str, object]) -> None:
    keywords = f"Prüfstand {form.checkpoint}" if form.checkpoint else ""
    writer.add_metadata({"/Subject": f"Formular {form.number}", "/Keywords": keywords})
    content = json.dumps(data, ensure_ascii=False, indent=1).encode()
    writer.add_attachment(DATA, content)


def _read_back(writer: PdfWriter, written: Mapping[str, str]) -> bytes:
    """The bytes of the copy, if they say what was written."""
    buffer = io.BytesIO()
    writer.write(buffer)
    content = buffer.getvalue()
    _check_written(_read_fields(_open(content)), written)
    return content


def _check_written(read: Mapping[str, Any], written: Mapping[str, str]) -> None:
    wrong = [name for name, text in written.items() if str(read[name].get("/V") or "") != text]
    if wrong:
        names = ", ".join(f"„{name}“" for name in wrong)
        raise TemplateProblem(f"Diese Felder der Vorlage nahmen ihre Angabe nicht an: {names}.")
