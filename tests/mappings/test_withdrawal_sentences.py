"""Which sentences of a note tell that a consent was withdrawn, by kinds of sentence."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mappings.consent_terms import CellJudge, load_consent_terms

# By kind: what tells of a withdrawal, and what has the same words and does not.
TELLING = {
    "other families of words": (
        "Einwilligung mit heutigem Tag beendet auf Wunsch der Klientin",
        "Freigabe an JC gelöscht",
        "Einwilligung entfällt ab heute",
        "EWE JC storniert",
        "Client revoked consent",
        "Die Zustimmung wurde aufgekündigt",
    ),
    "misspelt": (
        "Einwillgung widerufen",
        "Einwiligung zurück genommen",
        "Einverstädniserklärung wiederufen",
        "Einwilligung zurükgezogen",
    ),
    "no more": (
        "Einwilligung besteht nicht mehr",
        "Datenweitergabe ab sofort nicht mehr erwünscht",
        "ist nicht mehr einverstanden, dass das JC informiert wird",
        "Keine Daten mehr ans JC!",
        "möchte nicht mehr, dass wir Daten ans Jobcenter geben",
        "Kl. besteht darauf, dass keine Daten mehr weitergegeben werden",
    ),
    "refused": (
        "Klient untersagt die Weitergabe seiner Daten",
        "Lehnt weitere Datenweitergabe an das Jobcenter ab",
        "Zustimmung JC: ab heute nein",
        "Widerspruch gegen Datenweitergabe eingelegt",
    ),
    "in two parts": (
        "Einwilligung JC besprochen. Klient nimmt sie zurück.",
        "Klient hat heute seine Einwilligung\nzurückgezogen",
        "Einwilligung Jobcenter | zurückgezogen",
        "Hat die Einwilligung – nach Rücksprache mit dem Bruder – doch widerrufen",
    ),
    "beside something else": (
        "Handyvertrag gekündigt und Einwilligung widerrufen",
        "Entzieht Vollmacht und Einwilligung",
        "Nach Aufklärung über das Widerrufsrecht hat er die Einwilligung widerrufen",
        "Die Einwilligung, die bis auf Widerruf galt, widerrufen",
        "Einwilligung nicht nur eingeschränkt, sondern widerrufen",
    ),
    "a right that was used": (
        "Von der Möglichkeit des Widerrufs der Einwilligung hat sie Gebrauch gemacht",
        "Weiß, dass er die Einwilligung widerrufen kann, und hat dies getan",
    ),
    "a wish": (
        "Möchte die Einwilligung widerrufen",
        "Klient bittet, die Einwilligung zu löschen",
    ),
    "given before": ("Einwilligung neu erteilt, dann doch wieder zurückgenommen",),
    "a word alone": ("hat widerrufen", "Widerruf liegt vor", "Klient widerruft alles"),
}
NOT_TELLING = {
    "denied": (
        "Ein Widerruf der Einwilligung ist nicht erfolgt",
        "Hat der Übermittlung nicht widersprochen",
        "Zustimmung weder widerrufen noch eingeschränkt",
        "Von einem Widerruf der Einwilligung hat er abgesehen",
    ),
    "possible or explained": (
        "Merkblatt zum Widerruf der Einwilligung mitgegeben",
        "Auf das Recht, die Einwilligung zu widerrufen, wurde hingewiesen",
        "Einwilligung erteilt; Belehrung, dass ein Widerruf für die Zukunft gilt",
        "weiß, dass er die Zustimmung zurücknehmen darf",
    ),
    "a condition or question": (
        "Falls er die Einwilligung widerruft, muss das Jobcenter informiert werden",
        "Klient fragt, was passiert, wenn er die Einwilligung widerruft",
        "Einwilligung gilt, solange sie nicht widerrufen wird",
        "Einwilligung widerrufen?",
    ),
    "restored": (
        "Klient zog Widerruf zurück, Einwilligung gilt weiter",
        "Einwilligung 2023 widerrufen, am 15.01.2025 neu erteilt",
        "Einwilligung widerrufen. Am Folgetag neu unterschrieben.",
        "Neu eingeholt, da die alte Einwilligung nicht mehr gültig war",
    ),
    "something else": (
        "Vollmacht widerrufen",
        "Widerruf an Vodafone geschickt",
        "BAMF hat den Schutz widerrufen",
        "Asylantrag zurückgezogen",
        "Patientenverfügung widerrufen und neu verfasst",
        "Einwilligung liegt vor, Jobcenter hat die Leistung aufgehoben",
        "Mit Einverständnis des Klienten Widerspruch gegen Sanktion geschrieben",
    ),
    "the agreement of an office": (
        "Zustimmung der Ausländerbehörde zur Beschäftigung abgelehnt",
        "Einverständnis des Vermieters zurückgezogen",
        "Zustimmung zum Umzug vom Jobcenter abgelehnt",
        "Freigabe der Kaution abgelehnt",
        "Lehnt Weitergabe ans Krankenhaus ab",
    ),
    "no more of something else": (
        "Bekommt keine Leistungen mehr vom Jobcenter",
        "Will keine Beratung mehr",
    ),
}
SENTENCES = [
    (sentence, tells)
    for table, tells in ((TELLING, True), (NOT_TELLING, False))
    for sentences in table.values()
    for sentence in sentences
]


def judge_cell(judge: CellJudge, text: str) -> bool:
    """What a judge says of a cell, and that its hints leave it in if it tells something."""
    cell, said = pa.array([text]), judge.says(text)
    hinted = [
        pc.match_substring_regex(cell, hint, ignore_case=True)[0].as_py() for hint in judge.hints
    ]
    assert all(hinted) or not said
    return said


@pytest.mark.parametrize(("sentence", "tells"), SENTENCES)
def test_sentences_of_notes(sentence: str, tells: bool) -> None:
    assert judge_cell(load_consent_terms().of_notes, sentence) is tells


@pytest.mark.parametrize(
    ("remark", "with_consents", "without"),
    [
        ("Einwilligung zurückgezogen", True, True),
        ("Freigabe ans Jobcenter zurückgezogen", True, True),
        ("am 20.07. zurückgezogen", True, False),
        ("Amal (Widerruf)", True, True),
        ("Führerschein entzogen", False, False),
        ("Termin storniert", False, False),
        ("Pass ungültig", False, False),
        ("Widerspruch gegen Jobcenter eingelegt", False, False),
        ("nicht storniert", False, False),
        ("", False, False),
    ],
)
def test_remarks_on_persons(remark: str, with_consents: bool, without: bool) -> None:
    terms = load_consent_terms()
    assert judge_cell(terms.judge_remarks(has_consents=True), remark) is with_consents
    assert judge_cell(terms.judge_remarks(has_consents=False), remark) is without


@pytest.mark.parametrize(
    ("state", "ended"),
    [
        ("beendet", True),
        ("nicht aktiv", True),
        ("archiviert", True),
        ("auf Wunsch der Klientin gelöscht", True),
        ("nicht gültig", True),
        ("widerufen", True),
        ("Gekündgt", True),
        ("aktiv", False),
        ("noch nicht abgelaufen", False),
        ("nicht beendet", False),
        ("Vermittlung", False),
    ],
)
def test_states_of_consents(state: str, ended: bool) -> None:
    assert judge_cell(load_consent_terms().of_consents, state) is ended
