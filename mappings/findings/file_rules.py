"""Rules about files and tables that could not be read; what was known of them stays."""

from __future__ import annotations

from mappings.findings.rule import Audience, FindingRule
from warehouse.schema.states import Severity

_STILL_VALID = " Die Datei wurde nicht übernommen; was bisher bekannt war, gilt weiter."
_TABLE_STILL_VALID = " Die Tabelle wurde nicht übernommen; was bisher bekannt war, gilt weiter."

# The formatter would join the parts of a text to lines that nobody can read.
# fmt: off
FILE_RULES = (
    FindingRule(
        "table_missing",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Datei fehlt",
        meaning="Eine vereinbarte Datei ist nicht in der Lieferung. Was bisher bekannt war, gilt "
        "weiter.",
        advice="Die Lieferung vollständig wiederholen.",
        sentence="In der Lieferung fehlt eine erwartete Tabelle. Bisher Bekanntes bleibt stehen; "
        "bitte vollständig neu liefern.",
    ),
    FindingRule(
        "consents_unread",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="Mögliche Einwilligungen nicht gelesen",
        meaning="Eine Datei, ein Blatt, eine Spalte oder eine Zeile kann Einwilligungen oder "
        "Widerrufe enthalten und wurde nicht gelesen. Bis eine vollständige Lieferung ganz gelesen "
        "wird, geht von den Personen, die gemeint sein können, nichts hinaus; sind sie nicht zu "
        "erkennen, von niemandem aus dieser Quelle. Sagt es die Notiz eines Gesprächs, so gilt, "
        "was die Person nach dessen Tag erteilt.",
        advice="In die vereinbarte Tabelle eintragen oder in der Zuordnung ergänzen. Enthält es "
        "keine Einwilligungen, in der Zuordnung unter ignore nennen oder umbenennen; war es kein "
        "Widerruf: drehscheibe accept.",
        sentence="Nicht gelesen wurde: {reason}. Es kann ein Widerruf darunter sein; deshalb wird "
        "nichts weitergegeben, was er betreffen kann.",
    ),
    FindingRule(
        "consents_unfed",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="Einwilligungen werden nicht mehr gelesen",
        meaning="Aus früheren Lieferungen sind Einwilligungen bekannt, die Zuordnung liest sie aber "
        "nicht mehr. Ein Widerruf bliebe unbemerkt; deshalb geht aus dieser Quelle nichts hinaus, "
        "und eine vollständige Lieferung, die sie beenden würde, wird angehalten.",
        advice="Die Einwilligungen wieder in die Zuordnung aufnehmen. Sollen sie enden, die "
        "angehaltene vollständige Lieferung annehmen (drehscheibe accept).",
        sentence="Die Zuordnung liest Einwilligungen nicht mehr, die bekannt sind. "
        "Deshalb wird nichts weitergegeben.",
    ),
    FindingRule(
        "sheet_missing",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Tabelle fehlt",
        meaning="Ein vereinbartes Blatt oder eine vereinbarte Tabelle fehlt, oder ein Blatt, das "
        "zuletzt dabei war. Was bisher bekannt war, gilt weiter.",
        advice="Die Lieferung vollständig wiederholen. Kommt ein Blatt nicht mehr, in der "
        "Zuordnung unter ignore nennen.",
    ),
    FindingRule(
        "part_unread",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Weiteres Blatt mit derselben Kopfzeile",
        meaning="Ein sichtbares Blatt, eine Tabelle oder eine Objektliste hat die Kopfzeile einer "
        "vereinbarten Tabelle, gehört aber nicht zu ihr und wurde nicht gelesen. Der übrige "
        "Inhalt der Tabelle zählt mit; kein Datensatz von ihr endet durch diese Lieferung.",
        advice="Gehören die Zeilen dazu, bitte in das vereinbarte Blatt übernehmen, oder in der "
        "Zuordnung unter table ein Muster für mehrere Blätter nennen, etwa „Quartal *“. Sonst das "
        "Blatt ausblenden oder löschen, oder in der Zuordnung unter ignore nennen.",
        sentence="„{reason}“ hat die Kopfzeile einer vereinbarten Tabelle und Zeilen darunter, "
        "wurde aber nicht gelesen. Kein Datensatz dieser Tabelle endet durch diese Lieferung; "
        "bitte die Zeilen übernehmen, das Blatt ausblenden oder in der Zuordnung unter ignore "
        "nennen.",
    ),
    FindingRule(
        "copied_table",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Kopie einer Datei",
        meaning="Die Datei heißt wie die Kopie einer anderen Datei der Lieferung und enthält "
        "dieselben Kennungen mit anderem Inhalt. Gelesen wurde die Datei ohne den Zusatz im Namen, "
        "die Kopie nicht; kein Datensatz der Tabelle endet durch diese Lieferung.",
        advice="Prüfen, welche der Dateien gilt, und die andere aus der Lieferung nehmen.",
        sentence="Die Datei sieht nach einer Kopie von „{reason}“ aus und enthält dieselben "
        "Schlüssel. Sie wurde nicht gelesen; kein Datensatz ihrer Tabelle endet durch diese "
        "Lieferung. Bitte nur die gültige der Dateien liefern.",
    ),
    FindingRule(
        "table_read_twice",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="Zwei Tabellen der Zuordnung lesen dieselben Zeilen",
        meaning="Zwei Tabellen der Zuordnung passen auf dieselbe Datei oder dasselbe Blatt. Gelesen "
        "wurde nur die erste; was die zweite liest, ist nicht übernommen, und was bisher bekannt "
        "war, gilt weiter.",
        advice="In der Zuordnung die beiden zu einer Tabelle zusammenführen: eine Tabelle kann "
        "mehrere Entitäten füllen, jede mit eigenem Schlüssel (key), und Themen aus mehreren "
        "Spalten lesen (each). Danach neu liefern oder drehscheibe reread.",
        sentence="Dieselben Zeilen liest schon die Tabelle „{reason}“ der Zuordnung; diese Tabelle wurde "
        "nicht gelesen. Bitte in der Zuordnung zu einer Tabelle zusammenführen.",
    ),
    FindingRule(
        "column_missing",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Spalte fehlt",
        meaning="Eine vereinbarte Spalte ist nicht in der Lieferung; die Tabelle wurde nicht "
        "übernommen.",
        advice="Den Export wieder mit allen vereinbarten Spalten erstellen.",
    ),
    FindingRule(
        "duplicate_header",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Spaltenüberschrift doppelt",
        meaning="Zwei Spalten haben dieselbe Überschrift; welche gemeint "
        "ist, lässt sich nicht entscheiden." + _TABLE_STILL_VALID,
        advice="Im Export eine der beiden Spalten umbenennen oder weglassen. Sind beide nötig, "
        "bitte der IT des Landratsamts melden.",
    ),
    FindingRule(
        "block_unlike",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Weiterer Block mit anderen Spalten",
        meaning="Unter der Tabelle beginnt ein weiterer Block, dessen Kopfzeile andere Spalten "
        "nennt als die erste, oder für den eine andere Angabe gilt (zum Beispiel eine andere "
        "Gemeinde)." + _TABLE_STILL_VALID,
        advice="Alle Blöcke mit den gleichen Spalten exportieren oder jeden in einer eigenen "
        "Datei liefern.",
    ),
    FindingRule(
        "header_row_missing",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="Kopfzeile nicht gefunden",
        meaning="In der Zeile, in der die Spaltenüberschriften stehen "
        "sollen, beginnt keine Kopfzeile." + _TABLE_STILL_VALID,
        advice="Den Export wieder wie vereinbart aufbauen. Hat sich der Aufbau auf Dauer "
        "geändert, in der Zuordnung die Angabe header_row anpassen.",
    ),
    FindingRule(
        "rows_rejected",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Die meisten Zeilen abgelehnt",
        meaning="Von einer Tabelle wurden mehr Zeilen abgelehnt als erlaubt, meist weil sich der "
        "Export geändert hat. Die lesbaren Zeilen wurden übernommen, aber die Lieferung ist "
        "unvollständig, und nichts endet durch die Tabelle.",
        advice="Die abgelehnten Zeilen ansehen und den Export berichtigen.",
        sentence="Von den Zeilen der Tabelle wurden mehr abgelehnt als erlaubt: {count}. Die "
        "Tabelle gilt als unvollständig; was bisher bekannt war, gilt weiter.",
    ),
    FindingRule(
        "codes_unknown",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="Die meisten Werte einer Spalte unbekannt",
        meaning="In einer Spalte mit Auswahlwerten wurden mehr Werte nicht verstanden als erlaubt, "
        "meist weil das System andere Wörter oder ein anderes Trennzeichen schreibt. Was "
        "verstanden wurde, wurde übernommen, aber die Lieferung ist unvollständig, und nichts "
        "endet durch die Tabelle.",
        advice="In der Zuordnung das Trennzeichen (split) und die Wörter (values) der Spalte mit "
        "dem Export vergleichen, dann: drehscheibe reread.",
        sentence="In der Spalte „{column}“ wurden {count} Werten nicht verstanden. Die Tabelle "
        "gilt als unvollständig; was bisher bekannt war, gilt weiter. Bitte Trennzeichen und "
        "Wörter der Zuordnung prüfen.",
    ),
    FindingRule(
        "file_missing",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Datei einer früheren Lieferung fehlt",
        meaning="Eine Datei, die zuletzt geliefert wurde, ist nicht in der Lieferung, zum Beispiel "
        "die Arbeitsmappe einer von mehreren Gemeinden. Die Lieferung ist unvollständig; was "
        "bisher bekannt war, gilt weiter.",
        advice="Die Datei nachliefern. Heißt sie jetzt anders, ist sie geteilt oder kommt sie nicht "
        "mehr, bitte der IT des Landratsamts melden; sie trägt es in der Zuordnung unter exports "
        "ein.",
        sentence="Die Datei kam zuletzt und fehlt in dieser Lieferung. Bisher Bekanntes bleibt "
        "stehen; bitte vollständig neu liefern.",
    ),
    FindingRule(
        "empty_file",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Leere Datei",
        meaning="Die Datei hat keinen Inhalt, meist weil der Export abgebrochen "
        "ist." + _STILL_VALID,
        advice="Den Export wiederholen und die Datei vor dem Ablegen einmal öffnen.",
    ),
    FindingRule(
        "broken_file",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Datei beschädigt",
        meaning="Die Datei ist unvollständig oder beschädigt, zum Beispiel weil "
        "die Übertragung abgebrochen ist." + _STILL_VALID,
        advice="Den Export wiederholen und die Datei vollständig übertragen.",
    ),
    FindingRule(
        "broken_page",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="Abruf aus enaio beschädigt",
        meaning="Eine aus enaio abgerufene Seite ist beschädigt oder wurde "
        "umbenannt." + _STILL_VALID,
        advice="Den Abruf aus enaio wiederholen und abgerufene Dateien nicht verändern.",
    ),
    FindingRule(
        "unreadable_file",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="Datei nicht zugänglich",
        meaning="Die Datei lässt sich nicht öffnen: Es gibt sie nicht, oder die Leserechte "
        "fehlen. Kommt nur beim Befehl „drehscheibe read“ vor.",
        advice="Pfad und Rechte prüfen.",
        sentence="Die Datei lässt sich nicht lesen ({reason}). Bitte Pfad und Rechte prüfen.",
    ),
    FindingRule(
        "refused_file",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="Datei abgewiesen",
        meaning="Im Ordner der Lieferung liegt etwas, das nicht geöffnet wird: eine Datei mit "
        "unlesbarem Namen, eine Verknüpfung aus dem Ordner hinaus, eine Pipe oder ein Gerät. Was "
        "darin steht, ist unbekannt: Die Lieferung gilt nicht als vollständig, und kein Datensatz "
        "endet durch sie.",
        advice="Die Datei umbenennen oder selbst liefern, oder sie aus dem Ordner nehmen.",
        sentence="Die Datei wurde nicht geöffnet. {reason} Kein Datensatz endet durch diese "
        "Lieferung.",
    ),
    FindingRule(
        "too_large",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="Datei zu groß",
        meaning="Die Datei ist größer als erlaubt: in Bytes (auch ausgepackt), "
        "Zeilen, Spalten oder Verschachtelung." + _STILL_VALID,
        advice="In der Arbeitsmappe leere Zeilen und Spalten löschen oder den Export teilen. "
        "Ist die Größe richtig, in der Konfiguration unter limits die Grenze anheben.",
    ),
    FindingRule(
        "encoding",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Zeichenkodierung unklar",
        meaning="Umlaute und Sonderzeichen der Datei lassen sich nicht sicher lesen. Damit kein "
        "Name verfälscht wird, wurde die Datei nicht übernommen; was bisher bekannt war, gilt "
        "weiter.",
        advice="Den Export mit der Zeichenkodierung UTF-8 wiederholen. Geht das nicht, bitte der "
        "IT des Landratsamts melden, in welcher Kodierung das Quellsystem schreibt.",
    ),
    FindingRule(
        "encrypted",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Datei mit Kennwort",
        meaning="Die Arbeitsmappe ist mit einem Kennwort geschützt und ließ sich "
        "nicht öffnen." + _STILL_VALID,
        advice="Die Arbeitsmappe ohne Kennwort speichern und neu ablegen, oder das Kennwort bei "
        "der IT des Landratsamts hinterlegen lassen.",
    ),
    FindingRule(
        "password",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="Kennwort passt nicht",
        meaning="Das hinterlegte Kennwort öffnet die Arbeitsmappe nicht; "
        "vermutlich wurde es in der Quelle geändert." + _STILL_VALID,
        advice="Das neue Kennwort beim Träger erfragen und für die Quelle hinterlegen.",
    ),
    FindingRule(
        "unknown_format",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Dateiart nicht lesbar",
        meaning="Die Datei ist keine Tabelle, sondern zum Beispiel ein PDF, ein Bild oder ein "
        "Archiv, oder eine binäre Arbeitsmappe (.xlsb)." + _STILL_VALID,
        advice="Als Excel-Arbeitsmappe (.xlsx), CSV oder XML exportieren und entpackt ablegen.",
    ),
    FindingRule(
        "html",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Webseite statt Tabelle",
        meaning="Die Datei ist eine Webseite ohne die gesuchte Tabelle, auch wenn ihr Name anders "
        "endet; oft ist es die Anmeldeseite des Quellsystems." + _STILL_VALID,
        advice="Am Quellsystem neu anmelden und den Export wiederholen, oder die Datei in Excel "
        "öffnen und als .xlsx speichern.",
    ),
    FindingRule(
        "doctype",
        Severity.REJECTED,
        Audience.DISTRICT_IT,
        title="XML-Datei mit DOCTYPE",
        meaning="Die XML-Datei enthält eine DOCTYPE-Angabe, mit der sich fremde Inhalte "
        "einschleusen lassen. Sie wurde aus Sicherheitsgründen nicht übernommen; was bisher "
        "bekannt war, gilt weiter.",
        advice="Den Export ohne DOCTYPE erstellen. Schreibt das Quellsystem sie immer, bitte mit "
        "dem Hersteller klären.",
    ),
    FindingRule(
        "xml_2003",
        Severity.REJECTED,
        Audience.SOURCE,
        title="XML-Kalkulationstabelle ohne Inhalt",
        meaning="Die XML-Kalkulationstabelle 2003 enthält in den sichtbaren "
        "Blättern keine Zellen." + _STILL_VALID,
        advice="Den Export wiederholen oder die Datei in Excel als .xlsx speichern.",
    ),
    FindingRule(
        "xml_unknown",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Unbekanntes XML-Format",
        meaning="Die XML-Datei ist kein Datenexport aus enaio oder enthält keine "
        "Objekte." + _STILL_VALID,
        advice="In enaio den Datenexport als XML im linearen Format (LOL) wiederholen.",
    ),
    FindingRule(
        "json_unknown",
        Severity.REJECTED,
        Audience.SOURCE,
        title="JSON-Datei ohne Felder",
        meaning="Die JSON-Datei enthält keine Zeilen mit benannten Feldern." + _STILL_VALID,
        advice="Als JSON-Zeilen exportieren: je Datensatz ein Objekt mit Feldnamen.",
    ),
    FindingRule(
        "widths_in_bytes",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Feldlängen in Bytes",
        meaning="Die festen Feldlängen zählen Bytes statt Zeichen. Hinter jedem Umlaut wären die "
        "Spalten verschoben und Namen falsch." + _STILL_VALID,
        advice="Den Export in der Zeichenkodierung Windows-1252 wiederholen, oder im Quellsystem "
        "die Längen in Zeichen zählen lassen.",
    ),
    FindingRule(
        "description",
        Severity.REJECTED,
        Audience.SOURCE,
        title="Feldbeschreibung fehlt",
        meaning="Die Beschreibung der Felder, ohne die sich die Datei nicht in Spalten teilen "
        "lässt, fehlt in der Lieferung oder ist nicht lesbar." + _STILL_VALID,
        advice="Die Beschreibungsdatei mitliefern, wie enaio sie beim Export schreibt. Gibt es "
        "keine, bitte der IT des Landratsamts melden.",
    ),
)
