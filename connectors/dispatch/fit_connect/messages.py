"""The German sentence of each rule that stops a submission, and precise English for IT.

Neither contains a value of a person or a secret.
"""

from __future__ import annotations

from connectors.dispatch.refusal import CannotDispatch

_ASK_AGAIN = (
    " Bitte die Übermittlung am selben Tag noch einmal starten: sie wird zu Ende gebracht und kommt"
    " nicht doppelt an."
)
SENTENCES = {
    "no_secret": "Für den Empfänger ist kein Geheimnis des API-Clients hinterlegt."
    " Bitte in der Umgebung oder im Geheimnis-Ordner ablegen.",
    "unreachable": "FIT-Connect ist nicht erreichbar. Bitte Adresse, Netz, Firewall und Proxy"
    " prüfen." + _ASK_AGAIN,
    "certificate": "Das Zertifikat von FIT-Connect ist nicht vertrauenswürdig."
    " Bitte ca_bundle (Zertifikate der Hausstelle) prüfen.",
    "proxy": "Der Proxy lässt die Verbindung zu FIT-Connect nicht zu."
    " Bitte die Angaben zum Proxy prüfen.",
    "login_refused": "FIT-Connect hat die Anmeldung abgewiesen."
    " Bitte client_id und das Geheimnis des API-Clients prüfen.",
    "access_refused": "FIT-Connect erlaubt dem API-Client das Einreichen nicht."
    " Bitte im Self-Service-Portal die Rechte des API-Clients prüfen.",
    "not_found": "FIT-Connect kennt den Zustellpunkt, den Schlüssel oder die Einreichung nicht."
    " Bitte destination mit dem Empfänger abgleichen.",
    "busy": "FIT-Connect nimmt gerade keine weiteren Anfragen an." + _ASK_AGAIN,
    "server_error": "FIT-Connect meldet einen inneren Fehler." + _ASK_AGAIN,
    "answer_broken": "Die Antwort von FIT-Connect kam unvollständig oder unlesbar an." + _ASK_AGAIN,
    "redirected": "FIT-Connect leitet auf eine andere Adresse um; ihr wird nicht gefolgt."
    " Bitte die endgültige Adresse als url eintragen.",
    "refused": "FIT-Connect hat die Einreichung nicht angenommen."
    " Bitte service und schema_uri mit dem Empfänger abgleichen.",
    "parcel_too_large": "Die Sendung ist größer, als FIT-Connect annimmt."
    " Bitte sie auf anderem Wege übergeben (--out).",
    "destination_inactive": "Der Zustellpunkt nimmt gerade nichts an; es wurde nichts verschickt."
    " Bitte beim Empfänger nachfragen.",
    "key_changed": "Der Schlüssel des Zustellpunkts ist ein anderer als der vereinbarte; es wurde"
    " nichts verschickt. Bitte beim Empfänger auf anderem Wege nachfragen und erst dann"
    " die Konfiguration ändern.",
    "key_unusable": "Der Schlüssel des Zustellpunkts ist nicht brauchbar; es wurde nichts"
    " verschickt. Bitte beim Empfänger nachfragen.",
    "bad_signature": "Ein Eintrag im Ereignisprotokoll von FIT-Connect ist nicht gültig"
    " unterschrieben; er zählt nicht. Bitte mit dem Empfänger und der FITKO klären.",
    "other_content": "FIT-Connect bestätigt einen anderen Inhalt als den verschickten; die Sendung"
    " gilt nicht als übergeben. Bitte mit dem Empfänger und der FITKO klären.",
    "not_confirmed": "FIT-Connect bestätigt noch nicht, dass die Sendung eingereicht ist."
    " Bitte später ausführen: drehscheibe transfer ask. Wurde die Übermittlung unterbrochen, bitte"
    " am selben Tag noch einmal starten; die Sendung wird nicht doppelt eingereicht.",
    "other_destination": "Die Sendung wurde bei einem anderen Zustellpunkt begonnen; es wurde"
    " nichts verschickt. Bitte sie zurückziehen (--withdraw) oder destination zurückändern.",
    "moved_on": "Der Stand der Sendung hat sich inzwischen geändert; es wurde nichts verschickt."
    " Bitte nachsehen: drehscheibe transfer list.",
    "other_file": "Die verschlüsselte Sendung ist nicht mehr dieselbe wie beim Beginn der"
    " Einreichung; es wurde nichts verschickt. Bitte sie zurückziehen (--withdraw) und neu machen.",
}


def refuse_dispatch(rule: str, told: str = "") -> CannotDispatch:
    """Makes the exception of a rule; ``told`` says in English what was asked and answered."""
    message = SENTENCES[rule]
    return CannotDispatch(rule, f"{message} [FIT-Connect: {told}]" if told else message)
