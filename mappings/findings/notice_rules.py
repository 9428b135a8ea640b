"""Rules that stop nothing: what was left out, removed or assumed while reading a delivery."""

from __future__ import annotations

from mappings.findings.rule import Audience, FindingRule
from warehouse.schema.states import Severity

_ONLY_READ = " Kommt nur beim Befehl „drehscheibe read“ vor."

# The formatter would join the parts of a text to lines that nobody can read.
# fmt: off
NOTICE_RULES = (
    FindingRule(
        "erased_person",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Gelöschte Person ausgelassen",
        meaning="Die Lieferung enthält Zeilen von Personen, deren Daten auf ihr Verlangen gelöscht "
        "wurden. Sie wurden nicht übernommen und aus der aufbewahrten Datei entfernt.",
        advice="Bitte prüfen, ob die Person auch im Fachverfahren zu löschen ist.",
        sentence="{count} Zeilen gehören zu Personen, die auf Verlangen gelöscht wurden; sie "
        "blieben außen vor. Bitte prüfen, ob auch das Fachverfahren sie löschen muss.",
    ),
    FindingRule(
        "unknown_column",
        Severity.NOTICE,
        Audience.DISTRICT_IT,
        title="Unbekannte Spalte",
        meaning="Die Lieferung enthält eine Spalte, die nicht zugeordnet ist. Ihr Inhalt wird "
        "nicht übernommen; wo der Kreis Daten weitergibt, wird er nach Widerrufen durchsucht.",
        advice="Wird die Spalte gebraucht, bitte der IT des Landratsamts melden.",
        sentence="Die Spalte „{column}“ kennt die Zuordnung nicht; ihr Inhalt wird nicht "
        "übernommen. Wird sie gebraucht, bitte dort ergänzen.",
    ),
    FindingRule(
        "nested_rows",
        Severity.NOTICE,
        Audience.DISTRICT_IT,
        title="Feld mit eigenen Zeilen",
        meaning="In einem Feld der JSON-Datei steht eine Liste mit eigenen Angaben (zum Beispiel "
        "alle Gespräche einer Person). Solche Listen werden nicht gelesen, auch nicht, was in ihren "
        "Zeilen wieder an Listen steht.",
        advice="Den Export so einstellen, dass jede Liste eine eigene Datei wird, deren Zeilen die "
        "Kennung nennen, zu der sie gehören. Soll sie außen vor bleiben, das Feld in der "
        "Zuordnung unter ignore nennen.",
        sentence="Das Feld „{column}“ enthält eigene Zeilen; weder sie noch Listen darin wurden "
        "gelesen. Bitte als "
        "eigene Datei liefern, deren Zeilen die Kennung nennen, zu der sie gehören.",
    ),
    FindingRule(
        "unknown_file",
        Severity.NOTICE,
        Audience.DISTRICT_IT,
        title="Unbekannte Datei",
        meaning="Die Datei gehört zu keiner vereinbarten Tabelle und wurde nicht gelesen.",
        advice="Bitte mit der IT des Landratsamts klären.",
        sentence="Die Datei gehört zu keiner Tabelle der Zuordnung und wurde nicht gelesen; ihre "
        "Bytes sind aufbewahrt.",
    ),
    FindingRule(
        "footer",
        Severity.NOTICE,
        Audience.COORDINATION,
        title="Summenzeile ausgelassen",
        meaning="Unter den Daten steht eine Summen- oder Fußzeile. Sie zählt nicht mit.",
        advice="Nichts zu tun.",
    ),
    FindingRule(
        "repeated_header",
        Severity.NOTICE,
        Audience.COORDINATION,
        title="Kopfzeile wiederholt",
        meaning="Mitten in den Daten steht die Kopfzeile noch einmal, ganz oder zum Teil, oder eine "
        "Zeile, die die Spalten nummeriert oder beschreibt. Sie zählt nicht mit.",
        advice="Nichts zu tun.",
    ),
    FindingRule(
        "same_file",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Dieselbe Datei zweimal",
        meaning="Die Datei gleicht einer anderen der Lieferung Byte für Byte. Sie wurde nur einmal "
        "gelesen.",
        advice="Die Kopie aus der Lieferung nehmen.",
        sentence="Die Datei gleicht „{reason}“ Byte für Byte und wurde nicht noch einmal gelesen.",
    ),
    FindingRule(
        "copy_with_other_keys",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Datei wie eine Kopie, mit anderen Zeilen",
        meaning="Die Datei heißt wie die Kopie einer anderen Datei der Lieferung, enthält aber "
        "andere Kennungen. Sie wurde mitgelesen, ihre Zeilen zählen mit.",
        advice="Prüfen, ob die Datei zur Lieferung gehört; sonst herausnehmen.",
        sentence="Die Datei heißt wie eine Kopie von „{reason}“, enthält aber andere Schlüssel; "
        "sie wurde mitgelesen. Bitte prüfen, ob sie zur Lieferung gehört.",
    ),
    FindingRule(
        "same_person_twice",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Vermutlich derselbe Mensch zweimal",
        meaning="Zwei Datensätze der Quelle stimmen in Name, Geburtsdatum und Geschlecht überein "
        "oder tragen dieselbe amtliche Nummer. Sie zählen als zwei Personen, bis die Quelle sie "
        "zusammenführt.",
        advice="Im Quellsystem prüfen; ist es derselbe Mensch, dort zusammenführen.",
        sentence="Der Datensatz gehört vermutlich zu demselben Menschen wie der in {reason}. Beide "
        "zählen als zwei Personen; bitte in der Quelle prüfen.",
    ),
    FindingRule(
        "long_before_case",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Tage lange vor dem ersten Fall",
        meaning="Gespräche oder Integrationspläne liegen Jahre vor dem Beginn des frühesten Falls "
        "ihrer Person (years_before_case, sonst 2 Jahre), meist durch ein verschriebenes Jahr. Sie "
        "zählen an diesem Tag.",
        advice="Die genannten Zeilen im Quellsystem prüfen und Tag oder Fallbeginn berichtigen.",
        sentence="Von {count} Gesprächen oder Plänen liegt der Tag mehr als {reason}. Sie zählen an "
        "diesem Tag; bitte in der Quelle prüfen, ob das Jahr stimmt.",
    ),
    FindingRule(
        "title_row",
        Severity.NOTICE,
        Audience.COORDINATION,
        title="Überschrift zwischen den Zeilen",
        meaning="Zwischen den Daten steht eine Zeile, die nur eine Überschrift oder eine Seitenzahl "
        "enthält. Sie zählt nicht mit.",
        advice="Prüfen, ob es wirklich eine Überschrift ist; ein Datensatz braucht mehr als seinen "
        "Schlüssel.",
    ),
    FindingRule(
        "second_block",
        Severity.NOTICE,
        Audience.COORDINATION,
        title="Weiterer Block mit anderer Spaltenfolge",
        meaning="Unter der Tabelle beginnt ein weiterer Block, dessen Kopfzeile die Spalten in "
        "anderer Folge nennt. Seine Zeilen wurden nach dieser Kopfzeile gelesen und zählen mit.",
        advice="Nichts zu tun.",
    ),
    FindingRule(
        "footer_like",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Zeile wie eine Summenzeile",
        meaning="Der Schlüssel der Zeile ist ein Wort wie in einer Summen-, Fuß- oder Kopfzeile, "
        "oder er besteht anders als die übrigen aus Wörtern. Die Zeile enthält aber Daten und zählt "
        "mit.",
        advice="Ist es eine Summenzeile, bitte aus dem Export nehmen; sonst nichts zu tun.",
    ),
    FindingRule(
        "several_tables",
        Severity.NOTICE,
        Audience.COORDINATION,
        title="Mehrere Tabellen in einer Datei",
        meaning="Die Datei enthält mehrere Tabellen untereinander. Jede wurde für sich gelesen, "
        "alle Zeilen zählen mit.",
        advice="Nichts zu tun.",
    ),
    FindingRule(
        "beside_table",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Angaben neben der Tabelle",
        meaning="Neben der Tabelle stehen weitere Angaben. Sie wurden nicht gelesen.",
        advice="Nichts zu tun, wenn es Notizen sind; sonst in eine Spalte mit Überschrift "
        "eintragen.",
    ),
    FindingRule(
        "cell_merged",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Verbundene Zellen in den Daten",
        meaning="In den Daten ist eine Zelle über mehrere Zeilen verbunden. Ihr Wert gilt für jede "
        "dieser Zeilen. Nur eine Kennung gilt nie für weitere Zeilen: Diese haben keine.",
        advice="Prüfen, ob der Wert für alle Zeilen gemeint ist; bitte die Verbindung aufheben und "
        "jede Zeile ausfüllen.",
    ),
    FindingRule(
        "hidden_rows",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Ausgeblendete Zeilen",
        meaning="Die Arbeitsmappe enthält ausgeblendete Zeilen. Sie wurden mitgelesen und zählen "
        "mit.",
        advice="Prüfen, ob die Zeilen zur Lieferung gehören.",
    ),
    FindingRule(
        "part_resembles",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Weiteres Blatt, das Zeilen einer Tabelle enthalten kann",
        meaning="Ein sichtbares Blatt gehört zu keiner vereinbarten Tabelle, hat aber einige ihrer "
        "Spalten, oder ohne Kopfzeile Zeilen wie ihre. Es wurde nicht gelesen.",
        advice="Gehören die Zeilen dazu, bitte in das vereinbarte Blatt übernehmen. Sonst das "
        "Blatt ausblenden, oder in der Zuordnung unter ignore nennen.",
        sentence="Das Blatt „{reason}“ wurde nicht gelesen, kann aber Zeilen der genannten Tabelle "
        "enthalten. Gehören sie dazu, bitte dorthin übernehmen.",
    ),
    FindingRule(
        "hidden_sheet",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Ausgeblendetes Blatt",
        meaning="Die Arbeitsmappe enthält ausgeblendete Blätter. Sie wurden nicht gelesen.",
        advice="Gehören die Blätter zur Lieferung, bitte einblenden; sonst nichts zu tun.",
    ),
    FindingRule(
        "nul_removed",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Unlesbare Zeichen entfernt",
        meaning="In der Datei standen Nullzeichen, die nichts bedeuten. Sie wurden entfernt, bei "
        "festen Feldlängen als Leerzeichen gelesen; die Zeilen zählen mit.",
        advice="Nichts zu tun; bei großer Zahl den Export prüfen.",
    ),
    FindingRule(
        "control_removed",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Unlesbare Zeichen entfernt",
        meaning="In der Datei standen Steuerzeichen, die nichts bedeuten. Sie wurden entfernt, "
        "die Zeilen zählen mit.",
        advice="Nichts zu tun; bei großer Zahl den Export prüfen.",
    ),
    FindingRule(
        "late_field",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Feld kommt erst spät vor",
        meaning="In der JSON-Datei kommt ein Feld erst nach den ersten 10.000 Zeilen vor. Die "
        "Zeilen mit diesem Feld passen nicht zu den Spalten und zählen nicht mit.",
        advice="Den Export so einstellen, dass jede Zeile alle Felder nennt, auch die leeren.",
    ),
    FindingRule(
        "mended",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Anführungszeichen berichtigt",
        meaning="In einigen Zeilen stimmen Anführungs- oder Trennzeichen nicht. Sie wurden "
        "sinngemäß gelesen und bleiben erhalten." + _ONLY_READ,
        advice="Die genannten Zeilen vergleichen und im Quellsystem die Anführungszeichen im Text "
        "berichtigen; sonst werden die Zeilen beim Laden abgelehnt.",
    ),
    FindingRule(
        "delimiter_assumed",
        Severity.NOTICE,
        Audience.DISTRICT_IT,
        title="Trennzeichen angenommen",
        meaning="Mit welchem Zeichen die Spalten getrennt sind, wurde aus der Datei "
        "erschlossen." + _ONLY_READ,
        advice="Stimmt die Annahme nicht, das Trennzeichen mit --delimiter angeben.",
    ),
    FindingRule(
        "header_assumed",
        Severity.NOTICE,
        Audience.DISTRICT_IT,
        title="Kopfzeile angenommen",
        meaning="Welche Zeile die Spaltenüberschriften enthält, wurde aus der Datei erschlossen; "
        "ohne Kopfzeile sind die Spalten durchgezählt." + _ONLY_READ,
        advice="Stimmt die Annahme nicht, die Zeile mit --header-row angeben.",
    ),
    FindingRule(
        "quotes_kept",
        Severity.NOTICE,
        Audience.DISTRICT_IT,
        title="Anführungszeichen als Text gelesen",
        meaning="Einfache Anführungszeichen am Anfang von Zellen gelten als Teil des "
        "Textes." + _ONLY_READ,
        advice="Umschließen sie die Zellen, das Zeichen mit --quote angeben.",
    ),
    FindingRule(
        "links_dissolved",
        Severity.NOTICE,
        Audience.COORDINATION,
        title="Verknüpfungen aufgelöst",
        meaning="Datensätze, die bisher als ein Mensch galten, gehören nicht mehr sicher zusammen "
        "und zählen ab dieser Lieferung getrennt. Der frühere Stand bleibt aufbewahrt.",
        advice="Nichts zu tun; Zahlen zu Personen können dadurch steigen. Fehlt eine amtliche "
        "Nummer oder ist sie falsch, bitte im Quellsystem berichtigen.",
        sentence="Datensätze, die bisher als ein Mensch galten, gehören nicht mehr sicher "
        "zusammen und zählen wieder getrennt. Aufgelöste Verknüpfungen: {count}.",
    ),
    FindingRule(
        "table_absent",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Tabelle kam zuletzt und fehlt jetzt",
        meaning="Eine Tabelle, die fehlen darf, kam zuletzt und ist nicht in dieser Lieferung. Was "
        "aus ihr bekannt ist, gilt weiter.",
        advice="Gehört die Tabelle zur Lieferung, bitte nachliefern.",
        sentence="Die Tabelle kam zuletzt und fehlt in dieser Lieferung. Was aus ihr bekannt ist, "
        "gilt weiter.",
    ),
    FindingRule(
        "column_vanished",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Spalte fehlt, die bisher gefüllt war",
        meaning="Eine Spalte, die fehlen darf, kam bisher und fehlt jetzt. Was aus ihr bekannt "
        "ist, gilt weiter; eine Freigabe der Person gilt ohne die Spalte nicht mehr.",
        advice="Den Export wieder mit der Spalte erstellen. Kommt sie nicht mehr, bitte der IT des "
        "Landratsamts melden.",
        sentence="Die Spalte „{column}“ fehlt in dieser Lieferung. Was aus ihr bekannt ist, gilt "
        "weiter: {count} Angaben.",
    ),
    FindingRule(
        "ends_withheld",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Datensätze enden nicht",
        meaning="Datensätze fehlen in der vollständigen Lieferung, aber Zeilen derselben Tabelle "
        "wurden abgelehnt und können ihre sein. Sie gelten weiter, bis eine Lieferung es zeigt.",
        advice="Die abgelehnten Zeilen im Quellsystem berichtigen und neu liefern.",
        sentence="Datensätze fehlen in der Lieferung und enden doch nicht, weil abgelehnte Zeilen "
        "ihre sein können: {count}.",
    ),
    FindingRule(
        "number_of_many",
        Severity.NOTICE,
        Audience.SOURCE,
        title="Amtliche Nummer bei vielen Personen",
        meaning="Eine amtliche Nummer steht bei sehr vielen verschiedenen Personen. Sie gilt nicht "
        "als Nummer einer Person und verbindet niemanden.",
        advice="Im Quellsystem die Nummer prüfen und bei den Personen löschen, denen sie nicht "
        "gehört.",
        sentence="Eine amtliche Nummer steht bei sehr vielen verschiedenen Personen und gilt "
        "deshalb nicht als Nummer einer Person. Betroffene Datensätze: {count}.",
    ),
)
