"""Tables about counselled persons, as each source records them.

Records are never merged over sources: ``person_link`` tells which belong to one person.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Date, Integer, String

from warehouse.schema.columns import declare_field, declare_key, declare_person_key, entity_table

person = entity_table(
    "person",
    "Person, wie die Quelle sie führt",
    declare_field(
        "last_name",
        String(200),
        "Familienname",
        "Familienname, wie er in der Quelle steht",
        "identifying",
        group="stammdaten",
    ),
    declare_field(
        "first_name",
        String(200),
        "Vorname",
        "Vorname, wie er in der Quelle steht",
        "identifying",
        group="stammdaten",
    ),
    declare_field(
        "birth_date",
        Date,
        "Geburtsdatum",
        "Geburtsdatum; ein 1. Januar steht oft für einen unbekannten Tag",
        "identifying",
        group="stammdaten",
    ),
    declare_field(
        "sex", String(20), "Geschlecht", "Geschlecht", "personal", group="stammdaten", codes="sex"
    ),
    declare_field(
        "nationality",
        String(20),
        "Staatsangehörigkeit",
        "Staatsangehörigkeit (ISO 3166-1 alpha-3)",
        "personal",
        group="stammdaten",
        codes="nationality",
    ),
    declare_field(
        "marital_status",
        String(20),
        "Familienstand",
        "Familienstand",
        "personal",
        group="stammdaten",
        codes="marital_status",
    ),
    declare_field(
        "entry_date",
        Date,
        "Einreise",
        "Tag der Einreise nach Deutschland",
        "personal",
        group="aufenthalt",
    ),
    declare_field(
        "official_number",
        String(100),
        "AZR-Nummer",
        "amtliche Nummer der Person, z. B. AZR- oder AKN-Nummer",
        "identifying",
        read_as="official_number",
    ),
    declare_field(
        "jobcenter_number",
        String(40),
        "Kundennummer",
        "Kundennummer oder Nummer der Bedarfsgemeinschaft beim Jobcenter",
        "identifying",
        group="stammdaten",
    ),
    declare_field(
        "address",
        String(400),
        "Anschrift",
        "Straße, Hausnummer, Postleitzahl und Ort",
        "identifying",
        group="stammdaten",
    ),
    declare_field(
        "phone",
        String(100),
        "Telefon",
        "Telefonnummer der Person",
        "identifying",
        group="stammdaten",
    ),
    declare_field(
        "email",
        String(200),
        "E-Mail",
        "E-Mail-Adresse der Person",
        "identifying",
        group="stammdaten",
    ),
    declare_field(
        "children",
        Integer,
        "Kinder im Haushalt",
        "Zahl der Kinder im Haushalt",
        "personal",
        group="stammdaten",
    ),
    declare_field(
        "childcare",
        Boolean,
        "Kinderbetreuung",
        "die Betreuung der Kinder ist gesichert",
        "personal",
        group="stammdaten",
    ),
)

residence_status = entity_table(
    "residence_status",
    "Aufenthaltsstatus",
    declare_person_key(),
    declare_field(
        "status",
        String(60),
        "Aufenthaltsstatus",
        "Aufenthaltsstatus nach der Rechtsnorm",
        "personal",
        group="aufenthalt",
        codes="residence_status",
    ),
    declare_field(
        "valid_from", Date, "gültig ab", "Beginn der Gültigkeit", "personal", group="aufenthalt"
    ),
    declare_field(
        "valid_until", Date, "gültig bis", "Ende der Gültigkeit", "personal", group="aufenthalt"
    ),
    declare_field(
        "work_permission",
        String(40),
        "Erwerbstätigkeit",
        "ob eine Erwerbstätigkeit erlaubt ist (§ 4a AufenthG, § 61 AsylG)",
        "personal",
        group="aufenthalt",
        codes="work_permission",
    ),
    declare_field(
        "work_conditions",
        String(1000),
        "Nebenbestimmung",
        "Wortlaut der Nebenbestimmung zur Erwerbstätigkeit",
        "personal",
        group="aufenthalt",
    ),
)

housing = entity_table(
    "housing",
    "Unterbringung",
    declare_person_key(),
    declare_field(
        "kind", String(40), "Unterbringung", "Art der Unterbringung", "personal", codes="housing"
    ),
    declare_field(
        "assigned_on",
        Date,
        "Zuweisung AU",
        "Tag der Zuweisung in die Anschlussunterbringung (§ 18 FlüAG)",
        "personal",
    ),
)

municipality_residence = entity_table(
    "municipality_residence",
    "Wohnort",
    declare_person_key(),
    declare_field(
        "municipality",
        String(8),
        "Gemeinde",
        "Gemeinde des Wohnorts (AGS)",
        "personal",
        group="stammdaten",
        codes="municipality",
    ),
    declare_field("valid_from", Date, "seit", "Beginn des Wohnens", "personal"),
    declare_field("valid_until", Date, "bis", "Ende des Wohnens", "personal"),
)

language_level = entity_table(
    "language_level",
    "Sprachkenntnis",
    declare_person_key(),
    declare_field(
        "language",
        String(60),
        "Sprache",
        "Sprache, wie sie in der Quelle heißt",
        "personal",
        group="sprache",
    ),
    declare_field(
        "level",
        String(20),
        "Niveau",
        "Niveau nach GER oder Muttersprache",
        "personal",
        group="sprache",
        codes="language_level",
    ),
    declare_field(
        "certificate",
        String(200),
        "Zertifikat",
        "Nachweis des Niveaus",
        "personal",
        group="sprache",
    ),
)

education_work = entity_table(
    "education_work",
    "Bildung und Arbeit",
    declare_person_key(),
    declare_field(
        "school_degree",
        String(200),
        "Schulabschluss",
        "höchster Schulabschluss",
        "personal",
        group="schule_ausbildung",
    ),
    declare_field(
        "integration_course",
        Boolean,
        "Integrationskurs",
        "nimmt oder nahm am Integrationskurs teil",
        "personal",
        group="sprache",
    ),
    declare_field(
        "occupations",
        String(1000),
        "Berufliche Tätigkeiten",
        "bisherige Tätigkeiten",
        "personal",
        group="beruf",
    ),
    declare_field(
        "qualifications",
        String(1000),
        "Qualifikationen",
        "Qualifikationen und Nachweise",
        "personal",
        group="schule_ausbildung",
    ),
    declare_field("skills", String(1000), "Kompetenzen", "Kompetenzen", "personal", group="beruf"),
    declare_field(
        "career_goal",
        String(1000),
        "Berufliche Ziele",
        "beruflicher Wunsch",
        "personal",
        group="beruf",
    ),
    declare_field(
        "language_course",
        String(400),
        "Weitere Sprachkurse",
        "Berufssprachkurs und andere Kurse mit ihrem Stand",
        "personal",
        group="sprache",
    ),
    declare_field(
        "literacy_course",
        Boolean,
        "Alphabetisierungskurs",
        "nimmt oder nahm an einem Alphabetisierungskurs teil",
        "personal",
        group="sprache",
    ),
    declare_field(
        "school_years",
        Integer,
        "Schulbesuch (Jahre)",
        "Jahre des Schulbesuchs",
        "personal",
        group="schule_ausbildung",
    ),
    declare_field(
        "school_country",
        String(100),
        "Land der Schule",
        "Land, in dem die Schule besucht wurde",
        "personal",
        group="schule_ausbildung",
    ),
    declare_field(
        "vocational_training",
        String(1000),
        "Ausbildung und Studium",
        "Ausbildung oder Studium mit Abschluss",
        "personal",
        group="schule_ausbildung",
    ),
    declare_field(
        "recognition",
        String(40),
        "Anerkennung",
        "Stand der Anerkennung des Abschlusses",
        "personal",
        group="schule_ausbildung",
        codes="recognition",
    ),
    declare_field(
        "occupation_code",
        String(20),
        "KldB",
        "Schlüssel der Klassifikation der Berufe 2010 (KldB)",
        "personal",
        group="beruf",
    ),
    declare_field(
        "it_skills",
        String(400),
        "IT-Kenntnisse",
        "Kenntnisse am Rechner",
        "personal",
        group="beruf",
    ),
    declare_field(
        "driving_licence",
        String(200),
        "Führerschein",
        "Klassen des Führerscheins, Anerkennung",
        "personal",
        group="beruf",
    ),
    declare_field(
        "mobility",
        String(200),
        "Mobilität",
        "Auto, Fahrrad, öffentlicher Verkehr",
        "personal",
        group="beruf",
    ),
)

household = entity_table(
    "household",
    "Haushalt",
    declare_field(
        "label",
        String(200),
        "Bezeichnung",
        "Bezeichnung des Haushalts in der Quelle",
        "identifying",
    ),
)

household_member = entity_table(
    "household_member",
    "Haushaltsmitglied",
    declare_key("household_key", "Haushalt", "Schlüssel des Haushalts"),
    declare_person_key(),
)
