"""Writes what is held of a person as a letter to them (Art. 15 DSGVO), and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from connectors.documents.german_format import MISSING, day_text
from connectors.documents.person.person_letter import (
    LetterSection,
    LetterTable,
    PersonLetter,
)
from pipelines.rights.access import DeliveredRow, Held, HeldVersion
from pipelines.rights.answer_files import write_answer

LEFT_OUT = (
    "Namen und Schlüssel anderer betreuter Personen und die Namen der Fachkräfte stehen hier nicht "
    "(Art. 15 Abs. 4 DSGVO). Wo eine gelieferte Zeile auch andere betrifft, ist nur ihr Ort genannt. "
    "Freitexte stehen so da, wie sie geliefert wurden; bitte vor der Herausgabe durchsehen."
)
RIGHTS = (
    "Sie können die Berichtigung (Art. 16), die Löschung (Art. 17), die Einschränkung der "
    "Verarbeitung (Art. 18) verlangen und der Verarbeitung widersprechen (Art. 21 DSGVO). Eine "
    "Einwilligung können Sie jederzeit widerrufen. Sie können sich beim Landesbeauftragten für den "
    "Datenschutz und die Informationsfreiheit beschweren (Art. 77 DSGVO). Automatisierte "
    "Entscheidungen im Einzelfall (Art. 22 DSGVO) trifft das System nicht."
)
PURPOSES = (
    "Zweck: Kennzahlen und Verwendungsnachweise des Integrationsmanagements, Berichte der "
    "Koordinierung ohne Namen, und mit Ihrer Einwilligung Formulare an die genannten Empfänger. "
    "Herkunft: die unten genannten Fachverfahren der Träger."
)
NOTHING = "Nichts gespeichert."


def write_access(held: Held, out: Path) -> list[Path]:
    """Writes letter and JSON into the folder, under a name that gives nothing away."""
    return write_answer(out, f"auskunft-{held.person}", held, lambda: make_letter(held))


def make_letter(held: Held) -> PersonLetter:
    """The letter: everything held, in the order of its way through the hub."""
    return PersonLetter(
        "Auskunft über gespeicherte Daten",
        "nach Art. 15 der Datenschutz-Grundverordnung",
        held.person,
        held.made_on,
        _list_facts(held),
        list(_list_sections(held)),
    )


def _list_facts(held: Held) -> list[tuple[str, str]]:
    return [
        ("Kennung", held.person),
        ("Stand", day_text(held.made_on)),
        ("Verantwortlich", f"Landkreis {held.district}"),
        ("Datensätze", ", ".join(held.records)),
    ]


def _list_sections(held: Held) -> Iterator[LetterSection]:
    yield LetterSection("Wozu und woher", [PURPOSES])
    yield LetterSection("Was hier nicht steht", [LEFT_OUT])
    yield LetterSection("Angaben im Datenbestand", [] if held.entities else [NOTHING])
    yield from _list_entities(held.entities)
    yield _section("Übermittlungen an andere Stellen", held.transmissions)
    yield _section("Mitteilungen an frühere Empfänger", held.notices)
    yield _section("Einwilligungen und Widerrufe von Hand", held.statements)
    yield _section("Zweifel an Einwilligungen", held.consent_doubts)
    yield _section("Verknüpfung der Datensätze", held.links)
    yield _section("Entscheidungen über Datensätze", held.decisions)
    yield _section("Hinweise zu gelieferten Zeilen", held.findings)
    yield _section("Verlängerung der Beratung", held.extensions)
    yield _tell_submissions(held.submissions)
    yield _section("Vermerke (Einschränkung, Aufbewahrung)", held.marks)
    yield _section("Verlangen", held.requests)
    yield LetterSection("Gelieferte Zeilen", [] if held.landed else [NOTHING])
    yield from _list_landed(held.landed)
    yield LetterSection("Ihre Rechte", [RIGHTS])


def _tell_submissions(names: Sequence[str]) -> LetterSection:
    submissions = ", ".join(names)
    counted = f"Als Zahl, ohne Namen, in {len(names)} Einreichungen: {submissions}"
    return LetterSection("Einreichungen", [counted if submissions else "In keiner Einreichung."])


def _list_entities(versions: Sequence[HeldVersion]) -> Iterator[LetterSection]:
    for label, found in groupby(versions, key=lambda version: version.label):
        rows = [_version_row(version) for version in found]
        table = LetterTable(["Quelle, Datei, Zeile", "bekannt", "Angaben"], rows)
        yield LetterSection(label, tables=[table], level=3)


def _version_row(version: HeldVersion) -> list[str]:
    place = f"{version.source}, {version.file}, Zeile {version.row}"
    return [
        place,
        f"{day_text(version.known_on)} bis {_spell_end(version.known_until)}",
        _join_values(version.values),
    ]


def _spell_end(day: date | None) -> str:
    return day_text(day) if day else "heute"


def _list_landed(rows: Sequence[DeliveredRow]) -> Iterator[LetterSection]:
    for (source, day), found in groupby(rows, key=lambda row: (row.source, row.delivered_on)):
        lines = [_write_line(row) for row in found]
        table = LetterTable(["Datei, Tabelle", "Zeile", "Inhalt"], lines)
        yield LetterSection(f"{source}, Lieferung vom {day_text(day)}", tables=[table], level=3)


def _write_line(row: DeliveredRow) -> list[str]:
    return [f"{row.file}, {row.table}", str(row.row), _join_values(row.cells) or "auch andere"]


def _section(title: str, found: Sequence[Any]) -> LetterSection:
    """A list of things as lines, each value behind its German name."""
    if not found:
        return LetterSection(title, [NOTHING])
    rows = [[_join_values(one if isinstance(one, Mapping) else _name_fields(one))] for one in found]
    return LetterSection(title, tables=[LetterTable(["Angaben"], rows)])


def _name_fields(thing: Any) -> dict[str, Any]:
    return {
        _GERMAN.get(name, name): _STATES.get(value, value) if name in ("state", "cause") else value
        for name, value in vars(thing).items()
    }


def _join_values(values: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {_spell(value)}" for name, value in _list_filled(values))


def _list_filled(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in values.items() if value not in (None, "", [])]


def _spell(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M} UTC"
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(_spell, value))
    return str(value) if value is not None else MISSING


_GERMAN = {
    "recipient": "Empfänger",
    "sent_on": "Tag",
    "record": "Datensatz",
    "groups": "Datengruppen",
    "consents": "Einwilligungen",
    "sha256": "Prüfwert der Datei",
    "rule": "Regel",
    "linked_to": "verknüpft mit",
    "explanation": "Begründung",
    "known_from": "ab Ladung",
    "known_to": "bis Ladung",
    "other": "anderer Datensatz",
    "verdict": "Entscheidung",
    "decided_at": "entschieden",
    "reason": "Grund",
    "source": "Quelle",
    "delivered_on": "Lieferung",
    "file": "Datei",
    "row": "Zeile",
    "column": "Spalte",
    "message": "Hinweis",
    "value": "Wert",
    "number": "Nummer",
    "kind": "Art",
    "event": "Ereignis",
    "made_by": "durch",
    "made_at": "am",
    "reference": "Aktenzeichen",
    "state": "Stand",
    "cause": "Anlass",
    "found_on": "festgestellt",
    "forms": "Formulare",
    "fields": "Angaben",
}

_STATES = {
    "unfinished": "noch nicht übergeben",
    "announced": "angemeldet",
    "placed": "bereitgelegt",
    "handed_over": "übergeben",
    "received": "erhalten",
    "rejected": "zurückgewiesen",
    "withdrawn": "zurückgezogen, nicht übergeben",
    "due": "noch nicht geschrieben",
    "made": "geschrieben",
    "sent": "abgeschickt",
    "reminded": "erinnert",
    "confirmed": "bestätigt",
    "revocation": "Widerruf",
    "expiry": "Einwilligung abgelaufen",
    "correction": "Berichtigung",
    "split": "andere Person",
    "restriction": "Einschränkung der Verarbeitung",
    "erasure": "Löschung",
}
