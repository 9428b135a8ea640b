"""Writes the certificate of an erasure: what was destroyed, what was looked for, and where not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from connectors.documents.german_format import day_text, number_text
from connectors.documents.person.person_letter import (
    LetterSection,
    LetterTable,
    PersonLetter,
    print_letter,
)
from pipelines.rights.erase import ErasedPerson
from pipelines.rights.plain_answer import as_plain
from warehouse.files.atomic_file import write_file

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
    stem = f"loeschung-{done.erasure}"
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(as_plain(done), ensure_ascii=False, indent=1) + "\n"
    pdf = print_letter(make_certificate(done, district))
    files = {out / f"{stem}.pdf": pdf, out / f"{stem}.json": text.encode()}
    for path, content in files.items():
        write_file(path, content)
    return list(files)


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
    sections = [
        LetterSection("Was gesucht wurde", tables=[_list("Gesucht", done.sought)]),
        LetterSection("Wo gesucht wurde", tables=[_list("Durchsucht", done.searched)]),
        LetterSection(
            "Wo nicht gesucht wurde", tables=[_list("Nicht durchsucht", done.not_searched)]
        ),
        LetterSection("Was bleibt", [KEPT, GUARD]),
    ]
    if done.recipients:
        told = "An folgende Empfänger gingen Angaben; sie sind zu benachrichtigen (Art. 19 DSGVO)."
        sections.append(LetterSection("Empfänger", [told], [_list("Empfänger", done.recipients)]))
    return PersonLetter(
        "Bescheinigung über eine Löschung",
        "nach Art. 17 der Datenschutz-Grundverordnung",
        done.erasure,
        done.erased_on,
        facts,
        sections,
    )


def _list(head: str, lines: Sequence[str]) -> LetterTable:
    return LetterTable([head], [[line] for line in lines])
