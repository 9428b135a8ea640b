"""What was delivered and not read may be a withdrawal: whom it may be about stays in until it is read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from pipelines.intake.acceptance import accept_delivery
from tests.connectors.test_enaio_xml import export
from tests.consents.office import (
    CONSENT,
    EARLIER,
    LAST,
    PERSON,
    Office,
    Row,
    Shared,
    form,
    person,
    share_district,
    write_table,
)
from warehouse.loading.findings import list_findings

pytestmark = pytest.mark.thorough

PERSONS = [person(key) for key in ("1", "2", "3")]
FORMS = [form("a", "1"), form("b", "2"), form("c", "3")]
WITHDRAWAL = form("z", "1", "", Erteilt="", Widerrufen="20.07.2025")
ALL = {"alpha:1", "alpha:2", "alpha:3"}
EVERYBODY = {"1", "2", "3"}


def write_book(folder: Path, *sheets: tuple[str, Sequence[Row]], hidden: bool = False) -> None:
    """The consents as a workbook, in place of the text file; the last sheet may be hidden."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.append(CONSENT)
        for row in rows:
            sheet.append([row[column] for column in CONSENT])
    if hidden:
        book.worksheets[-1].sheet_state = "hidden"
    book.save(folder / "Einwilligungen.xlsx")
    (folder / "Einwilligungen.csv").unlink()


def append_lines(folder: Path, *lines: str) -> None:
    with (folder / "Einwilligungen.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def another_file(name: str) -> Callable[[Path], None]:
    return lambda folder: write_table(folder / name, CONSENT, [WITHDRAWAL])


def another_book(name: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        book = openpyxl.Workbook()
        assert book.active is not None
        for row in (["Nachtrag"], [], ["Nr", "Widerrufen"], ["1", "20.07.2025"]):
            book.active.append(row)
        book.save(folder / name)

    return write


def addresses(folder: Path) -> None:
    write_table(folder / "Adressen.csv", PERSON[:-1], PERSONS)


def scan(folder: Path) -> None:
    (folder / "Scan.pdf").write_bytes(b"%PDF-1.7")


def another_archive(folder: Path) -> None:
    shutil.make_archive(str(folder / "Nachtrag"), "zip", folder)


def another_sheet(title: str, *, hidden: bool = False) -> Callable[[Path], None]:
    sheets = ("Einwilligungen", FORMS), (title, [WITHDRAWAL])
    return lambda folder: write_book(folder, *sheets, hidden=hidden)


def legend(folder: Path) -> None:
    """A sheet that explains the columns of the consents."""
    write_book(folder, ("Einwilligungen", FORMS))
    book = openpyxl.load_workbook(folder / "Einwilligungen.xlsx")
    sheet = book.create_sheet("Legende")
    sheet.append(("Spalte", "Bedeutung", "Beispiel"))
    sheet.append(("Zweck", "wofür", "Beratung"))
    book.save(folder / "Einwilligungen.xlsx")


def copy_of_the_consents(folder: Path) -> None:
    """Which of the two is newer, nobody can tell."""
    rows = [{**FORMS[0], "Widerrufen": "20.07.2025"}, *FORMS[1:]]
    write_table(folder / "Einwilligungen (1).csv", CONSENT, rows)


def another_column(name: str) -> Callable[[Path], None]:
    rows = [{**row, name: ""} for row in FORMS]
    rows[0][name] = "20.07.2025"
    return lambda folder: write_table(folder / "Einwilligungen.csv", (*CONSENT, name), rows)


def another_cell(column: str, text: str) -> Callable[[Path], None]:
    rows = [{column: "", **row} for row in FORMS]
    rows[0] = {**rows[0], column: text}
    columns = dict.fromkeys((*CONSENT, column))
    return lambda folder: write_table(folder / "Einwilligungen.csv", [*columns], rows)


def another_name(folder: Path) -> None:
    rows = [person("1", "1 (Einwilligung widerrufen)"), *PERSONS[1:]]
    write_table(folder / "Klienten.csv", PERSON, rows)


def column_of_persons(folder: Path) -> None:
    rows = [{**row, "Einwilligung widerrufen": ""} for row in PERSONS]
    rows[0]["Einwilligung widerrufen"] = "x"
    write_table(folder / "Klienten.csv", (*PERSON, "Einwilligung widerrufen"), rows)


def beside_the_table(folder: Path) -> None:
    write_book(folder, ("Einwilligungen", FORMS))
    book = openpyxl.load_workbook(folder / "Einwilligungen.xlsx")
    book.worksheets[0].cell(2, len(CONSENT) + 2, "widerrufen")
    book.save(folder / "Einwilligungen.xlsx")


def merged_cells(folder: Path) -> None:
    """One purpose for two rows."""
    write_book(folder, ("Einwilligungen", FORMS))
    book = openpyxl.load_workbook(folder / "Einwilligungen.xlsx")
    at = CONSENT.index("Zweck") + 1
    book.worksheets[0].merge_cells(None, 2, at, 3, at)
    book.save(folder / "Einwilligungen.xlsx")


def nested_values(name: str, value: object) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        rows: list[dict[str, object]] = [dict(row) for row in FORMS]
        rows[0][name] = value
        (folder / "Einwilligungen.json").write_text(json.dumps(rows), "utf-8")
        (folder / "Einwilligungen.csv").unlink()

    return write


def book_with(*cells: str) -> Callable[[Path], None]:
    """The consents as a workbook with one more row."""

    def write(folder: Path) -> None:
        write_book(folder, ("Einwilligungen", FORMS))
        book = openpyxl.load_workbook(folder / "Einwilligungen.xlsx")
        book.worksheets[0].append(cells)
        book.save(folder / "Einwilligungen.xlsx")

    return write


def write_xml(folder: Path, *rowsets: Sequence[Row], cell: str | None = None) -> None:
    """The consents as linear XML; ``cell`` replaces the revocation of the first row."""
    columns = "".join(f'<Column name="{column}"/>' for column in CONSENT)
    lists = ["".join(map(_xml_row, rows)) for rows in rowsets]
    if cell:
        lists[0] = lists[0].replace("<Value></Value><Value></Value>", f"<Value></Value>{cell}", 1)
    found = "".join(
        f"<Rowset><Columns>{columns}</Columns><Rows>{rows}</Rows></Rowset>" for rows in lists
    )
    text = export(f'<ObjectType name="Einwilligungen">{found}</ObjectType>')
    (folder / "Einwilligungen.xml").write_text(text, "utf-8")
    (folder / "Einwilligungen.csv").unlink()


def _xml_row(row: Row) -> str:
    return f"<Row>{''.join(f'<Value>{row[column]}</Value>' for column in CONSENT)}</Row>"


def value_in_an_attribute(folder: Path) -> None:
    write_xml(folder, FORMS, cell='<Value date="20.07.2025"/>')


def attribute_of_a_row(folder: Path) -> None:
    write_xml(folder, FORMS)
    file = folder / "Einwilligungen.xml"
    text = file.read_text("utf-8").replace("<Row>", '<Row widerrufen="20.07.2025">', 1)
    file.write_text(text, "utf-8")


def nested_xml(old: str, new: str) -> Callable[[Path], None]:
    """The consents as nested XML; a text in the first object is replaced."""

    def write(folder: Path) -> None:
        objects = [
            "".join(f'<Field name="{c}">{row[c]}</Field>' for c in CONSENT if row[c])
            for row in FORMS
        ]
        listed = [f'<Object id="{n}"><Fields>{o}</Fields></Object>' for n, o in enumerate(objects)]
        assert old in listed[0]
        listed[0] = listed[0].replace(old, new, 1)
        # A field that is empty everywhere is no column.
        listed[1] = listed[1].replace("</Fields>", f"{EMPTY}</Fields>")
        text = f'<ObjectType name="Einwilligungen"><ObjectList>{"".join(listed)}</ObjectList>'
        hol = export(f"{text}</ObjectType>").replace("LOL", "HOL")
        (folder / "Einwilligungen.xml").write_text(hol, "utf-8")
        (folder / "Einwilligungen.csv").unlink()

    return write


EMPTY = '<Field name="Gueltig_bis"/><Field name="Widerrufen"/>'


def a_second_list(folder: Path) -> None:
    write_xml(folder, FORMS, [WITHDRAWAL])


def above_the_header(*texts: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        file = folder / "Einwilligungen.csv"
        file.write_text("".join(f"{t}\n" for t in texts) + file.read_text("utf-8"), "utf-8")

    return write


def lines(*texts: str) -> Callable[[Path], None]:
    return lambda folder: append_lines(folder, *texts)


def persons_with(first: str, *below: str) -> Callable[[Path], None]:
    """The persons with another text for the first of them, and texts below them."""

    def write(folder: Path) -> None:
        rows = [";".join(row.values()) for row in PERSONS[1:]]
        text = "\n".join([";".join(PERSON), first, *rows, *below])
        (folder / "Klienten.csv").write_text(f"{text}\n", "utf-8")

    return write


def list_of(*texts: str) -> Callable[[Path], None]:
    return lambda folder: write_text(folder / "Nachtrag.csv", texts)


def write_text(file: Path, texts: Sequence[str]) -> None:
    file.write_text("".join(f"{text}\n" for text in texts), "utf-8")


def cut_book(folder: Path) -> None:
    another_book("Nachtrag.xlsx")(folder)
    whole = (folder / "Nachtrag.xlsx").read_bytes()
    (folder / "Nachtrag.xlsx").write_bytes(whole[:-200])


FIRST = ";".join(PERSONS[0].values())
OPENED = 'y;2;Jobcenter Musterkreis;"siehe;15.01.2025;;;ja;Sprache'
BETWEEN = "z;1;Jobcenter Musterkreis;;;;20.07.2025;;"
CLOSED = 'w;3;Jobcenter Musterkreis;x";15.01.2025;;;ja;Sprache'
SITUATIONS: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "a file of supplements": (another_file("Nachtrag_Einwilligung.csv"), EVERYBODY),
    "a copy of the consents": (copy_of_the_consents, EVERYBODY),
    "a file of withdrawals": (another_file("Widerrufe.csv"), EVERYBODY),
    "a file with the columns of consents": (another_file("Nachtrag.csv"), EVERYBODY),
    "a workbook with the columns of consents": (another_book("Nachtrag.xlsx"), EVERYBODY),
    "an archive": (another_archive, EVERYBODY),
    "a file in another folder": (another_file("neu/Schweigepflichtentbindungen.csv"), EVERYBODY),
    "a second sheet": (another_sheet("Einwilligungen (2)"), EVERYBODY),
    "a sheet of withdrawals": (another_sheet("Widerrufe"), EVERYBODY),
    "a hidden sheet": (another_sheet("Widerrufe", hidden=True), EVERYBODY),
    "a column of the consents": (another_column("Widerruf am"), {"1"}),
    "a word in the purpose": (another_cell("Zweck", "Vermittlung - zurückgezogen"), {"1"}),
    "a word in a remark": (another_cell("Bemerkung", "am 20.7. WIEDERRUFEN"), {"1"}),
    "a word with a name": (another_name, {"1"}),
    "a column without a header": (another_column(""), {"1"}),
    "a column of the persons": (column_of_persons, {"1"}),
    "cells beside the table": (beside_the_table, EVERYBODY),
    "cells merged over two rows": (merged_cells, {"1", "2"}),
    "a nested value": (nested_values("Widerrufen", {"d": "20.07.2025"}), {"1"}),
    "a nested end": (nested_values("Gueltig_bis", {"d": "20.07.2025"}), {"1"}),
    "a list of values": (nested_values("Widerrufen", ["20.07.2025", ""]), {"1"}),
    "a value in an attribute": (value_in_an_attribute, {"1"}),
    "an attribute of a row": (attribute_of_a_row, EVERYBODY),
    "a nested value in an attribute": (
        nested_xml("</Fields>", '<Field name="Widerrufen" value="20.07.2025"/></Fields>'),
        {"1"},
    ),
    "an attribute beside a nested value": (
        nested_xml('"Gruppen"', '"Gruppen" widerrufen="20.07.2025"'),
        {"1"},
    ),
    "an attribute of a nested object": (
        nested_xml("<Object ", '<Object widerrufen="20.07.2025" '),
        {"1"},
    ),
    "an element of its own": (
        nested_xml("</Fields>", "</Fields><Widerruf>20.07.2025</Widerruf>"),
        {"1"},
    ),
    "an empty element with an attribute": (
        nested_xml("<Fields>", '<Widerruf am="20.07.2025"/><Fields>'),
        {"1"},
    ),
    "a second list of objects": (a_second_list, EVERYBODY),
    "a row like a footer": (lines(";;Ende der Einwilligung Muster1;;;;20.07.2025;;"), EVERYBODY),
    "a footer with a person": (lines("Ende;1;;;;;20.07.2025;;"), {"1"}),
    "a footer that says more": (lines("Ende: Widerruf von 1"), EVERYBODY),
    "a footer in a workbook that says more": (book_with("Ende: Widerruf von 1"), EVERYBODY),
    "a key and nothing else": (lines("z;;;;;;;;"), EVERYBODY),
    "a person and nothing else": (lines(";1;;;;;;;"), {"1"}),
    "a row above the header": (above_the_header("z;1;;;;;20.07.2025;;"), EVERYBODY),
    "a row below a damaged header": (
        above_the_header("ENr;Nr;Empf;Zw;Ert;Bis;Wid;;", "z;1;;;;;20.07.2025;;"),
        EVERYBODY,
    ),
    "a row of a person that says so": (
        persons_with(f"{FIRST};Einwilligung widerrufen am 20.07.2025"),
        # Nobody of this key was delivered before.
        EVERYBODY,
    ),
    "a block below the persons": (
        persons_with(FIRST, "", "Widerrufe", "Nr;Widerrufen", "1;20.07.2025"),
        EVERYBODY,
    ),
    "a list of keys and days": (list_of("Klient;Datum", "1;20.07.2025"), {"1"}),
    "a row of a consent without a header": (list_of("z;1;;;;;20.07.2025;;"), {"1"}),
    "a cut workbook": (cut_book, EVERYBODY),
    "rows between two quotes": (lines(OPENED, BETWEEN, CLOSED), EVERYBODY),
    "a row with a quote left open": (lines(OPENED, BETWEEN), EVERYBODY),
}
HARMLESS: dict[str, Callable[[Path], None]] = {
    "a file of something else": addresses,
    "a file that is no table": scan,
    "a sheet of something else": legend,
    "a column of something else": another_column("Bemerkung"),
    "a footer": lines("Stand: 31.07.2025"),
    "a list of days that say what they are": list_of("Klient;Letzter Kontakt", "1;20.07.2025"),
    "a list of numbers of nobody": list_of("Kurs;Datum", "77;20.07.2025"),
    "a word of no withdrawal": another_cell("Zweck", "Vermittlung, jederzeit widerrufbar"),
    "a footer in a workbook": book_with("Stand: 31.07.2025"),
    "lines above the header": above_the_header("Einwilligungen", "Stand;31.07.2025", "a;b;c", ""),
    "a footer with words": lines("Ende der Datei, 3 Datensätze"),
    "a note of several lines": lines('d;3;Jobcenter Musterkreis;"a; b\nc";15.01.2025;;;ja;Sprache'),
    "nested objects": nested_xml("<Fields>", '<Fields xmlns:x="y" x:type="z">'),
    "one list of objects": lambda folder: write_xml(folder, FORMS),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """What became of all situations, each in a source of its own."""
    unread = {title: situation for title, (situation, _) in SITUATIONS.items()}
    folder = tmp_path_factory.mktemp("shared")
    return share_district(folder, {**unread, **HARMLESS}, PERSONS, FORMS)


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_may_be_a_withdrawal_keeps_persons_in(shared: Shared, name: str) -> None:
    # A sheet or list with the header of the consents may also hold some of them.
    has_more = name in (
        "a copy of the consents",
        "a second sheet",
        "a sheet of withdrawals",
        "a second list of objects",
    )
    assert shared.states[name] == ("incomplete" if has_more else "loaded")
    assert {"1", "2", "3"} - shared.released[name] == SITUATIONS[name][1]


@pytest.mark.parametrize("name", HARMLESS)
def test_anything_else_keeps_nobody_in(shared: Shared, name: str) -> None:
    assert shared.released[name] == {"1", "2", "3"}


@pytest.mark.parametrize(
    "name", ["a file of withdrawals", "a second sheet", "cells beside the table"]
)
def test_it_is_told_and_ends_with_the_next_full_delivery(tmp_path: Path, name: str) -> None:
    office = Office(tmp_path)
    SITUATIONS[name][0](office.deliver("alpha", EARLIER, PERSONS, FORMS))
    office.run()
    assert office.released() == {}
    assert "consents_unread" in told(office)
    office.deliver("alpha", LAST, PERSONS, FORMS)
    office.run()
    assert office.released().keys() == ALL


def told(office: Office) -> set[str]:
    with office.open() as hub, hub.store.read() as connection:
        return {finding.rule for finding in list_findings(connection)}


def test_a_district_says_what_holds_no_consents(tmp_path: Path) -> None:
    office = Office(tmp_path)
    mapping = tmp_path / "forms.yaml"
    text = mapping.read_text("utf-8").replace(
        "    key: ENr\n", "    key: ENr\n    ignore: [Sperre]\n"
    )
    mapping.write_text(f"{text}ignore: [widerruf*.csv]\n", "utf-8")
    folder = office.deliver("alpha", LAST, PERSONS, FORMS)
    another_column("Sperre")(folder)
    another_file("Widerrufsbelehrung.csv")(folder)
    office.run()
    assert office.released().keys() == ALL


@pytest.mark.parametrize("is_full", [True, False])
def test_a_file_of_consents_that_is_missing_ends_none(tmp_path: Path, is_full: bool) -> None:
    office = Office(tmp_path, delivers="full" if is_full else "partial")
    office.deliver("alpha", EARLIER, PERSONS, FORMS)
    office.deliver("alpha", LAST, PERSONS)
    office.run()
    assert [r.state for r in office.results] == ["loaded", "incomplete" if is_full else "loaded"]
    assert office.released().keys() == (set() if is_full else ALL)
    assert ("table_missing" in told(office)) is is_full
    office.deliver("alpha", LAST, PERSONS, FORMS)
    office.run()
    assert office.released().keys() == ALL


def test_a_file_of_consents_that_never_came_is_not_missed(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("beta", EARLIER, [person("1", Freigabe="Sprache")])
    office.deliver("beta", LAST, [person("1", Freigabe="Sprache")])
    office.run()
    assert office.released() == {"beta:1": ("sprache",)}


def drop_table(office: Office) -> None:
    """The mapping of alpha reads no consents any more."""
    mapping = office.folder / "forms.yaml"
    mapping.write_text(mapping.read_text("utf-8").partition("  Einwilligungen:")[0], "utf-8")


@pytest.mark.parametrize("delivers", ["full", "partial"])
def test_a_mapping_that_reads_no_consents_any_more(tmp_path: Path, delivers: str) -> None:
    office = Office(tmp_path, delivers=delivers)
    office.deliver("alpha", EARLIER, PERSONS, FORMS)
    office.run()
    mapping = (tmp_path / "forms.yaml").read_text("utf-8")
    drop_table(office)
    office.deliver("alpha", LAST, PERSONS)
    states = ["held"] * 2 if delivers == "full" else ["loaded"] * 2
    assert [r.state for r in office.run()] == states
    assert office.released() == {} and "consents_unfed" in told(office)
    assert "liest Einwilligungen nicht mehr" in office.decide().stale["alpha"]
    if delivers == "partial":
        # Each of both may have brought a withdrawal. A decision on them is none on the mapping:
        # what withdraws is still not read.
        accept(office, EARLIER)
        accept(office, LAST)
        assert office.released() == {}
    (tmp_path / "forms.yaml").write_text(mapping, "utf-8")
    office.deliver("alpha", LAST, PERSONS, FORMS)
    office.run()
    assert office.released().keys() == ALL


def test_consents_that_are_read_no_more_end_when_a_person_says_so(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", EARLIER, PERSONS, FORMS)
    office.run()
    drop_table(office)
    # A file named like this is watched, unless the mapping says that it is left out on purpose.
    with (tmp_path / "forms.yaml").open("a", encoding="utf-8") as mapping:
        mapping.write("ignore: [Einwilligungen.csv]\n")
    office.run()
    accept(office, EARLIER)
    assert [r.state for r in office.run()] == ["loaded"]
    assert office.decide().released == {} and office.decide().stale == {}


def accept(office: Office, day: date) -> None:
    with office.open() as hub:
        accept_delivery(hub, f"alpha/{day}", "geprüft")


def as_release(text: str) -> str:
    """Of two tables with consents, the one of the forms is dropped."""
    return text.partition("  Einwilligungen:")[0]


def renamed_file(text: str) -> str:
    return text.replace('"Einwilligungen*"', '"Formulare*"')


def renamed_table(text: str) -> str:
    return text.replace("table: Einwilligungen", "table: Formulare")


@pytest.mark.slow
@pytest.mark.parametrize("change", [as_release, renamed_file, renamed_table])
@pytest.mark.parametrize("as_book", [False, True], ids=["text", "workbook"])
def test_a_mapping_that_looks_for_consents_elsewhere_asks(
    tmp_path: Path, change: Callable[[str], str], as_book: bool
) -> None:
    """Persons of beta, with a release each, whose forms the mapping no longer looks for."""
    office = Office(tmp_path)
    persons = [person("1", Freigabe="Sprache")]
    folder = office.deliver("beta", EARLIER, persons, FORMS[:1])
    if as_book:
        write_book(folder, ("Einwilligungen", FORMS[:1]))
    office.run()
    assert office.released() == {"beta:1": ("sprache",)}
    mapping = tmp_path / "both.yaml"
    text = mapping.read_text("utf-8")
    mapping.write_text(change(text), "utf-8")
    withdrawn = {**FORMS[0], "Widerrufen": "20.07.2025"}
    folder = office.deliver("beta", LAST, persons, [withdrawn])
    (folder / "Einwilligungen.csv").rename(folder / "Liste.csv")
    states = [r.state for r in office.run()]
    assert "held" in states or "failed" in states or "incomplete" in states
    assert office.released() == {}


def test_consents_that_move_with_the_mapping_are_not_missed(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", EARLIER, PERSONS, FORMS)
    office.run()
    mapping = tmp_path / "forms.yaml"
    mapping.write_text(renamed_file(mapping.read_text("utf-8")), "utf-8")
    folder = office.deliver("alpha", LAST, PERSONS, FORMS)
    (folder / "Einwilligungen.csv").rename(folder / "Formulare.csv")
    shutil.rmtree(tmp_path / "alpha" / EARLIER.isoformat())
    assert [r.state for r in office.run()] == ["loaded"]
    assert office.released().keys() == ALL


SAME = {"Nachname": "Haddad", "AZR": "070011234567"}


def column_of_beta(folder: Path) -> None:
    row = {**person("9", **SAME), "Einwilligung widerrufen am": "20.07.2025"}
    write_table(folder / "Klienten.csv", [*row], [row])


def file_of_beta(folder: Path) -> None:
    write_text(folder / "Widerrufe.csv", ["Nr;Widerrufen", "9;20.07.2025"])


def foreign_column_of_beta(folder: Path) -> None:
    row = {**person("9", **SAME), "Einwilligung Foto": "nein"}
    write_table(folder / "Klienten.csv", [*row], [row])


@pytest.mark.parametrize(
    ("brings", "counts"),
    [(column_of_beta, True), (file_of_beta, True), (foreign_column_of_beta, False)],
)
def test_a_source_that_reads_no_consents_is_watched(
    tmp_path: Path, brings: Callable[[Path], None], counts: bool
) -> None:
    office = Office(tmp_path)
    text = (tmp_path / "forms.yaml").read_text("utf-8").partition("  Einwilligungen:")[0]
    (tmp_path / "both.yaml").write_text(text, "utf-8")
    office.deliver("alpha", LAST, [person("1", **SAME)], FORMS[:1])
    brings(office.deliver("beta", LAST, [person("9", **SAME)]))
    office.run()
    assert office.released().keys() == (set() if counts else {"alpha:1"})
