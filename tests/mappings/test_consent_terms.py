"""Words by which consents, withdrawals and footers are known."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mappings.consent_terms import load_consent_terms


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("widerrufen", True),
        ("Am 20.07. WIDERRUFEN!", True),
        ("wiederrufen (Brief)", True),
        ("Widerruf: 20.07.2025", True),
        ("hat widersprochen", True),
        ("zur\u00fcckgezogen", True),
        ("zuru\u0308ckgezogen", True),
        ("zurueckgezogen", True),
        ("wider\u00adrufen", True),
        ("Vermittlung;storniert", True),
        ("gilt bis auf Widerruf, widerrufen am 20.07.", True),
        ("Widerrufsrecht ausge\u00fcbt am 20.07.2025", True),
        ("Hat von seinem Widerrufsrecht am 20.07.2025 Gebrauch gemacht", True),
        ("Hat sein Recht auf Widerspruch ausge\u00fcbt", True),
        ("Einwilligung musste auf Wunsch widerrufen werden (20.07.2025)", True),
        ("Einwilligung ist am 20.07. widerrufen worden", True),
        ("gel\u00f6scht auf Widerruf vom 20.07.", True),
        ("hat Einwilligung zur\u00fcck gezogen", True),
        ("zieht Einwilligung zur\u00fcck", True),
        ("m\u00f6chte die Einwilligung zur\u00fcckziehen", True),
        ("Einwilligung aufgehoben", True),
        ("Einwilligung erloschen", True),
        ("Einwilligung gesperrt", True),
        ("Einwilligung: nein", True),
        ("Einwilligung nicht mehr erteilt", True),
        ("Einwilligung nicht mehr g\u00fcltig", True),
        ("lehnt Weitergabe ab", True),
        ("keine Weitergabe mehr", True),
        ("annulliert", True),
        ("gegenstandslos/storn.", True),
        ("Wider-ruf vom 20.07.", True),
        ("WIDERR. 20.07.2025", True),
        ("Einwilligungswiderruf", True),
        ("EWE_widerrufen_20.7.", True),
        ("W I D E R R U F E N", True),
        ("W i e d e r r u f e n", True),
        ("withdrew consent", True),
        ("\uff37iderrufen", True),
        ("Wid\u0435rrufen", True),
        ("Nicht-widerrufen bisher, jetzt am 20.7. widerrufen", True),
        ("Widerspruch", True),
        ("gilt bis auf Widerruf", False),
        ("nicht widerrufen", False),
        ("Widerruf: nein", False),
        ("jederzeit widerruflich", False),
        ("Widerrufsbelehrung erhalten", False),
        ("kann jederzeit widerrufen werden", False),
        ("\u00fcber das Widerrufsrecht aufgekl\u00e4rt", False),
        ("Widerrufsrecht nicht ausge\u00fcbt", False),
        ("Widerrufsrecht kann jederzeit ausge\u00fcbt werden", False),
        ("kann jederzeit mit Wirkung f\u00fcr die Zukunft widerrufen werden", False),
        ("unwiderruflich erteilt", False),
        ("jederzeit widerrufliche Einwilligung", False),
        ("Einwilligung auf Widerruf", False),
        ("zieht nach Ulm zur\u00fcck", False),
        ("lebt sehr zur\u00fcckgezogen", False),
        ("Konto gesperrt", False),
        ("Pass nicht mehr g\u00fcltig", False),
        ("lehnt Kurs ab", False),
        ("Termin abgelehnt", False),
        ("bitte wieder rufen", False),
        ("Wiedersehen", False),
        ("widerrechtlich", False),
        ("Widerrufsverfahren des BAMF eingeleitet", False),
        ("Widerruf der Fl\u00fcchtlingseigenschaft droht", False),
        ("Widerspruch gegen den Bescheid vom 01.03.", False),
        ("Einwilligung liegt vor", False),
        ("Einwilligung: ja", False),
        ("Wiederaufnahme der Beratung", False),
        ("Vermittlung", False),
        ("", False),
    ],
)
def test_a_cell_that_says_that_something_was_withdrawn(text: str, says: bool) -> None:
    terms = load_consent_terms()
    assert terms.says_withdrawn(text) is says
    hinted = pc.match_substring_regex(pa.array([text]), terms.words.hint, ignore_case=True)
    assert hinted[0].as_py() or not says


TELLING = (
    "Klient widerruft Einwilligung",
    "Einwilligung zur Weitergabe widerrufen",
    "Widerruf der Einwilligung am 12.03. schriftlich eingegangen",
    "Klientin hat heute ihre Einwilligung ins Jobcenter zurückgezogen.",
    "Einwilligung am 20.07. zurückgezogen",
    "Kurs begonnen. Zieht die Einwilligung zurück. Neuer Termin im Mai.",
    "Widerspricht der Übermittlung seiner Daten",
    "möchte keine Weitergabe mehr",
    "Wiederruf Schweigepflichtentbindung",
    "Nimmt die Schweigepflichtsentbindung zurück!",
    "über Widerruf belehrt; Einwilligung widerrufen",
    "Termin verschoben; Einwilligung gem. Formular storniert",
    "Jobcenter über den Widerruf der Einwilligung informiert",
    "Zustimmung zur Datenübermittlung entzogen",
    "hat widerrufen",
    "Freigabe Jobcenter aufgehoben",
    "Hat von ihrem Widerrufsrecht Gebrauch gemacht",
    "EINWILLIGUNG W I D E R R U F E N",
    "Mietvertrag unterschrieben, Einwilligung widerrufen",
)
NOT_TELLING = (
    "hat Einwilligung nicht widerrufen",
    "über Widerruf der Einwilligung informiert",
    "über den Widerruf der Einwilligung belehrt",
    "Einwilligung unterschrieben, kann jederzeit widerrufen werden",
    "Einwilligung erklärt; weiß, dass sie sie jederzeit widerrufen kann",
    "über das Recht auf Widerruf der Einwilligung aufgeklärt",
    "auf die Möglichkeit des Widerrufs hingewiesen, Einwilligung liegt vor",
    "Einwilligung erteilt, Widerruf jederzeit möglich",
    "Widerrufsbelehrung ausgehändigt, Einwilligung unterschrieben",
    "fragt, ob er die Einwilligung widerrufen soll",
    "will die Einwilligung nicht widerrufen",
    "Fragen zum Widerruf der Einwilligung beantwortet",
    "Handyvertrag widerrufen",
    "Widerruf des Kaufvertrags aufgesetzt",
    "Konto gesperrt. Einwilligung liegt vor.",
    "Lehnt den Kurs ab. Einwilligung unterschrieben.",
    "Termin storniert; Einwilligung unterschrieben",
    "Widerspruch gegen den Bescheid eingelegt",
    "Hat sein Widerspruchsrecht gegen den Bescheid ausgeübt",
    "Widerruf der Niederlassungserlaubnis droht",
    "Pass ungültig, Termin beim Konsulat",
    "lebt sehr zurückgezogen",
    "Zahlung gesperrt",
    "Einwilligung besprochen",
)


@pytest.mark.parametrize(
    ("note", "tells"), [*((n, True) for n in TELLING), *((n, False) for n in NOT_TELLING)]
)
def test_notes_that_tell_of_a_withdrawn_consent(note: str, tells: bool) -> None:
    terms = load_consent_terms()
    assert terms.tells_in_note(note) is tells
    hinted = [
        pc.match_substring_regex(pa.array([note]), hint, ignore_case=True)[0].as_py()
        for hint in terms.of_notes.hints
    ]
    assert all(hinted) or not tells


@pytest.mark.parametrize(
    "text", ["nicht mehr g\u00fcltig", "erloschen", "gesperrt", "aufgehoben", "gegenstandslos"]
)
def test_of_a_consent_fewer_words_say_so(text: str) -> None:
    terms = load_consent_terms()
    hinted = pc.match_substring_regex(pa.array([text]), terms.words.hint, ignore_case=True)
    assert hinted[0].as_py() and terms.says_withdrawn(text, of_consent=True)
    assert not terms.says_withdrawn(text)


@pytest.mark.parametrize(
    ("name", "may", "surely", "withdraws"),
    [
        ("Widerrufe Juli.csv", True, True, True),
        ("W\u0456derruf am", True, True, True),
        ("Einwilligung", True, True, False),
        ("Sperrzeiten", True, False, False),
        ("Storniert am", True, False, False),
        ("Termine", False, False, False),
    ],
)
def test_names_of_files_and_columns(name: str, may: bool, surely: bool, withdraws: bool) -> None:
    terms = load_consent_terms()
    told = terms.may_name_consents(name), terms.names_consents(name), terms.names_withdrawal(name)
    assert told == (may, surely, withdraws)
