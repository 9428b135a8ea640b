"""Labels of the four systems with the code of each and its other spellings.

Each list maps the label that exports mostly carry to the code in the names of figures and the
synonyms people also type. The hub has lists of its own.
"""

from __future__ import annotations

from typing import Final

Labels = dict[str, tuple[str, tuple[str, ...]]]

NATIONALITIES: Final[Labels] = {
    "Syrien": ("SYR", ("Arabische Republik Syrien", "syrisch", "SYR")),
    "Afghanistan": ("AFG", ("Islamische Republik Afghanistan", "afghanisch", "AFG")),
    "Irak": ("IRQ", ("Republik Irak", "irakisch", "IRQ")),
    "Ukraine": ("UKR", ("ukrainisch", "UKR")),
    "Türkei": ("TUR", ("Republik Türkei", "türkisch", "TUR")),
    "Iran": ("IRN", ("Islamische Republik Iran", "iranisch", "IRN")),
    "Eritrea": ("ERI", ("eritreisch", "ERI")),
    "Gambia": ("GMB", ("gambisch", "GMB")),
    "Nigeria": ("NGA", ("nigerianisch", "NGA")),
    "Kamerun": ("CMR", ("kamerunisch", "CMR")),
    "Somalia": ("SOM", ("somalisch", "SOM")),
    "Palästina": ("PSE", ("Palästinensische Gebiete", "PSE")),
    "staatenlos": ("staatenlos", ("ohne Staatsangehörigkeit",)),
}
SEXES: Final[Labels] = {
    "männlich": ("m", ("m", "männl.", "Mann")),
    "weiblich": ("w", ("w", "weibl.", "Frau")),
    "divers": ("d", ("d",)),
}
MARITAL: Final[Labels] = {
    "ledig": ("ledig", ("led.", "LD")),
    "verheiratet": ("verheiratet", ("verh.", "VH")),
    "geschieden": ("geschieden", ("gesch.", "GS")),
    "verwitwet": ("verwitwet", ("verw.", "VW")),
}
RESIDENCE: Final[Labels] = {
    "Aufenthaltserlaubnis": ("aufenthaltserlaubnis", ("AE",)),
    "Niederlassungserlaubnis": ("niederlassungserlaubnis", ("NE",)),
    "Aufenthaltsgestattung": ("aufenthaltsgestattung", ("Gestattung",)),
    "Duldung": ("duldung", ("geduldet",)),
    "Ausbildungsduldung": ("ausbildungsduldung", ()),
    "Fiktionsbescheinigung": ("fiktionsbescheinigung", ("Fiktion",)),
}
HOUSING: Final[Labels] = {
    "vorläufige Unterbringung": ("vorlaeufig", ("VU", "vorl. Unterbringung")),
    "Anschlussunterbringung": ("anschluss", ("AU",)),
    "Privatunterkunft": ("privat", ("Privatwohnung", "privat")),
}
TOPICS: Final[Labels] = {
    "Sprache": ("sprache", ()),
    "Schule": ("schule", ("Schulbildung",)),
    "Ausbildung/Studium": ("ausbildung_studium", ()),
    "Arbeit": ("arbeit", ("Arbeitsmarkt", "Arbeit/Beruf")),
    "Wohnen": ("wohnen", ("Wohnung",)),
    "Gesundheit": ("gesundheit", ()),
    "Gesellschaftliche Teilhabe": ("teilhabe", ("gesellschaftliche Teilhabe", "Teilhabe")),
    "Kinder": ("kinder", ("Kinder/Familie",)),
    "Anderes Thema": (
        "anderes",
        ("Sonstiges", "Finanzen", "Leistungen/ALG", "Ausländerrecht", "Versicherung", "Heirat"),
    ),
}
REFERRALS: Final[Labels] = {
    "Agentur für Arbeit/Jobcenter": ("jobcenter", ("Jobcenter", "Agentur für Arbeit")),
    "Ausländerbehörde": ("auslaenderbehoerde", ("Ausländerbehörden", "ABH")),
    "Vereine/Organisationen für Flüchtlinge": ("vereine", ("Asylkreis",)),
    "Gesundheitsberatungsstellen": ("gesundheit", ("Gesundheitsberatung",)),
    "Andere Regeldienste/Beratungsstellen": (
        "andere",
        ("Versicherung", "Gericht", "Standesamt", "Fahrschule"),
    ),
}
CHANNELS: Final[Labels] = {
    "persönlich": ("persoenlich", ("pers.",)),
    "telefonisch": ("telefonisch", ("Telefon",)),
    "E-Mail": ("email", ("Mail",)),
    "Messenger": ("messenger", ("WhatsApp",)),
}
KINDS: Final[Labels] = {
    "Clearinggespräch": ("clearing", ()),
    "Beratung": ("beratung", ()),
    "Zielvereinbarungsgespräch": ("zielvereinbarung", ()),
}
SETTINGS: Final[Labels] = {
    "Einzelperson": ("einzelperson", ("Einzel",)),
    "Familie": ("familie", ()),
}
GOAL_STATES: Final[Labels] = {
    "offen": ("offen", ()),
    "in Arbeit": ("in_arbeit", ("läuft",)),
    "erreicht": ("erreicht", ("Erreicht",)),
    "abgebrochen": ("abgebrochen", ()),
}
PLAN_STATES: Final[Labels] = {
    "abgeschlossen": ("abgeschlossen", ()),
    "in Arbeit": ("in_arbeit", ()),
}
DATA_GROUPS: Final[Labels] = {
    "Stammdaten": ("stammdaten", ()),
    "Aufenthalt": ("aufenthalt", ()),
    "Sprache": ("sprache", ()),
    "Schule_Ausbildung": ("schule_ausbildung", ()),
    "Beruf": ("beruf", ()),
    "Ziele_Arbeit": ("ziele_arbeit", ()),
}
LISTS: Final[dict[str, Labels]] = {
    "nationality": NATIONALITIES,
    "sex": SEXES,
    "marital": MARITAL,
    "residence": RESIDENCE,
    "housing": HOUSING,
    "topic": TOPICS,
    "referral": REFERRALS,
    "channel": CHANNELS,
    "kind": KINDS,
    "setting": SETTINGS,
    "goal_state": GOAL_STATES,
    "plan_state": PLAN_STATES,
    "data_group": DATA_GROUPS,
}
