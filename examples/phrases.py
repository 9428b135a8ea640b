"""Free texts as counsellors type them: goals, notes, skills. None of them is counted."""

from __future__ import annotations

from typing import Final

GOAL_TEXTS: Final = {
    "Sprache": "Kurs B1 abschließen",
    "Schule": "Schulplatz finden",
    "Ausbildung/Studium": "Ausbildungsplatz finden",
    "Arbeit": "Bewerbungsunterlagen erstellen",
    "Wohnen": "eigene Wohnung suchen",
    "Gesundheit": "Hausarzt finden",
    "Gesellschaftliche Teilhabe": "Sportverein besuchen",
    "Kinder": "Kita-Platz anmelden",
    "Anderes Thema": "Konto eröffnen",
}
NOTES: Final = (
    "Unterlagen mitgebracht",
    "Folgetermin vereinbart",
    "Rückruf erbeten",
    "Bescheid erklärt",
    "Formular gemeinsam ausgefüllt",
)
NOTES_WITH_TRAPS: Final = (
    "+49 7000 000000; bitte zurückrufen",
    "=cmd|' /C calc'!A0",
    'Brief erhalten;\nAntwort bis Freitag; "eilig"',
)
SKILLS: Final = {
    "school": ("Hauptschule", "mittlerer Abschluss", "Hochschulreife", ""),
    "job": ("Verkauf", "Schneider/in", "Maler/in, Lackierer/in", "Koch/Köchin", ""),
    "qualification": ("Führerschein B", ""),
    "skill": ("Teamarbeit, EDV", ""),
    "aim": ("Handwerk", "Pflege", ""),
}
