"""Renders the consent form as a tagged PDF: the German pages to sign, then pages that explain them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from connectors.documents.typst_pdf import render_pdf


@dataclass(frozen=True)
class FormPart:
    """A section: text, then what is ticked (each with what it comprises), then what is filled in."""

    title: str
    text: str
    choices: Sequence[tuple[str, str]] = ()
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class FormText:
    """The form in one language (BCP 47): fields of the person on top, sections, signatures."""

    language: str
    name: str
    title: str
    person: Sequence[str]
    parts: Sequence[FormPart]
    signatures: Sequence[str]


@dataclass(frozen=True)
class ConsentForm:
    """A form; ``texts``: first the one that is signed. ``version`` is printed on every page."""

    version: str
    recipient: str
    district: str
    made_on: date
    texts: Sequence[FormText]


def render_consent_form(form: ConsentForm) -> bytes:
    """The PDF (PDF/A-3a and PDF/UA-1, tagged); the same form gives the same bytes."""
    data = {**asdict(form), "made_on": form.made_on.isoformat()}
    return render_pdf("consent/consent_form.typ", data, form.made_on, f"consent {form.version}")
