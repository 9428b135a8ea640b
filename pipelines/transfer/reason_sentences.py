"""Says in German why the gate lets nothing out, reason by reason."""

from __future__ import annotations

REASON_MEANING = {
    "other_recipient": "Die Einwilligung nennt keinen oder einen anderen Empfänger.",
    "purpose_missing": "Die Einwilligung nennt keinen Zweck.",
    "not_yet_valid": "Der Tag der Erteilung fehlt oder liegt nach dem Tag der Übermittlung.",
    "revoked": (
        "Widerrufen: für Formulare von heute an gleich welchem Tag, im Rückblick am Tag oder davor."
    ),
    "refused": "Die Person hat abgelehnt; von Hand vermerkt.",
    "revocation_unreadable": (
        "Im Feld des Widerrufs steht etwas, das kein lesbares Datum ist; das gilt als Widerruf."
    ),
    "consent_unreadable": (
        "Die Zeile widerspricht einer anderen desselben Schlüssels oder ist nicht ganz zu lesen; "
        "die Quelle hat kein Feld für einen Widerruf."
    ),
    "end_unreadable": (
        "Im Feld des Endes steht etwas, das kein lesbares Datum ist; das gilt als abgelaufen."
    ),
    "expired": "Der letzte Tag der Gültigkeit liegt vor dem Tag der Übermittlung.",
    "occasion_ended": "Der Anlass, für den sie galt, ist beendet, spätestens mit der Beratung.",
    "confidentiality_not_released": (
        "Von der Schweigepflicht (§ 203 StGB) wurde nicht entbunden oder es ist nicht vermerkt."
    ),
    "release_withdrawn": "Eine eigene Freigabe im Fachverfahren war bekannt und ist es nicht mehr.",
    "no_groups": "Keine Datengruppe ist angekreuzt oder keine davon ist lesbar.",
    "groups_unreadable": (
        "Ein Teil der Angabe der Datengruppen ist nicht zu verstehen, etwa „alle außer …“."
    ),
    "date_implausible": (
        "Tag der Erteilung oder des Widerrufs liegt nach der Lieferung oder vor 2015."
    ),
    "too_old": (
        "Ohne Ende erteilt, und länger her als eingestellt (`consents: max_years`, sonst 3 Jahre)."
    ),
    "case_closed": (
        "Der Fall ist länger abgeschlossen als eingestellt (`consents: after_case_days`)."
    ),
    "guardian_missing": (
        "Die Person war am Tag der Erteilung noch keine 15 Jahre alt, und für sie hat niemand "
        "eingewilligt, der sorgeberechtigt ist."
    ),
    "own_consent_missing": (
        "Die Person war am Tag der Erteilung zwischen 15 und 17 Jahre alt und hat nicht selbst "
        "eingewilligt."
    ),
    "person_changed": (
        "Unter dem Schlüssel führt die Quelle inzwischen einen anderen Menschen (zwei von "
        "Familienname, Vorname und Geburtsdatum sind andere)."
    ),
    "revoked_since": (
        "Am Tag der Erteilung oder danach hat die Person in diesem Datensatz etwas widerrufen."
    ),
    "newer_form": (
        "Ein neueres Formular gilt statt dieses, oder eines vom selben Tag ist nicht in Ordnung."
    ),
    "doubtful": (
        "Eine Zeile mit einer Einwilligung der Person war nicht zu lesen und könnte ein Widerruf "
        "sein, eine Notiz sagt, dass eine Einwilligung widerrufen ist, oder ein Widerruf steht "
        "nicht mehr, wo er stand."
    ),
    "other_record": (
        "In einem anderen Datensatz desselben Menschen, oder eines, der derselbe sein könnte, ist "
        "widerrufen oder nicht wirksam erteilt."
    ),
    "nothing_in_common": (
        "Keine Datengruppe ist in allen Datensätzen desselben Menschen freigegeben."
    ),
    "source_not_current": (
        "Eine Quelle, die die Person führt, ist nicht auf dem Stand (`drehscheibe status`); ein "
        "Widerruf könnte in dem stehen, was nicht geladen ist."
    ),
    "release_without_decision": (
        "Eine Freigabe im Fachverfahren nennt weder Empfänger noch Zweck noch Tag, und in der "
        "Konfiguration steht keine Entscheidung der oder des Datenschutzbeauftragten dafür "
        "(`releases: dpo`); ein Formular entsteht nicht. Im Rückblick wird es nur genannt."
    ),
    "person_not_named": (
        "Die Angaben zur Person sind nicht freigegeben, oder es sind weder Vor- und Nachname, noch "
        "einer davon mit Geburtsdatum, noch die Kundennummer erfasst: das Formular wäre niemandem "
        "zuzuordnen. Im Rückblick nicht geprüft."
    ),
    "restricted": (
        "Die Verarbeitung der Daten der Person ist eingeschränkt (Art. 18 DSGVO, "
        "`drehscheibe person restrict`)."
    ),
    "form_not_set": "Das Formular ließ sich nicht setzen, etwa wegen eines endlosen Wortes.",
}

# What the district has set for a recipient (`embargo_days`, `updates`), apart from consents.
POLICY_MEANING = {
    "embargo": "Die Einwilligung ist neu; so lange wartet der Landkreis mit der Übermittlung.",
    "unchanged": "Der Empfänger hat alles schon; seither hat sich nichts geändert.",
}
