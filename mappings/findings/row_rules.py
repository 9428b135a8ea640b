"""Rules about single rows and values of a table that could be read."""

from __future__ import annotations

from mappings.findings.rule import Audience, FindingRule
from warehouse.schema.states import Severity

_VALUE_SET_ASIDE = (
    " Die übrigen Angaben der Zeile wurden übernommen; bitte in der Quelle berichtigen."
)
_ROW_REJECTED = (
    " Die Zeile wurde nicht übernommen; bitte in der Quelle berichtigen und neu liefern."
)

# The formatter would join the parts of a text to lines that nobody can read.
# fmt: off
ROW_RULES = (
    FindingRule(
        "key_missing",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Schlüssel fehlt",
        meaning="In der Zeile fehlt die Kennung, an der ein Datensatz wiedererkannt wird. Die "
        "Zeile zählt nicht mit.",
        advice="Im Quellsystem die Kennung ergänzen.",
        sentence="In der Spalte „{column}“ fehlt der Schlüssel." + _ROW_REJECTED,
    ),
    FindingRule(
        "withdrawal_lost",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Widerruf verschwunden",
        meaning="In der Zeile einer Einwilligung stand ein Widerruf, und jetzt steht er nicht mehr "
        "darin. Ob er berichtigt wurde oder verloren ging, kann niemand sehen. Von der Person geht "
        "nichts hinaus, was bis zu seinem Tag erteilt ist.",
        advice="Im Quellsystem den Widerruf wieder eintragen. War er falsch: drehscheibe accept; "
        "eine neue Einwilligung gilt in jedem Fall.",
        sentence="Der Widerruf, der in dieser Zeile stand, kommt nicht mehr mit. Bis jemand "
        "entscheidet (drehscheibe accept) oder die Person neu einwilligt, gilt er weiter.",
    ),
    FindingRule(
        "key_incomplete",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Kennung unvollständig",
        meaning="Die Kennung besteht aus mehreren Spalten, und eine davon ist leer. Der Verweis "
        "wurde nicht übernommen, die Zeile schon.",
        advice="Im Quellsystem die fehlende Angabe ergänzen.",
        sentence="Was in der Spalte „{column}“ steht, nennt niemanden, weil ein anderer Teil der "
        "Kennung fehlt. Der Verweis wurde nicht übernommen; bitte in der Quelle ergänzen.",
    ),
    FindingRule(
        "key_too_long",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Schlüssel zu lang",
        meaning="Die Kennung der Zeile hat mehr Zeichen als jede echte Kennung; vermutlich steht "
        "ein Text in der falschen Spalte. Die Zeile zählt nicht mit.",
        advice="Im Quellsystem die Kennung berichtigen.",
        sentence="Der Schlüssel in der Spalte „{column}“ ist länger als 400 "
        "Zeichen." + _ROW_REJECTED,
    ),
    FindingRule(
        "text_too_long",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Text zu lang",
        meaning="Der Text hat mehr Zeichen, als das Feld aufnimmt; vermutlich gehört er in ein "
        "anderes Feld. Damit kein halber Text gilt, bleibt das Feld leer, die Zeile zählt mit.",
        advice="Im Quellsystem den Text kürzen oder in das richtige Feld eintragen.",
        sentence="Der Text in der Spalte „{column}“ ist länger, als das Feld "
        "aufnimmt." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "key_unreadable",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Schlüssel unlesbar",
        meaning="In der Kennung der Zeile steht ein Zeichen, das nicht zu lesen ist. Zwei "
        "Kennungen könnten gleich aussehen; die Zeile zählt nicht mit.",
        advice="Im Quellsystem die Kennung berichtigen oder den Export mit der Zeichenkodierung "
        "UTF-8 wiederholen.",
        sentence="Der Schlüssel in der Spalte „{column}“ enthält ein unlesbares "
        "Zeichen." + _ROW_REJECTED,
    ),
    FindingRule(
        "key_rounded",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Schlüssel gerundet",
        meaning="Statt der Kennung steht eine gerundete Zahl wie 1,23457E+12 in der Zeile, wie "
        "Excel lange Zahlen zeigt. Viele Kennungen sähen so aus; die Zeile zählt nicht mit.",
        advice="Die Spalte in Excel als Text formatieren, die Kennungen neu aus dem Quellsystem "
        "holen und erst dann speichern; am besten den Export nicht in Excel öffnen.",
        sentence="Der Schlüssel in der Spalte „{column}“ ist eine gerundete Zahl (wie "
        "1,23457E+12) und benennt niemanden; bitte die Spalte als Text führen." + _ROW_REJECTED,
    ),
    FindingRule(
        "key_stand_in",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Schlüssel nennt niemanden",
        meaning="Statt der Kennung steht ein Fehlerwert (#NV, ########) oder ein Wort oder Zeichen "
        "für „keine“ in der Zeile: „-“, „(leer)“, „k. A.“, „unbekannt“. Verschiedene Menschen "
        "hätten dieselbe Kennung; die Zeile zählt nicht mit.",
        advice="Im Quellsystem die Kennung eintragen; Fehlerwerte entstehen in Tabellen mit "
        "Formeln oder zu schmalen Spalten.",
        sentence="In der Spalte „{column}“ steht statt des Schlüssels ein Fehlerwert oder ein "
        "Platzhalter." + _ROW_REJECTED,
    ),
    FindingRule(
        "text_unreadable",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Text mit unlesbarem Zeichen",
        meaning="Im Text steht ein Zeichen, das nicht zu lesen ist. Damit kein Name verfälscht "
        "wird, bleibt das Feld leer, die Zeile zählt mit.",
        advice="Im Quellsystem den Text neu eintragen oder den Export mit der Zeichenkodierung "
        "UTF-8 wiederholen.",
        sentence="Der Text in der Spalte „{column}“ enthält ein unlesbares "
        "Zeichen." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "text_misread",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Text mit falschen Zeichen",
        meaning="Umlaute oder Sonderzeichen wurden beim Speichern oder Übertragen verfälscht, etwa "
        "zu „MÃ¼ller“, „M?ller“, „M%FCller“ oder „Yýlmaz“. Damit kein Name falsch gespeichert wird, bleibt das "
        "Feld leer, die Zeile zählt mit.",
        advice="Im Quellsystem den Text prüfen und berichtigen. Ist er dort richtig, den Export "
        "mit der Zeichenkodierung UTF-8 wiederholen.",
        sentence="Im Text in der Spalte „{column}“ stehen verfälschte Umlaute oder "
        "Sonderzeichen." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "text_perhaps_misread",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Text vielleicht mit falschen Zeichen",
        meaning="Der Text hat Buchstaben, die im Deutschen nicht vorkommen und aus einer falschen "
        "Zeichenkodierung stammen können, etwa „Þahin“ statt „Şahin“ oder „Kovaè“ statt „Kovač“; "
        "oder er lautet „NULL“. Es gibt aber Namen, die so geschrieben werden. Der Text gilt.",
        advice="Im Quellsystem prüfen. Ist er dort anders geschrieben, den Export mit der "
        "Zeichenkodierung UTF-8 wiederholen; sonst nichts zu tun.",
        sentence="Im Text in der Spalte „{column}“ stehen Zeichen, die aus einer falschen "
        "Zeichenkodierung stammen können. Er wurde so übernommen; bitte in der Quelle prüfen.",
    ),
    FindingRule(
        "text_stand_in",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Fehlerwert statt Text",
        meaning="Statt des Textes steht ein Fehlerwert oder ein Zeichen für „nichts“, etwa #NV, "
        "#####, ??? oder <null>. Das Feld bleibt leer, die Zeile zählt mit.",
        advice="Im Quellsystem oder in der Arbeitsmappe den Wert berichtigen, zu schmale Spalten "
        "verbreitern.",
        sentence="In der Spalte „{column}“ steht ein Fehlerwert oder ein Zeichen für „nichts“ "
        "statt eines Textes." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "number_rounded",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Nummer gerundet",
        meaning="Statt einer Nummer oder Kennung steht eine gerundete Zahl wie 1,23457E+12 im "
        "Feld, wie Excel lange Zahlen zeigt. Das Feld bleibt leer, die Zeile zählt mit.",
        advice="Die Spalte in Excel als Text formatieren, die Nummern neu aus dem Quellsystem "
        "holen und erst dann speichern; am besten den Export nicht in Excel öffnen.",
        sentence="In der Spalte „{column}“ steht eine gerundete Zahl (wie 1,23457E+12) und nennt "
        "keine Nummer; bitte die Spalte als Text führen." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "key_repeated",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Schlüssel mehrfach vergeben",
        meaning="Dieselbe Kennung steht in einer früheren Zeile mit anderem Inhalt, oder in einer "
        "anderen Datei der Lieferung. Nur die frühere Zeile zählt; die Meldung nennt die Datei.",
        advice="Im Quellsystem klären, welcher der Datensätze gilt, und die Kennung des anderen "
        "ändern.",
        sentence="Der Schlüssel in der Spalte „{column}“ steht schon {reason}; es gilt die Zeile "
        "dort." + _ROW_REJECTED,
    ),
    FindingRule(
        "nothing_named",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Löschung ohne Kennung",
        meaning="Die Zeile soll einen gelöschten Datensatz nennen, nennt aber keinen. Sie ändert "
        "nichts.",
        advice="Im Quellsystem prüfen, warum dem gelöschten Objekt die Kennung fehlt.",
        sentence="In der Spalte „{column}“ fehlt der Schlüssel: die Zeile nennt keinen Datensatz "
        "und ändert nichts.",
    ),
    FindingRule(
        "repeated",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Wörtliche Wiederholung",
        meaning="Die Zeile steht mehrfach gleich in der Lieferung und zählt nur einmal.",
        advice="Nichts zu tun; bei großer Zahl den Export prüfen.",
        sentence="Die Zeile wiederholt eine frühere Zeile wörtlich und zählt nicht noch einmal.",
    ),
    FindingRule(
        "ragged_row",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Spaltenzahl passt nicht",
        meaning="Die Zeile hat mehr oder weniger Felder als die Kopfzeile, meist wegen eines "
        "Trennzeichens im Text. Sie zählt nicht mit.",
        advice="Das Trennzeichen aus dem Text nehmen oder den Export mit Anführungszeichen "
        "einstellen.",
        sentence="Die Zeile hat mehr oder weniger Felder als die Kopfzeile." + _ROW_REJECTED,
    ),
    FindingRule(
        "rows_disagree",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Widersprüchliche Zeilen",
        meaning="Mehrere Zeilen desselben Vorgangs widersprechen sich. Es gilt die erste; was "
        "die anderen sagen, geht verloren, auch ein Vorgang, der nur denselben Schlüssel trägt.",
        advice="Im Quellsystem prüfen und berichtigen.",
        sentence="Die Zeile hat denselben Schlüssel wie Zeile {first} und sagt etwas anderes "
        "({records}); es gilt die erste. Bitte in der Quelle prüfen; den Schlüssel zeigt: "
        "drehscheibe findings --with-values.",
    ),
    FindingRule(
        "key_reused",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Kennung neu vergeben",
        meaning="Unter der Kennung steht jetzt ein anderer Mensch als in der Lieferung davor. Der "
        "frühere Datensatz endet, der neue ist ein neuer Mensch: Er übernimmt keine Einwilligung "
        "und keine Verknüpfung; was früher unter der Kennung stand, zählt weiter für den früheren.",
        advice="Ist es derselbe Mensch mit berichtigten Angaben, bitte der IT des Landratsamts "
        "melden. Sonst im Quellsystem keine Kennung zweimal vergeben.",
        sentence="Die Kennung gehört jetzt einem anderen Menschen. Der frühere Datensatz endet; "
        "Einwilligungen und Verknüpfungen des früheren Menschen gelten für den neuen nicht.",
    ),
    FindingRule(
        "key_perhaps_reused",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Kennung vielleicht neu vergeben",
        meaning="Mehrere Angaben zur Person haben sich zugleich geändert. Ob die Kennung jetzt "
        "einem anderen Menschen gehört, ist nicht sicher: Der Datensatz gilt weiter, aber auf "
        "Grund früherer Einwilligungen wird nichts weitergegeben.",
        advice="Im Quellsystem prüfen. Ist es derselbe Mensch, eine neue Einwilligung einholen; "
        "sonst den neuen Menschen unter einer neuen Kennung führen.",
        sentence="Name oder Geburtsdatum haben sich so geändert, dass unter der Kennung ein "
        "anderer Mensch stehen kann. Frühere Einwilligungen gelten nicht mehr.",
    ),
    FindingRule(
        "keys_respelled",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Kennungen von Personen anders geschrieben als bisher",
        meaning="Personen fehlen unter ihrer Kennung und stehen unter einer, die sich nur in der "
        "Schreibweise unterscheidet: führende Nullen, „,0“ am Ende, Großbuchstaben. Sie würden "
        "enden und als andere Menschen noch einmal zählen; deshalb wird die Lieferung angehalten.",
        advice="Die Spalte der Kennung als Text führen, den Export nicht in Excel öffnen, und neu "
        "liefern. Gilt die neue Schreibweise auf Dauer, die Lieferung freigeben.",
        sentence="Personen, deren Kennung nur anders geschrieben ist als bisher: {count}, die "
        "erste in dieser Zeile. Sie würden enden und als andere Menschen noch einmal zählen.",
    ),
    FindingRule(
        "person_unknown",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Person unbekannt",
        meaning="Die Zeile nennt eine Person, die in keiner Tabelle der Quelle steht und nie darin "
        "stand. Ein Gespräch zählt mit, aber ohne Gemeinde und ohne einen Menschen, ein Fall als "
        "Mensch ohne Namen; Pläne, Ziele, Einwilligungen und Angaben gehören niemandem.",
        advice="Im Quellsystem die Kennung berichtigen oder die Person mitliefern.",
        sentence="Die Person in der Spalte „{column}“ kennt keine Tabelle der Quelle. Ein "
        "Gespräch zählt ohne Menschen und Gemeinde, ein Fall als Mensch ohne Namen.",
    ),
    FindingRule(
        "person_key_spelled",
        Severity.SET_ASIDE,
        Audience.DISTRICT_IT,
        title="Kennung der Person anders geschrieben",
        meaning="Die Kennung der Person unterscheidet sich nur in der Schreibweise von einer "
        "bekannten: führende Nullen, „,0“ am Ende, Anführungs- oder Gleichheitszeichen, "
        "Großbuchstaben, unsichtbare Zeichen. Ohne Vereinbarung wird sie niemandem zugeordnet.",
        advice="Im Export die Kennung als Text ausgeben. Ist die Schreibweise ohne Bedeutung, in "
        "der Zuordnung as: key angeben.",
        sentence="Die Kennung in der Spalte „{column}“ ist nur anders geschrieben als eine "
        "bekannte. Ein Gespräch zählt ohne Menschen und Gemeinde, ein Fall als Mensch ohne Namen.",
    ),
    FindingRule(
        "person_keys_in_cell",
        Severity.SET_ASIDE,
        Audience.DISTRICT_IT,
        title="Mehrere Personen in einer Zelle",
        meaning="In der Zelle stehen die Kennungen mehrerer bekannter Personen, getrennt durch "
        "ein Zeichen, das nicht vereinbart ist. Die Zeile wird niemandem zugeordnet.",
        advice="Die Kennungen mit dem vereinbarten Zeichen trennen oder das Zeichen in der "
        "Zuordnung unter split ergänzen.",
        sentence="In der Spalte „{column}“ stehen mehrere Kennungen in einer Zelle, nicht mit "
        "einem vereinbarten Zeichen getrennt. Die Zeile zählt mit, aber für keinen Menschen und "
        "keine Gemeinde.",
    ),
    FindingRule(
        "persons_unknown",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Viele Personen unbekannt",
        meaning="Sehr viele Zeilen einer Tabelle nennen Personen, die in keiner Tabelle der Quelle "
        "stehen. Die ersten sind einzeln genannt.",
        advice="Prüfen, ob die Tabelle der Personen vollständig ist und dieselben Kennungen hat.",
        sentence="Weitere Zeilen nennen in der Spalte „{column}“ Personen, die keine Tabelle der "
        "Quelle so kennt: {count}.",
    ),
    FindingRule(
        "person_key_matched",
        Severity.NOTICE,
        Audience.DISTRICT_IT,
        title="Kennungen ohne Rücksicht auf die Schreibweise zugeordnet",
        meaning="Zeilen nennen eine Person mit anders geschriebener Kennung. Wie in der Zuordnung "
        "vereinbart (as: key), zählen sie für die Person, die als einzige gemeint sein kann.",
        advice="Nichts zu tun; besser ist, die Kennung im Export als Text auszugeben.",
        sentence="Zeilen mit anders geschriebener Kennung wurden der einzigen Person zugeordnet, "
        "die gemeint sein kann: {count}.",
    ),
    FindingRule(
        "required_date_unreadable",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Pflichtdatum unlesbar",
        meaning="Ohne lesbares Datum gehört ein Gespräch zu keinem Zeitraum. Die Zeile zählt "
        "nicht mit.",
        advice="Im Quellsystem das Datum berichtigen.",
        sentence="Das Datum in der Spalte „{column}“ ist nötig, aber kein "
        "gültiger Kalendertag." + _ROW_REJECTED,
    ),
    FindingRule(
        "required_missing",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Notwendige Angabe fehlt",
        meaning="Ohne diese Angabe ist die Zeile nicht brauchbar. Sie zählt nicht mit.",
        advice="Im Quellsystem ergänzen.",
        sentence="Die Angabe in der Spalte „{column}“ ist nötig und fehlt." + _ROW_REJECTED,
    ),
    FindingRule(
        "required_unreadable",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Notwendige Angabe unlesbar",
        meaning="Ohne diese Angabe ist die Zeile nicht brauchbar. Sie zählt nicht mit.",
        advice="Im Quellsystem berichtigen.",
        sentence="Die Angabe in der Spalte „{column}“ ist nötig, aber nicht "
        "lesbar oder zu lang." + _ROW_REJECTED,
    ),
    FindingRule(
        "impossible_date",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Unmögliches Datum",
        meaning="Den Tag gibt es im Kalender nicht, zum Beispiel den 31. Juni. Das Feld bleibt "
        "leer, die Zeile zählt mit.",
        advice="Im Quellsystem das Datum berichtigen.",
        sentence="Den Kalendertag in der Spalte „{column}“ gibt es nicht." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "placeholder_date",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Platzhalter statt Datum",
        meaning="Ein Platzhalter wie 01.01.1900 steht anstelle eines Datums. Das Feld gilt als "
        "leer, die Zeile zählt mit.",
        advice="Im Quellsystem das richtige Datum eintragen oder das Feld leeren.",
        sentence="Das Datum in der Spalte „{column}“ ist ein Platzhalter und "
        "gilt als leer." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "imprecise_date",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Unvollständiges Datum",
        meaning="Tag oder Monat fehlen. Das Feld bleibt leer, die Zeile zählt mit.",
        advice="Im Quellsystem das ganze Datum eintragen.",
        sentence="In der Spalte „{column}“ steht kein ganzes Datum (Tag, "
        "Monat, Jahr)." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "unreadable_date",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Kein Datum",
        meaning="Im Feld steht etwas anderes als ein Datum. Das Feld bleibt leer, die Zeile zählt "
        "mit.",
        advice="Im Quellsystem das Datum eintragen.",
        sentence="Die Angabe in der Spalte „{column}“ ist kein Datum." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "future_date",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Datum in der Zukunft",
        meaning="Das Datum liegt nach dem Tag der Lieferung. Das Feld bleibt leer, die Zeile "
        "zählt mit.",
        advice="Im Quellsystem das Datum berichtigen.",
        sentence="Das Datum in der Spalte „{column}“ liegt nach dem Tag der "
        "Lieferung." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "date_too_early",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Datum zu früh",
        meaning="Das Datum liegt vor dem frühesten Tag, der in diesem Feld stehen kann, "
        "vermutlich ein Schreibfehler im Jahr (0204 statt 2024). Das Feld bleibt leer, die Zeile "
        "zählt mit. Die Grenzen stehen in mappings/days.yaml.",
        advice="Im Quellsystem das Datum berichtigen. Ist es richtig, in der Konfiguration unter "
        "days eine andere Grenze nennen.",
        sentence="Das Datum in der Spalte „{column}“ liegt vor dem frühesten Tag, der dort stehen "
        "kann." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "date_too_late",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Datum zu spät",
        meaning="Das Datum liegt nach dem spätesten Tag, der in diesem Feld stehen kann, "
        "vermutlich ein Schreibfehler im Jahr (2204 statt 2024). Das Feld bleibt leer, die Zeile "
        "zählt mit. Die Grenzen stehen in mappings/days.yaml.",
        advice="Im Quellsystem das Datum berichtigen. Ist es richtig, in der Konfiguration unter "
        "days eine andere Grenze nennen.",
        sentence="Das Datum in der Spalte „{column}“ liegt nach dem spätesten Tag, der dort stehen "
        "kann." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "other_calendar",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Datum in anderem Kalender",
        meaning="Das Jahr ist vermutlich eines des iranisch-afghanischen oder des islamischen "
        "Kalenders (1363, 1403). Es wird nicht umgerechnet, weil Tag und Monat dort andere sind. "
        "Das Feld bleibt leer, die Zeile zählt mit.",
        advice="Im Quellsystem das Datum nach unserem Kalender eintragen.",
        sentence="Das Jahr in der Spalte „{column}“ ist vermutlich eines eines anderen "
        "Kalenders." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "end_before_begin",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Ende vor dem Beginn",
        meaning="Der Tag liegt vor dem, an dem es begonnen hat. Das Feld bleibt leer, die Zeile "
        "zählt mit.",
        advice="Im Quellsystem prüfen, welcher der beiden Tage falsch ist.",
        sentence="Das Datum in der Spalte „{column}“ liegt vor dem Beginn." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "case_end_unreadable",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Fall mit unlesbarem Ende",
        meaning="Das Ende des Falls ist eingetragen und nicht zu lesen oder nicht möglich. Der "
        "Fall zählt bei den Klientinnen und Klienten weiter als offen; um so viele können sie zu "
        "hoch sein. Für die Weitergabe gilt er als beendet.",
        advice="Im Quellsystem das Ende berichtigen.",
        sentence="Das Ende des Falls in der Spalte „{column}“ ist nicht lesbar; er zählt bis zur "
        "Berichtigung weiter als offen.",
    ),
    FindingRule(
        "required_date_implausible",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Pflichtdatum nicht möglich",
        meaning="Das nötige Datum liegt außerhalb der Tage, die in diesem Feld stehen können: nach "
        "dem Tag der Lieferung, lange vor jeder Betreuung, oder in einem anderen Kalender. Die "
        "Zeile zählt nicht mit. Die Grenzen stehen in mappings/days.yaml.",
        advice="Im Quellsystem das Datum berichtigen. Ist es richtig, in der Konfiguration unter "
        "days eine andere Grenze nennen.",
        sentence="Das Datum in der Spalte „{column}“ ist nötig, kann dort aber nicht "
        "stehen." + _ROW_REJECTED,
    ),
    FindingRule(
        "unreadable_number",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Keine Zahl",
        meaning="Im Feld steht keine brauchbare Zahl. Das Feld bleibt leer, die Zeile zählt mit.",
        advice="Im Quellsystem die Zahl eintragen.",
        sentence="Die Angabe in der Spalte „{column}“ ist keine brauchbare "
        "Zahl." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "hours_or_minutes",
        Severity.SET_ASIDE,
        Audience.DISTRICT_IT,
        title="Stunden oder Minuten",
        meaning="Eine Dauer wie „1,5“ hat keine Einheit und kann Stunden meinen. Das Feld bleibt "
        "leer, die Zeile zählt mit. Ist keine Zahl der Spalte größer als 24, gilt das auch für "
        "ganze Zahlen wie „2“.",
        advice="Sind es Stunden, im Mapping am Feld as: hours angeben; sonst die Dauer im Export in "
        "ganzen Minuten oder mit Einheit ausgeben („1,5 Std.“).",
        sentence="Die Dauer in der Spalte „{column}“ hat keine Einheit und kann Stunden oder "
        "Minuten meinen." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "unknown_code",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Unbekannter Auswahlwert",
        meaning="Der Wert steht in keiner vereinbarten Auswahlliste und zählt in keiner Kategorie "
        "mit.",
        advice="Im Quellsystem einen vereinbarten Wert wählen; ist der Wert richtig, bitte der IT "
        "des Landratsamts melden. Sie trägt ihn in die Schlüsselliste ein, den Namen einer "
        "Gemeinde in die Konfiguration (municipalities, andere Schreibungen unter also).",
        sentence="Der Wert in der Spalte „{column}“ ist in der Schlüsselliste nicht bekannt und "
        "zählt nirgends. Die übrigen Angaben der Zeile wurden übernommen; bitte in der Quelle "
        "berichtigen oder, ist er richtig, in der Zuordnung (values) ergänzen, eine Gemeinde in "
        "der Konfiguration (municipalities: also).",
    ),
    FindingRule(
        "preamble_missing",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Angabe über der Tabelle fehlt",
        meaning="Über der Tabelle fehlt eine Angabe, die für alle ihre Zeilen gilt (zum Beispiel "
        "die Gemeinde), oder sie ist anders beschriftet. Das Feld bleibt in allen Zeilen leer, "
        "die Zeilen zählen mit.",
        advice="Die Angabe mit ihrer Beschriftung über die Tabelle schreiben. Ist die andere "
        "Beschriftung auf Dauer so gewollt, in der Zuordnung unter also nennen.",
        sentence="Über der Tabelle fehlt die Angabe „{column}“, oder sie ist anders beschriftet. "
        "In allen Zeilen der Tabelle bleibt sie leer; bitte in der Quelle ergänzen.",
    ),
    FindingRule(
        "no_official_number",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Keine amtliche Nummer",
        meaning="Statt einer amtlichen Nummer steht ein Platzhalter im Feld (zum Beispiel "
        "„beantragt“, „k. A.“ oder „000000“), oder die Angabe hat nicht die Form einer solchen "
        "Nummer. Das Feld bleibt leer, die Zeile zählt mit; mit anderen Datensätzen verbindet "
        "die Angabe niemanden.",
        advice="Im Quellsystem die Nummer eintragen oder das Feld leeren.",
        sentence="Die Angabe in der Spalte „{column}“ ist keine amtliche Nummer einer "
        "Person." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "no_purpose",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Einwilligung ohne Zweck",
        meaning="Statt eines Zwecks steht ein Platzhalter im Feld (zum Beispiel „-“, „k. A.“ oder "
        "„entfällt“). Das Feld bleibt leer, die Zeile zählt mit; ohne Zweck wird auf Grund der "
        "Einwilligung nichts weitergegeben.",
        advice="Im Quellsystem den Zweck eintragen, wie er in der Einwilligung steht.",
        sentence="Die Angabe in der Spalte „{column}“ ist kein Zweck." + _VALUE_SET_ASIDE,
    ),
    FindingRule(
        "error_value",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Excel-Fehlerwert",
        meaning="In der Zelle steht ein Fehlerwert wie #NV. Das Feld bleibt leer, die Zeile zählt "
        "mit.",
        advice="In der Arbeitsmappe die Formel oder den Wert berichtigen.",
    ),
    FindingRule(
        "formula_without_value",
        Severity.SET_ASIDE,
        Audience.SOURCE,
        title="Formel ohne Ergebnis",
        meaning="Zu der Formel ist kein Ergebnis gespeichert. Das Feld bleibt leer, die Zeile "
        "zählt mit.",
        advice="Die Arbeitsmappe in Excel öffnen, berechnen lassen und speichern.",
    ),
)
