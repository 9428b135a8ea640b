"""Renders a notice to an earlier recipient: which forms and fields, what is asked, by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from connectors.documents.typst_pdf import render_pdf


@dataclass(frozen=True)
class CauseText:
    """What a letter says of its cause: its title, what happened, what the recipient is asked."""

    title: str
    happened: str
    asked: str


_DELETE = (
    "Bitte verarbeiten Sie die unten genannten Angaben nicht weiter und löschen Sie sie, soweit Sie "
    "sie nicht auf einer anderen Rechtsgrundlage benötigen (Art. 17 Abs. 1 DSGVO, § 84 SGB X)."
)
CAUSES: Mapping[str, CauseText] = {
    "revocation": CauseText(
        "Einwilligung widerrufen oder eingeschränkt",
        "Die Einwilligung, auf der die unten genannten Angaben übermittelt wurden, besteht nicht "
        "mehr oder nicht mehr in diesem Umfang. Der Widerruf wirkt für die Zukunft (Art. 7 Abs. 3 "
        "DSGVO, § 67b Abs. 2 SGB X).",
        _DELETE,
    ),
    "expiry": CauseText(
        "Einwilligung abgelaufen",
        "Die Einwilligung, auf der die unten genannten Angaben übermittelt wurden, ist abgelaufen, "
        "oder ihr Anlass ist weggefallen. Ein Widerruf liegt nicht vor.",
        _DELETE,
    ),
    "correction": CauseText(
        "Berichtigung übermittelter Angaben",
        "Die unten genannten Angaben stimmen nicht mehr mit denen überein, die Ihnen übermittelt "
        "wurden (Art. 16 und 19 DSGVO). Die Einwilligung besteht weiter; die nächste Übermittlung "
        "enthält den neuen Stand.",
        "Bitte verwenden Sie die bisherigen Angaben nicht weiter und berichtigen Sie sie nach der "
        "nächsten Übermittlung oder im Gespräch mit der Person.",
    ),
    "split": CauseText(
        "Angaben sind keiner Person sicher zuzuordnen",
        "Die Zuordnung der unten genannten Formulare zu einer Person hat sich als falsch erwiesen: "
        "Sie enthalten Angaben verschiedener Menschen, oder das Aktenzeichen gehört inzwischen "
        "einem anderen Menschen.",
        "Bitte verarbeiten Sie diese Formulare nicht weiter, löschen Sie die Angaben daraus und "
        "prüfen Sie, wo sie übernommen wurden (Art. 5 Abs. 1 Buchst. d, Art. 19 DSGVO).",
    ),
    "erasure": CauseText(
        "Löschung übermittelter Angaben",
        "Die Daten, aus denen die unten genannten Formulare stammen, wurden bei uns gelöscht. Wir "
        "bewahren keinen Namen mehr auf; bitte ordnen Sie die Formulare über ihre Nummer zu.",
        "Bitte löschen Sie die Angaben, soweit Sie sie nicht auf einer anderen Rechtsgrundlage "
        "benötigen (Art. 17 und 19 DSGVO).",
    ),
    "restriction": CauseText(
        "Einschränkung der Verarbeitung",
        "Die Verarbeitung der Daten, aus denen die unten genannten Angaben stammen, ist "
        "eingeschränkt (Art. 18 DSGVO).",
        "Bitte verarbeiten Sie die unten genannten Angaben bis auf Weiteres nicht (Art. 18 und 19 "
        "DSGVO).",
    ),
}


@dataclass(frozen=True)
class FormGroup:
    """The labels of the fields of one data group that a form showed."""

    title: str
    fields: Sequence[str]


@dataclass(frozen=True)
class ToldForm:
    """A form that the letter is about."""

    number: str
    sent_on: date
    groups: Sequence[FormGroup]


@dataclass(frozen=True)
class NoticeLetter:
    """The content of a letter; ``number`` is the notice's opaque id, ``cause`` a key of ``CAUSES``.

    ``name`` and ``birth_date`` are given only where the recipient was sent them. ``reminded_on``:
    the letter is the reminder of that day. ``checkpoint``: the state of the ledger. Addresses with
    commas between their lines.
    """

    number: str
    cause: str
    district: str
    recipient: str
    found_on: date
    due_on: date
    reminded_on: date | None
    name: str
    birth_date: date | None
    forms: Sequence[ToldForm]
    checkpoint: str
    sender_address: str = ""
    recipient_address: str = ""
    phone: str = ""
    email: str = ""


def _write_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def render_letter(letter: NoticeLetter) -> bytes:
    """Renders the PDF (PDF/A-3a and PDF/UA-1, German); the same letter gives the same bytes."""
    on = letter.reminded_on or letter.found_on
    data = {
        **asdict(letter),
        **asdict(CAUSES[letter.cause]),
        "found_on": letter.found_on.isoformat(),
        "due_on": letter.due_on.isoformat(),
        "written_on": on.isoformat(),
        "reminded_on": _write_day(letter.reminded_on),
        "birth_date": _write_day(letter.birth_date),
        "forms": [{**asdict(form), "sent_on": form.sent_on.isoformat()} for form in letter.forms],
    }
    return render_pdf("notice/letter.typ", data, on, letter.number)
