"""Declares a finding rule: severity, audience, explanation and sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from warehouse.schema.states import Severity

SEVERITY_LABELS = {
    Severity.REJECTED: "Abgelehnt",
    Severity.SET_ASIDE: "Wert nicht übernommen",
    Severity.NOTICE: "Hinweis",
}
SEVERITY_MEANINGS = {
    Severity.REJECTED: "Die Zeile (oder die ganze Tabelle oder Datei) wurde nicht übernommen.",
    Severity.SET_ASIDE: "Der einzelne Wert blieb leer, die Zeile wurde übernommen.",
    Severity.NOTICE: "Hinweis; nichts ging verloren.",
}


class Audience(StrEnum):
    """Who can do something about a finding; the value is the German label."""

    COORDINATION = "Koordinierung"
    SOURCE = "Fachkraft oder Träger"
    DISTRICT_IT = "Kreis-IT"


@dataclass(frozen=True)
class FindingRule:
    """One rule in plain German; ``title``, ``meaning`` and ``advice`` are for coordinators.

    ``meaning`` says what was found and what was done with the row, ``advice`` what to do in the
    source system, ``audience`` who can. ``sentence`` is the template of the message that a finding
    carries. It is None where the reader writes the message, because only the reader knows the
    details (byte, line, names of sheets).
    """

    name: str
    severity: Severity
    audience: Audience
    title: str
    meaning: str
    advice: str
    sentence: str | None = None

    def write_sentence(self, **details: object) -> str:
        """The message of a finding; ``details`` fills the template's places."""
        if self.sentence is None:
            raise TypeError(f"the message of {self.name} is written by the reader that finds it")
        return self.sentence.format(**details)
