"""Which word of a person counts: the newest, of all records together, and what is doubtful against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from mappings.recipient_fields import load_handover
from pipelines.intake.acceptance import accept_delivery
from pipelines.transfer.recipient_name import RecipientName
from tests.consents.office import EARLIER, JOBCENTER, LAST, TODAY, Office, Row, form, person

BOTH = ("sprache", "beruf")


@dataclass(frozen=True)
class Case:
    """What the persons said, by the record it stands in, and what of ``alpha:1`` may go out."""

    name: str
    forms: tuple[Row, ...] = ()
    released: tuple[str, ...] = ()
    reason: str | None = None
    beta: str | None = None
    beta_forms: tuple[Row, ...] = ()
    more: dict[str, str] = field(default_factory=dict)


def f(key: str, groups: str = "Sprache,Beruf", **cells: str) -> Row:
    return form(key, "1", groups, **cells)


REVOKED = {"Erteilt": "10.01.2025", "Widerrufen": "12.01.2025"}
CASES = (
    Case(
        "the newer form ends before it begins",
        (f("a"), f("b", "Beruf", Erteilt="01.07.2025", Gueltig_bis="30.06.2025")),
        reason="newer_form",
    ),
    Case(
        "an end that is a stand-in for none",
        (f("a", Erteilt="01.02.2016", Gueltig_bis="31.12.2099"),),
        reason="too_old",
    ),
    Case("an open form", (f("a"),), BOTH),
    Case("the newer form is narrower", (f("a"), f("b", "Beruf", Erteilt="01.02.2025")), ("beruf",)),
    Case("the newer form is wider", (f("a", "Beruf"), f("b", Erteilt="01.02.2025")), BOTH),
    Case("two forms of a day", (f("a", "Sprache"), f("b", "Beruf")), BOTH),
    Case(
        "the newer form has ended",
        (f("a"), f("b", "Beruf", Erteilt="01.02.2025", Gueltig_bis="01.03.2025")),
        BOTH,
    ),
    Case(
        "a form of the same day has ended",
        (f("a"), f("b", "Beruf", Gueltig_bis="01.03.2025")),
        BOTH,
    ),
    Case(
        "an older form has ended",
        (f("a", Gueltig_bis="01.03.2025"), f("b", "Beruf", Erteilt="01.02.2025")),
        ("beruf",),
    ),
    *(
        Case(
            f"a newer and narrower form for {written}",
            (f("a"), f("b", "Beruf", Erteilt="01.02.2025", Empfaenger=written)),
            reason="newer_form",
        )
        for written in ("JC Musterkreis", "Jobcenter Mustrekreis", "Jobcetner", "alle")
    ),
    *(
        Case(
            f"a newer form for somebody else: {written}",
            (f("a"), f("b", "Beruf", Erteilt="01.02.2025", Empfaenger=written)),
            BOTH,
        )
        for written in (
            "Ausländerbehörde Musterkreis",
            "Internationaler Bund Musterstadt",
            "Jobcenter Ostalbkreis",
        )
    ),
    Case(
        "the newer form is revoked",
        (f("a"), f("b", Erteilt="01.02.2025", Widerrufen="01.03.2025")),
        reason="revoked_since",
    ),
    Case(
        "the older form is revoked",
        (f("a", Widerrufen="20.01.2025"), f("b", Erteilt="01.02.2025")),
        BOTH,
    ),
    Case(
        "the older form is revoked on the day of the newer",
        (f("a", Widerrufen="01.02.2025"), f("b", Erteilt="01.02.2025")),
        reason="revoked",
    ),
    Case(
        "the older form is revoked after the newer",
        (f("a", Widerrufen="01.03.2025"), f("b", Erteilt="01.02.2025")),
        reason="revoked",
    ),
    Case(
        "the newer form releases nobody from confidentiality",
        (f("a"), f("b", Erteilt="01.02.2025", Schweigepflicht="nein")),
        reason="newer_form",
    ),
    Case(
        "the newer form has no groups",
        (f("a"), f("b", "", Erteilt="01.02.2025")),
        reason="newer_form",
    ),
    Case("the newer form has no day", (f("a"), f("b", Erteilt="")), reason="newer_form"),
    Case(
        "one of two forms of a day is not in order", (f("a"), f("b", Zweck="")), reason="newer_form"
    ),
    Case(
        "a revocation as a row of its own",
        (f("a"), f("b", "", Erteilt="", Widerrufen="01.03.2025", Zweck="")),
        reason="revoked_since",
    ),
    Case(
        "a revocation that names nobody",
        (f("a"), f("b", Empfaenger="", Widerrufen="01.03.2025")),
        reason="revoked_since",
    ),
    Case(
        "a revocation by a shorter name",
        (f("a"), f("b", Empfaenger="jobcenter", Widerrufen="01.03.2025")),
        reason="revoked_since",
    ),
    Case(
        "a revocation to somebody else",
        (f("a"), f("b", Empfaenger="Jobcenter Nachbarkreis", Widerrufen="01.03.2025")),
        BOTH,
    ),
    Case(
        "a revocation that lies ahead",
        (f("a", Widerrufen="01.12.2025"),),
        reason="revocation_unreadable",
    ),
    Case(
        "a revocation from another century",
        (f("a", Widerrufen="01.03.1925"),),
        reason="revocation_unreadable",
    ),
    Case(
        "a revocation on Excel's first day",
        (f("a", Widerrufen="01.01.1900"),),
        reason="revocation_unreadable",
    ),
    Case(
        "a revocation on no day", (f("a", Widerrufen="31.06.2025"),), reason="revocation_unreadable"
    ),
    Case("a revocation in words", (f("a", Widerrufen="mündlich"),), reason="revocation_unreadable"),
    Case(
        "an unreadable revocation of an older form",
        (f("a", Widerrufen="ja"), f("b", Erteilt="01.02.2025")),
        reason="revocation_unreadable",
    ),
    Case("given after the delivery", (f("a", Erteilt="01.12.2025"),), reason="not_yet_valid"),
    Case(
        "given before there was Integrationsmanagement",
        (f("a", Erteilt="01.02.2005", Gueltig_bis="01.01.2026"),),
        reason="date_implausible",
    ),
    Case(
        "older than three years without an end", (f("a", Erteilt="31.07.2022"),), reason="too_old"
    ),
    Case("three years old", (f("a", Erteilt="01.08.2022"),), BOTH),
    Case(
        "older than three years with an end",
        (f("a", Erteilt="31.07.2022", Gueltig_bis="01.01.2026"),),
        BOTH,
    ),
    Case("a group with a doubt", (f("a", "keine, Sprache"),), reason="groups_unreadable"),
    Case("all groups but one", (f("a", "alle außer Beruf, Sprache"),), reason="groups_unreadable"),
    Case("a group that never goes out", (f("a", "Sprache,Gesundheitsdaten"),), ("sprache",)),
    Case("a release in another record is narrower", (f("a"),), ("beruf",), beta="Beruf"),
    Case(
        "a release in another record shares no group",
        (f("a", "Sprache"),),
        reason="nothing_in_common",
        beta="Beruf",
    ),
    Case(
        "a release in another record is doubtful",
        (f("a"),),
        reason="other_record",
        beta="Beruf, nicht Sprache",
    ),
    Case("no word in the other record", (f("a"),), BOTH, beta=""),
    Case(
        "revoked in another record",
        (f("a"),),
        reason="other_record",
        beta="",
        beta_forms=(f("z", **REVOKED),),
    ),
    Case(
        "revoked in another record to somebody else",
        (f("a"),),
        BOTH,
        beta="",
        beta_forms=(f("z", Empfaenger="Amt", **REVOKED),),
    ),
    Case(
        "an unreadable form in another record",
        (f("a"),),
        reason="other_record",
        beta="",
        beta_forms=(f("z", Gueltig_bis="bald"),),
    ),
    Case(
        "a form in another record is narrower",
        (f("a"),),
        ("sprache",),
        beta="",
        beta_forms=(f("z", "Sprache", Erteilt="10.01.2025"),),
    ),
    Case(
        "a form in another record has ended",
        (f("a"),),
        BOTH,
        beta="",
        beta_forms=(f("z", "Sprache", Erteilt="02.01.2025", Gueltig_bis="10.01.2025"),),
    ),
    Case(
        "a release beside a revoked form",
        (),
        beta="Sprache",
        reason=None,
        beta_forms=(f("z", Widerrufen="10.02.2025"),),
    ),
)


DOUBTFUL_DAYS = (
    "00.00.2025",
    "00.07.2025",
    "2025-00-00",
    "20250000",
    "01.07.9999",
    "20.07.0001",
    "01.01.0001",
    "01.07.0000",
    "30.12.1899",
    "0",
    "0000",
    "-",
)
NO_DAYS = ("", "00.00.0000", "0000-00-00 00:00:00", "00000000", "00.00.00", "31.12.9999")
CASES += tuple(
    Case(f"revoked on {day}", (f("a", Widerrufen=day),), reason="revocation_unreadable")
    for day in DOUBTFUL_DAYS
)
CASES += tuple(
    Case(f"ends on {day}", (f("a", Gueltig_bis=day),), reason="end_unreadable")
    for day in DOUBTFUL_DAYS
)
CASES += tuple(
    Case(f"revoked on no day: {day}", (f("a", Widerrufen=day),), BOTH) for day in NO_DAYS
)
CASES += tuple(Case(f"ends on no day: {day}", (f("a", Gueltig_bis=day),), BOTH) for day in NO_DAYS)

NO_PURPOSES = (
    "-",
    "k.A.",
    "keine",
    "entfällt",
    "?",
    "n. a.",
    "siehe Akte",
    "--",
    "x",
    "0",
    "Unbekannt",
    "soweit zur Aufgabenerledigung notwendig",
    "Beratung, soweit erforderlich",
)
CASES += tuple(
    Case(f"for no purpose: {text}", (f("a", Zweck=text),), reason="purpose_missing")
    for text in NO_PURPOSES
)
CASES += tuple(
    Case(f"for the purpose {text}", (f("a", Zweck=text),), BOTH)
    for text in ("Antrag auf Arbeit", "Keine Doppelberatung", "§ 18b AZRG", "BvB")
)


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """All cases in one delivery: the person of case n has the key n in both systems."""
    office = Office(tmp_path_factory.mktemp("words"))
    own = {str(n): case for n, case in enumerate(CASES, 1)}
    shared = {"Vorname": "Amal", "Geburtsdatum": "02.03.1990"}
    alike = [
        person(key, AZR=_azr(key), **shared, Freigabe=case.beta or "") for key, case in own.items()
    ]
    forms = [own_row(key, row) for key, case in own.items() for row in case.forms]
    others = [own_row(key, row) for key, case in own.items() for row in case.beta_forms]
    office.deliver("alpha", LAST, alike, forms)
    office.deliver("beta", LAST, [row for row in alike if own[row["Nr"]].beta is not None], others)
    assert [r.state for r in office.run()] == ["loaded", "loaded"]
    return office


def own_row(key: str, row: Row) -> Row:
    return {**row, "ENr": f"{key}-{row['ENr']}", "Nr": key}


def _azr(key: str) -> str:
    return f"07{int(key):03}1234567"


@pytest.fixture(scope="module")
def answers(decided: Office) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    return decided.released(), decided.reasons()


@pytest.mark.parametrize("number", range(1, len(CASES) + 1), ids=[c.name for c in CASES])
def test_what_goes_out(
    answers: tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]], number: int
) -> None:
    case, (released, reasons) = CASES[number - 1], answers
    assert released.get(f"alpha:{number}", ()) == case.released
    if case.beta:
        assert set(released.get(f"beta:{number}", ())) <= set(case.released)
    if case.reason:
        assert case.reason in reasons[f"alpha:{number}"]


@pytest.mark.parametrize(
    ("written", "counts"),
    [
        ("alle", True),
        ("Alle Empfänger", True),
        ("-", True),
        ("k.A.", True),
        ("JOBCENTER MUSTERKREIS", True),
        ("JC Musterkreis", True),
        ("Job-Center Musterkreis", True),
        ("Jobcentre Musterkreis", True),
        ("Jobcenter Landkreis Musterkreis", True),
        ("Jobcenter / Ausländerbehörde", True),
        ("Wohnungsamt und Jobcenter", True),
        ("Jobcenter LK MK", True),
        ("J0bcenter Musterkreis", True),
        ("Jobcetner", True),
        ("Grundsicherung", True),
        ("SGB II", True),
        ("Landratsamt Musterkreis", True),
        ("Jobcenter Mustrekreis", True),
        ("Jobcenter Musterkeis", True),
        ("Jobcenter Musterstadt", True),
        ("Jobcenter Kleintanau", True),
        ("Jobcenter wie oben", True),
        ("Jobcenter (Leistung)", True),
        ("Jobcenter Frau Maier", True),
        ("Job-Center des Landkreises", True),
        ("Jobcenter Tuttlingen", False),
        ("Jobcenter Landkreis Heidenheim", False),
        ("Wohnungsamt", False),
        ("Ausländerbehörde Musterkreis", False),
        ("Agentur für Arbeit Musterkreis", False),
        ("Jobcenter Hauptstelle", True),
        ("Jobcenter Maier", True),
        ("Jobcenter Sachbearbeitung", True),
        ("Wohnungsamt Jobcenter", True),
        ("Gesamte Einwilligung bei Caritas", True),
        ("jede Behörde", True),
        ("Jobcenter Neustadt", True),
        ("Jobcenter Nachbarkreis", False),
        ("Jobcenter Nebenan", False),
        ("Jobcenter Stadt Memmingen", False),
        ("JC Schwäbisch Hall", False),
        ("Jobcenter Ostalb", False),
        ("Jobcenter Reutlingen", True),
    ],
)
def test_whom_a_withdrawal_is_for(written: str, counts: bool) -> None:
    terms = load_handover("jobcenter")
    others = ["Jobcenter Nebenan"]
    words = (terms.named_as, terms.everyone, others, terms.others_as)
    places = ["Landkreis Musterkreis", "Musterstadt", "Kleintannau", "Reutlingen"]
    name = RecipientName(JOBCENTER, *words, places, terms.beside_places, ["Memmingen"])
    assert name.may_be_meant(written) is counts


def test_a_withdrawal_for_somebody_else_concerns_nobody_else(tmp_path: Path) -> None:
    office = Office(tmp_path)
    rows = [
        f(n, Empfaenger=to, Widerrufen="01.03.2025")
        for n, to in (("w", "Wohnungsamt"), ("v", "J0bcenter"))
    ]
    office.deliver("alpha", LAST, [person("1")], [f("a"), rows[0]])
    office.run()
    assert office.released()
    office.deliver("alpha", TODAY, [person("1")], [f("a"), *rows])
    office.run()
    assert office.released() == {}


@pytest.mark.parametrize(
    ("configured", "written"),
    [
        ("Jobcenter Tübingen", "Jobcenter Tuebingen"),
        ("Jobcenter Tübingen", "JOBCENTER TÜBINGEN"),
        ("Jobcenter Gießen", "Jobcenter GIESSEN"),
        ("Jobcenter Alb-Donau", "Jobcenter Alb–Donau"),
        ("Jobcenter Tu\u0308bingen", "Jobcenter T\u00fcbingen"),
        ("Jobcenter  Musterkreis ", "Jobcenter Musterkreis"),
    ],
)
def test_a_recipient_is_known_in_other_letters(configured: str, written: str) -> None:
    name = RecipientName(configured, ["Jobcenter"], [], [])
    assert name.is_similar(written) and name.may_be_meant(written)


def vanished(office: Office, forms: list[Row], later: list[Row]) -> None:
    office.deliver("alpha", EARLIER, [person("1"), person("2")], forms)
    office.deliver("alpha", LAST, [person("1"), person("2")], later)
    office.run()


NUMBER = "070011234567"
BORN = {"Vorname": "Amal", "Geburtsdatum": "01.01.1990"}
# What a second record has otherwise, and whether a withdrawal in it counts: in the same source, and in
# another one, where more pairs wait for somebody to decide.
SECOND: dict[str, tuple[Row, bool, bool]] = {
    "the same": ({}, True, True),
    "in other letters": ({"Vorname": "AMAL "}, True, True),
    "a number in one of them": ({"AZR": NUMBER}, True, True),
    "another first name": ({"Vorname": "Omar"}, False, False),
    "another birth date": ({"Geburtsdatum": "01.01.1991"}, False, False),
    "no birth date": ({"Geburtsdatum": ""}, True, True),
    "two numbers": ({"AZR": "186754320993"}, False, False),
    "a name that may be none": ({}, True, True),
}
NAMES = ("Haddad", "Tesfaye", "Okonkwo", "Schevchenko", "Rahmani", "Brahimi", "Popescu", "Junge")


@pytest.fixture(scope="module", params=["alpha", "beta"])
def namesakes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bool, set[str]]:
    """One person per line, each with a withdrawal in a second record; whether of another source."""
    office = Office(tmp_path_factory.mktemp("namesakes"))
    numbers = [{"AZR": "090011234567"} if title == "two numbers" else {} for title in SECOND]
    first = [
        person(str(n), Nachname=name, **BORN, **number)
        for n, (name, number) in enumerate(zip(NAMES, numbers, strict=True))
    ]
    second = [
        person(f"{n}b", **{"Nachname": name, **BORN, **other})
        for n, (name, (other, *_)) in enumerate(zip(NAMES, SECOND.values(), strict=True))
    ]
    given = [form(f"g{n}", str(n)) for n in range(len(first))]
    withdrawn = [form(f"w{n}", f"{n}b", Widerrufen="01.03.2025") for n in range(len(first))]
    if request.param == "alpha":
        office.deliver("alpha", LAST, [*first, *second], [*given, *withdrawn])
    else:
        office.deliver("alpha", LAST, first, given)
        office.deliver("beta", LAST, second, withdrawn)
    office.run()
    return request.param == "beta", set(office.released())


@pytest.mark.parametrize("title", SECOND)
def test_a_withdrawal_in_a_record_that_may_be_the_same_human_being(
    namesakes: tuple[bool, set[str]], title: str
) -> None:
    is_apart, released = namesakes
    number, counts = [*SECOND].index(title), SECOND[title][2 if is_apart else 1]
    assert (f"alpha:{number}" not in released) is counts


def test_a_withdrawal_whose_key_another_person_bears_still_counts(tmp_path: Path) -> None:
    office = Office(tmp_path)
    withdrawn = form("a", "1", Widerrufen="01.06.2025")
    vanished(office, [withdrawn], [form("a", "2"), form("b", "1")])
    assert office.released().keys() == {"alpha:2"}
    office.deliver("alpha", TODAY, [person("1"), person("2")], [form("b", "1"), form("a", "1")])
    office.run()
    # The same row of the same person without the withdrawal: corrected, if somebody says so.
    assert office.released() == {}
    with office.open() as hub:
        accept_delivery(hub, f"alpha/{TODAY}", "berichtigt")
    assert office.released().keys() == {"alpha:1"}


def test_a_withdrawal_that_is_no_longer_delivered_still_counts(tmp_path: Path) -> None:
    office = Office(tmp_path)
    vanished(office, [f("a"), f("b", Erteilt="01.02.2025", Widerrufen="01.03.2025")], [f("a")])
    assert office.reasons() == {"alpha:1": ("revoked_since",)}


def test_a_form_after_a_withdrawal_that_vanished_counts(tmp_path: Path) -> None:
    office = Office(tmp_path)
    vanished(office, [f("a", Widerrufen="ja")], [f("c", Erteilt="10.07.2025")])
    assert office.released() == {"alpha:1": BOTH}


def test_a_revocation_that_the_source_corrects_is_in_doubt(tmp_path: Path) -> None:
    office = Office(tmp_path)
    vanished(office, [f("a", Widerrufen="01.03.2025")], [f("a")])
    assert office.reasons() == {"alpha:1": ("doubtful",)}


def test_a_withdrawal_counts_though_its_person_is_no_longer_delivered(tmp_path: Path) -> None:
    office, same = Office(tmp_path), {"AZR": "070011234567"}
    both, other = person("1", **same), person("2", Vorname="Omar")
    office.deliver("alpha", EARLIER, [both, other], [f("a"), form("x", "2")])
    office.deliver("beta", EARLIER, [person("1", **same, Freigabe="Sprache")])
    office.run()
    assert office.released(EARLIER).keys() == {"alpha:1", "alpha:2", "beta:1"}
    office.deliver("alpha", LAST, [other], [f("a", Widerrufen="01.07.2025"), form("x", "2")])
    office.deliver("beta", LAST, [person("1", **same, Freigabe="Sprache")])
    office.run()
    assert office.released().keys() == {"alpha:2"}


def test_a_form_of_a_person_nobody_knows_releases_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", LAST, [person("2")], [f("a"), form("x", "2")])
    office.run()
    assert office.released().keys() == {"alpha:2"}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"Vorname": "", "Geburtsdatum": ""}, {"Nachname": "Anders"}),
        ({}, {"Nachname": "Anders", "Vorname": "", "Geburtsdatum": ""}),
    ],
)
def test_half_a_person_may_be_another(
    tmp_path: Path, before: dict[str, str], now: dict[str, str]
) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", EARLIER, [person("1", **before)], [f("a")])
    office.deliver("alpha", LAST, [person("1", **now)], [f("a")])
    office.run()
    assert office.reasons() == {"alpha:1": ("person_changed",)}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        # A sister with the same stand-in day, a namesake, a relative without a birth date.
        ("Muster|Amal|01.01.1990", "Muster|Farida|01.01.1990"),
        ("Muster|Mohammad|01.07.1990", "Haddad|Mohammad|01.07.1990"),
        ("Muster|Amal|02.03.1990", "Muster|Farida|"),
        ("Muster|Amal|", "Muster|Farida|02.03.1990"),
    ],
)
def test_a_relative_or_namesake_may_be_another(tmp_path: Path, before: str, now: str) -> None:
    office = Office(tmp_path)
    names = ("Nachname", "Vorname", "Geburtsdatum")
    for day, text in ((EARLIER, before), (LAST, now)):
        cells = dict(zip(names, text.split("|"), strict=True))
        office.deliver("alpha", day, [person("1", **cells)], [f("a")])
    office.run()
    assert office.reasons() == {"alpha:1": ("person_changed",)}
    assert office.results[-1].findings["notice"] == 1


def test_an_emptied_record_takes_no_consent_to_the_next(tmp_path: Path) -> None:
    office = Office(tmp_path)
    empty = {"Nachname": "", "Vorname": "", "Geburtsdatum": ""}
    other = {"Nachname": "Anders", "Vorname": "Omid", "Geburtsdatum": "12.12.1971"}
    for day, cells in ((date(2025, 5, 31), {}), (EARLIER, empty), (LAST, other)):
        office.deliver("alpha", day, [person("1", **cells)], [f("a")])
    office.run()
    assert office.reasons() == {"alpha:1": ("person_changed",)}


def test_a_transcription_keeps_its_consent(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for day, name in ((EARLIER, "Mohammad"), (LAST, "Muhamed")):
        row = person("1", Vorname=name, Geburtsdatum="01.01.1990")
        office.deliver("alpha", day, [row], [f("a")])
    office.run()
    assert office.released() == {"alpha:1": BOTH}


def test_a_past_day_does_not_see_a_later_revocation(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", LAST, [person("1")], [f("a", Widerrufen="20.07.2025")])
    office.run()
    assert office.released() == {}
    office.today = date(2025, 8, 2)
    assert office.reasons(date(2025, 8, 1)) == {"alpha:1": ("revoked",)}


def test_looking_back_leaves_out_what_was_revoked_later(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", date(2025, 7, 1), [person("1")], [f("a")])
    office.deliver("alpha", LAST, [person("1")], [f("a", Widerrufen="20.07.2025")])
    office.run()
    assert office.released() == {}
    assert office.released(date(2025, 7, 10)) == {"alpha:1": BOTH}


@pytest.mark.parametrize(
    ("ends", "released"), [("30.06.2025", False), ("10.07.2025", True), ("", True)]
)
def test_a_closed_case_ends_a_consent_where_the_district_says_so(
    tmp_path: Path, ends: str, released: bool
) -> None:
    office = Office(tmp_path, more="consents: {after_case_days: 30}\n")
    office.deliver("alpha", LAST, [person("1", Bis=ends)], [f("a")])
    office.run()
    assert bool(office.released()) is released


def test_a_key_given_to_somebody_else_takes_no_consent_along(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", EARLIER, [person("1"), person("2")], [f("a"), form("b", "2")])
    other = person("1", "Anders", Vorname="Omid", Geburtsdatum="12.12.1971")
    married = person("2", "Neu")
    office.deliver("alpha", LAST, [other, married], [f("a"), form("b", "2")])
    office.run()
    assert office.released() == {"alpha:2": BOTH}
    assert office.reasons() == {"alpha:1": ("person_changed",)}


def test_the_new_owner_of_a_key_may_consent_though_others_did_before(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", EARLIER, [person("1"), person("2")], [form("b", "2")])
    other = person("1", "Anders", Vorname="Omid", Geburtsdatum="12.12.1971")
    office.deliver("alpha", date(2025, 7, 15), [other, person("2")], [form("b", "2")])
    own = form("a", "1", Erteilt="20.07.2025")
    office.deliver("alpha", LAST, [other, person("2")], [own, form("b", "2")])
    office.run()
    assert office.released() == {"alpha:1": BOTH, "alpha:2": BOTH}


def test_who_is_released_is_the_same_on_the_day_it_is_asked(decided: Office) -> None:
    assert decided.decide(TODAY) == decided.decide()


def test_an_older_form_does_not_speak_again_when_the_newest_vanishes(tmp_path: Path) -> None:
    office = Office(tmp_path)
    narrow = form("b", "1", "Sprache", Erteilt="01.02.2025")
    vanished(office, [f("a"), narrow, form("x", "2")], [f("a"), form("y", "2")])
    # Of the other person only the key of the form is another one.
    assert office.released() == {"alpha:2": BOTH}
    assert office.reasons() == {"alpha:1": ("newer_form",)}
    office.deliver("alpha", TODAY, [person("1"), person("2")], [f("a"), narrow, form("y", "2")])
    office.run()
    assert office.released() == {"alpha:1": ("sprache",), "alpha:2": BOTH}
