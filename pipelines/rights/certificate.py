"""Writes the certificate of an erasure: what was destroyed, what was looked for, and where not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from connectors.documents.german_format import day_text, number_text
from connectors.documents.person.person_letter import (
    LetterSection,
    LetterTable,
    PersonLetter,
)
from pipelines.rights.answer_files import write_answer
from pipelines.rights.erase import ErasedPerson

KEPT = (
    "Bei den Ladungen von damals zählt die Person weiter mit, ohne Namen und unter zufälligen "
    "Schlüsseln: Geschlecht, Staatsangehörigkeit, Gemeinde, Unterbringung, Aufenthaltsstatus, "
    "Einreise, Geburtsmonat, Zeiten der Betreuung, Gespräche, Pläne und Ziele ohne Wortlaut. So gehen "
    "alle Bilanzen auf, und eingereichte Kennzahlen lassen sich weiter nachrechnen. Weitergegeben "
    "wird davon nichts."
)
GUARD = (
    "Liefert eine Quelle die Person noch einmal, bleiben ihre Zeilen außen vor; das steht in der "
    "Zeilenbilanz. Dafür sind nur mit einem geheimen Schlüssel gebildete Prüfwerte aufbewahrt."
)


def write_certificate(done: ErasedPerson, district: str, out: Path) -> list[Path]:
    """Writes certificate and JSON into the folder; neither names the person."""
    letter = partial(make_certificate, done, district)
    return write_answer(out, f"loeschung-{done.erasure}", done, letter)


def make_certificate(done: ErasedPerson, district: str) -> PersonLetter:
    """The certificate as a letter."""
    facts = [
        ("Löschung", done.erasure),
        ("Tag", day_text(done.erased_on)),
        ("Verantwortlich", f"Landkreis {district}"),
        ("Aktenzeichen", done.reference or "ohne"),
        ("Datensätze", number_text(done.records)),
        ("Geleerte Zeilen im Datenbestand", number_text(done.rows)),
        ("Neu geschriebene gelieferte Dateien", number_text(done.files_rewritten)),
        ("Gelöschte erstellte oder geholte Dateien", number_text(done.files_deleted)),
    ]
    sections = [*_list_searches(done), LetterSection("Was bleibt", [KEPT, GUARD])]
    if done.recipients:
        sections.append(_name_recipients(done.recipients))
    return PersonLetter(
        "Bescheinigung über eine Löschung",
        "nach Art. 17 der Datenschutz-Grundverordnung",
        done.erasure,
        done.erased_on,
        facts,
        sections,
    )


def _list_searches(done: ErasedPerson) -> list[LetterSection]:
    searches = {
        "Was gesucht wurde": _list("Gesucht", done.sought),
        "Wo gesucht wurde": _list("Durchsucht", done.searched),
        "Wo nicht gesucht wurde": _list("Nicht durchsucht", done.not_searched),
    }
    return [LetterSection(title, tables=[table]) for title, table in searches.items()]


def _name_recipients(recipients: Sequence[str]) -> LetterSection:
    told = "An folgende Empfänger gingen Angaben; sie sind zu benachrichtigen (Art. 19 DSGVO)."
    return LetterSection("Empfänger", [told], [_list("Empfänger", recipients)])


def _list(head: str, lines: Sequence[str]) -> LetterTable:
    return LetterTable([head], [[line] for line in lines])
