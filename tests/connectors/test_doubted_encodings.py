"""A text in the wrong encoding is refused, whoever reads it and whether the encoding was declared or taken for want of another."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.readers.profiling.profile_file import profile_file
from connectors.readers.text.encoding_doubt import doubt_encoding
from connectors.tables.text_table import CannotRead
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import Row, write_table

NAMES: list[Row] = [
    ("1", "Müller", "Köln"),
    ("2", "Jäger", "Größe"),
    ("3", "Özdemir", "Äpfingen"),
    ("4", "Weiß", "Münster"),
]
HEADER = ("A", "B", "C")
# What a file is written in, and what it is declared as.
WRONG = [
    ("utf-8", "cp1252"),
    ("utf-8", "iso-8859-1"),
    ("utf-8", "mac_roman"),
    ("utf-8", "cp850"),
    ("cp1252", "mac_roman"),
    ("cp1252", "cp850"),
    ("mac_roman", "cp1252"),
    ("mac_roman", "iso-8859-15"),
    ("cp850", "iso-8859-1"),
    ("cp850", "mac_roman"),
]
RIGHT = [
    ("cp1252", "cp1252"),
    ("cp1252", None),
    ("cp1252", "iso-8859-1"),
    ("mac_roman", "mac_roman"),
    ("cp850", "cp850"),
    ("utf-8", None),
    ("utf-8", "utf-8"),
    ("utf-16", None),
]


@holds(8, "csv", "xml_2003", "html", "xml", "json", "fixed")
@pytest.mark.parametrize(("written", "declared"), WRONG)
def test_a_wrong_declaration(reader: str, written: str, declared: str, tmp_path: Path) -> None:
    table = write_table(reader, tmp_path, HEADER, *NAMES, encoding=written, declared=declared)
    with pytest.raises(CannotRead) as refused:
        table.rows()
    assert (refused.value.rule, refused.value.row is not None) == ("encoding", True)
    assert "ü" not in str(refused.value)


@holds(8, "csv", "xml_2003", "html", "xml", "json", "fixed")
@pytest.mark.parametrize("written", ["mac_roman", "cp850"])
def test_a_foreign_encoding_without_a_declaration(
    reader: str, written: str, tmp_path: Path
) -> None:
    with pytest.raises(CannotRead) as refused:
        write_table(reader, tmp_path, HEADER, *NAMES, encoding=written).rows()
    assert refused.value.rule == "encoding"


@holds(8, "csv", "json", "fixed")
def test_two_encodings_in_one_file(reader: str, tmp_path: Path) -> None:
    one = write_table(reader, tmp_path / "one", HEADER, *NAMES[:2], encoding="utf-8")
    two = write_table(reader, tmp_path / "two", HEADER, *NAMES, encoding="cp1252")
    lines = one.path.read_bytes().splitlines(True) + two.path.read_bytes().splitlines(True)[3:]
    one.path.write_bytes(b"".join(lines))
    with pytest.raises(CannotRead) as refused:
        one.rows()
    assert refused.value.rule == "encoding" and "UTF-8" in refused.value.message


@pytest.mark.parametrize(("written", "declared"), RIGHT)
def test_a_right_declaration(written: str, declared: str | None, tmp_path: Path) -> None:
    table = write_table("csv", tmp_path, HEADER, *NAMES, encoding=written, declared=declared)
    assert table.rows() == [list(row) for row in NAMES]


@holds(8, "csv", "json", "html", "xml_2003")
@pytest.mark.parametrize(("written", "declared"), [*WRONG, ("mac_roman", None), ("cp850", None)])
def test_it_is_decided_alike_without_a_mapping(
    reader: str, written: str, declared: str | None, tmp_path: Path
) -> None:
    table = write_table(reader, tmp_path, HEADER, *NAMES, encoding=written)
    with pytest.raises(CannotRead) as refused:
        list(profile_file(table.path, encoding=declared))
    assert refused.value.rule == "encoding"


@pytest.mark.parametrize(
    "text",
    [
        "„Spaß“, FÜ…",
        "O´Neill, d’Angelo, ‘Ali",
        "Šimic, Žan, Hašek, Škoda",
        "50€, §5, ½ Std., 20°C",
        "MÜLLER, GROß, JOÃO",
        "Nr¦Name¦Ort\nK1¦Groß¦Öhringen",
        "AnnaÖzlem",
        "plain",
        "",
    ],
)
def test_what_is_written_in_cp1252_stays(text: str) -> None:
    assert doubt_encoding([text.encode("cp1252")], "cp1252") is None


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-u", "iso8859-5", "mac_cyrillic"])
def test_other_scripts_are_told_apart(encoding: str) -> None:
    names = "Віктор, Київ, КИЇВ, ВІКТОР, Ірина, Мельниченко, Олексій, Єва"
    assert doubt_encoding([names.encode(encoding)], encoding) is None
    assert doubt_encoding([names.encode("utf-8")], encoding) is not None


# Names in the encoding of their language, none of which is a word of Western Europe.
FOREIGN = {
    "turkish": ("cp1254", ["Yılmaz", "Şahin", "Doğan", "İnce", "Müller"]),
    "turkish-latin-5": ("iso8859-9", ["YİĞİT", "Aydın", "Şimşek", "Köroğlu"]),
    "croatian": ("cp1250", ["Kovačević", "Đorđević", "Ćosić", "Müller"]),
    "czech": ("cp1250", ["Dvořák", "Jiří", "Nováček", "Černý", "Größe"]),
    "polish": ("cp1250", ["Wiśniewski", "Kamiński", "Jaśkowiak", "Müller"]),
    "romanian": ("cp1250", ["Răducanu", "Bălan", "Ionuţ", "Mihăilă"]),
    "cyrillic": ("cp1251", ["Бондаренко", "Київ", "Олексій", "Müller".replace("ü", "u")]),
    "greek": ("cp1253", ["Παπαδόπουλος", "Γιώργος", "Ελένη"]),
    "arabic": ("cp1256", ["محمد", "أحمد", "فاطمة"]),
    "russian-unix": ("koi8-r", ["Иванов", "Петрова", "Сергей"]),
}


@holds(8, "csv", "xml_2003", "html", "xml", "json", "fixed")
@pytest.mark.parametrize("name", FOREIGN)
def test_the_encoding_of_another_language(reader: str, name: str, tmp_path: Path) -> None:
    encoding, names = FOREIGN[name]
    rows = [(str(number), text, "Ulm") for number, text in enumerate(names)]
    for declared in ("cp1252", None):
        table = write_table(reader, tmp_path, HEADER, *rows, encoding=encoding, declared=declared)
        with pytest.raises(CannotRead) as refused:
            table.rows()
        assert refused.value.rule == "encoding" and names[0] not in str(refused.value)


@holds(8, "csv", "json", "fixed")
@pytest.mark.parametrize("name", ["turkish", "croatian", "cyrillic"])
def test_the_encoding_of_another_language_declared(reader: str, name: str, tmp_path: Path) -> None:
    encoding, names = FOREIGN[name]
    rows = [(str(number), text, "Ulm") for number, text in enumerate(names)]
    table = write_table(reader, tmp_path, HEADER, *rows, encoding=encoding, declared=encoding)
    assert table.rows() == [list(row) for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "Þóra Jónsdóttir; Guðrún Sigurðardóttir; Guðmundur Þorsteinsson; Ragnheiður",
        "Hélène; Molière; Thérèse; Ève; Geneviève; Kœnig; sœur; Noè",
        "Sørensen; Kjær; Ærø; Bjørn; Jæger; Åse; Müller",
        "Novotný; Nový; Zelený; Müller",
        "Bùi Thị Hòa".replace("ị", "i") + "; Trần Bình".replace("ầ", "a") + "; Hùng; Müller",
        "João Magalhães; Simões; Irmã; Peña; Muñoz; Señora",
        "Doðan; Müller; Größe; Jäger",
        "Müller; Yýlmaz; Þahin",
    ],
)
def test_western_names_with_such_letters_stay(text: str) -> None:
    assert doubt_encoding([text.encode("cp1252")], "cp1252") is None


@given(st.lists(st.sampled_from(["Müller", "Jörg", "Groß", "ÄÖÜ", "plain", "d’Ö"]), min_size=1))
def test_no_list_of_names_is_doubted_in_its_own_encoding(names: list[str]) -> None:
    text = ";".join(names)
    for encoding in ("cp1252", "mac_roman", "iso8859-15"):
        own = text.replace("’", "'") if encoding == "iso8859-15" else text
        assert doubt_encoding([own.encode(encoding)], encoding) is None
    if not text.isascii():
        assert doubt_encoding([text.encode("utf-8")], "cp1252") is not None


def test_the_first_sign_is_named(tmp_path: Path) -> None:
    table = write_table(
        "csv", tmp_path, "AB", ("1", "plain"), ("2", "Müller"), declared="iso-8859-1"
    )
    with pytest.raises(CannotRead) as refused:
        table.rows()
    assert refused.value.row == 3 and "Zeile 3" in refused.value.message
