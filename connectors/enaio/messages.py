"""The German sentence of each rule that stops a fetch: what happened and what to do.

The sentences never contain a value or a secret.
"""

from __future__ import annotations

from connectors.fetch.fetcher import CannotFetch, LoginRefused
from connectors.fetch.refused_login import NOTE

# The login may be wrong; RefusedLoginGuard decides when requests are sent again.
_REFUSALS = {
    "login_refused": "enaio hat die Anmeldung abgelehnt (401). Bitte Benutzer und Kennwort des"
    " technischen Kontos prüfen und ob das Konto gesperrt ist.",
    "access_refused": "enaio verweigert den Zugriff (403). Bitte dem technischen Konto Leserechte"
    " auf die abgefragten Objekttypen geben.",
    "login_page": "Statt Daten kam eine Anmeldeseite. Bitte am enaio-Gateway die Basic-Anmeldung"
    " für das technische Konto erlauben und das Kennwort prüfen.",
    "redirected": "enaio hat auf eine andere Adresse umgeleitet; ihr wird nicht gefolgt. Bitte in"
    " der Konfiguration die endgültige Adresse des Gateways eintragen und die Anmeldung prüfen.",
    "token_refused": "Die Ausgabestelle für Zugangsmarken hat die Anmeldung abgelehnt. Bitte"
    " client_id, client_secret und scope prüfen.",
}
_AFTER = (
    " Es wird nicht erneut angefragt, damit das Konto nicht gesperrt wird. Nach einer Änderung der"
    " Zugangsdaten geht es von selbst weiter; wurde nur in enaio etwas geändert, bitte im"
    f" Arbeitsordner die Datei {NOTE} löschen."
)

_SENTENCES = {
    "server_busy": "enaio ist überlastet oder wird gewartet. Der nächste Lauf macht an derselben"
    " Stelle weiter; bitte den Abruf in die Nacht legen, wenn das öfter geschieht.",
    "server_error": "enaio meldet wiederholt einen inneren Fehler (500). Bitte in der Konfiguration"
    " die internen Namen der Spalten prüfen (ein leerer Name genügt) und sonst das Serverprotokoll"
    " von enaio ansehen.",
    "not_found": "Unter der angegebenen Adresse gibt es den Dienst oder die gespeicherte Abfrage"
    " nicht (404). Bitte Adresse, Schnittstelle (kind: enaio_dms oder enaio_osrest) und die Nummer"
    " der Abfrage prüfen.",
    "question_refused": "enaio versteht die Abfrage nicht. Bitte die internen Namen des Objekttyps"
    " und seiner Spalten in der Konfiguration mit enaio vergleichen.",
    "answer_broken": "Die Antwort von enaio kam mehrmals unvollständig oder unlesbar an. Der"
    " nächste Lauf macht an derselben Stelle weiter; bitte Netz und Proxy prüfen, wenn es dabei"
    " bleibt.",
    "unreachable": "enaio ist nicht erreichbar. Bitte Adresse, Namensauflösung, Firewall und Proxy"
    " prüfen.",
    "too_slow": "enaio hat eine Seite nicht in der vorgesehenen Zeit geliefert. Bitte die Seiten"
    " kleiner machen (page_size) oder die Zeit je Seite erhöhen.",
    "too_large": "Eine Seite von enaio ist größer als erlaubt. Bitte die Seiten kleiner machen"
    " (page_size) oder weniger Spalten abfragen.",
    "certificate": "Das Zertifikat von enaio ist nicht vertrauenswürdig, oder das eigene Zertifikat"
    " wurde nicht angenommen. Bitte ca_bundle (Zertifikat der Hausstelle) und das"
    " Client-Zertifikat prüfen.",
    "proxy": "Der Proxy lässt die Verbindung zu enaio nicht zu. Bitte die Angaben zum Proxy"
    " prüfen.",
    "column_missing": "enaio liefert für den Objekttyp „{type}“ die Spalte „{column}“ nicht, auch"
    " nicht leer. Bitte den internen Namen der Spalte in der Konfiguration berichtigen.",
    "paging_ignored": "enaio liefert für „{type}“ immer wieder dieselbe Seite. Bitte page_size"
    " größer wählen als die Zahl der Objekte oder die andere Schnittstelle (kind) verwenden.",
    "drift": "Während des Abrufs wurde „{type}“ fortlaufend geändert, so dass kein einheitlicher"
    " Stand entstand. Bitte den Abruf in eine Zeit legen, in der niemand arbeitet.",
    "too_many_pages": "„{type}“ hat mehr Seiten als erlaubt. Bitte page_size oder max_pages"
    " erhöhen.",
    "folder_unusable": "In den Arbeitsordner des Abrufs kann nicht geschrieben werden. Bitte Rechte"
    " und freien Platz prüfen.",
}

# Rules where another try with the same configuration cannot help.
_FINAL = {
    "not_found",
    "question_refused",
    "too_large",
    "certificate",
    "column_missing",
    "paging_ignored",
    "too_many_pages",
}


def cannot_fetch_error(rule: str, **names: str) -> CannotFetch:
    """Makes the exception of a rule; ``names`` are configured names (type, column), never values.

    The rules of a login that may be wrong give a LoginRefused.
    """
    if rule in _REFUSALS:
        return LoginRefused(rule, _REFUSALS[rule] + _AFTER)
    return CannotFetch(rule, _SENTENCES[rule].format(**names), again=rule not in _FINAL)
