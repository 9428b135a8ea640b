"""Texts and keys that a wrong encoding or a spreadsheet has spoiled are set aside with a finding, from whichever reader."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.engine.foreign_letters import find_doubtful, is_doubtful
from mappings.engine.spoiled_text import (
    MISREAD,
    ROUNDED,
    STAND_IN,
    find_misread,
    find_rounded,
    find_stand_ins,
    judge_spoiled,
)
from pipelines.workbench.profile import describe_files
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import write_table
from tests.mappings.small import findings, plan, rows_of, run

SOUND = """Müller|Jörg|O’Neill|O´Neill|Özgül|Šimić|Žan Hašek|Đorđević|Nguyễn Thị Ánh|São João|Gonçalves|JOÃO|Łukasz|Guðrún|Yıldız|Çelik
Ağaoğlu|Ḥusain aš-Šarīf|ʿAlī|Al-Ḫaṭīb|„Spaß“|Wohnung?Ja|Was? nein|§ 25 Abs. 2|50 €|… und so|und…dann|½ Tag|Anna–Maria|20 °C|m²|محمد
Þóra Jónsdóttir|Guðmundur|Ðorđe|Novotný|Zelená|Sørensen|Kjær|Hélène Molière|Ève|Mosè|Bùi Thị Hòa|João Magalhães|Señora|Kœnig|sœur|Ağça
100 %|50%ige|a=b|x + y|AT&T|A & B|C:\\Users|B+A-Kurs|Null|Alle|#1|Nr. #|• Punkt|\uf0b7 Punkt|Œuvre|Zoë|ÿ|Nein??|¿Qué?|5 £|Noè Rossi
Мельниченко|GRÖẞE|„Ä“|Å. Åkesson|Île-de-France|Ñuñoa|señor ¿qué?|B1+|12E3|E+12|1E5|1.2|1234567890123456|Haus 1E12|1,5 E""".replace(
    "\n", "|"
)
MISREADS = """MÃ¼ller|GroÃŸ|GroÃ\u009f|Ãœbelacker|Ä°brahim|YÄ±ldÄ±z|ÅžimÅŸek|â€œZitat|Ø§Ù„Ø­|ÐœÐ¸Ñ…|Nguyá»…n|ï»¿Müller|MŸller|BŠcker|Gro§e
Yýlmaz|Yýldýz|Aktaþ|Köroðlu|Gülþen|Þükrü|Ýnce|Ýbrahim|Kovaèeviæ|Petroviæ|Žižkoviè|£ukasz|Kamiñski|Wiœniewski|Ró¿ycki|Jiøí|Dvoøák|¯aneta
Áîíäàðåíêî|Õàäæè|Ðáðáäüðïõëïò|M%C3%BCller|M%FCller|%D6zt%FCrk|M=FCller|M=C3=BCller|Gro=DF|M\\u00fcller|M\\xfcller|M+APw-ller|+ANY-zt|M&uuml;ller|M&#252;ller
Gro&szlig;|%u0130nce|M¿ller|M□ller|M■ller|Müll\uf0e4r
J„ger|K”ln|M³ller|J÷rg|Gr▀e|▄nal|M¸ller|Jˆrg|M├╝ller|M√ºller|M\u0081ller|M?ller|?zdemir|Ay ?elik|M??ller|GrÃ¶ÃŸe Ä""".replace(
    "\n", "|"
)
ROUNDEDS = (
    "1,23457E+12|1.23457E+12|1.23457E12|1E+12|1.23457e+12|-1,2E+15|1,2E-05|9.00719925474099e+15"
)
STAND_INS = "#NV|#N/A|#REF!|#BEZUG!|#WERT!|#NAME?|#DIV/0!|#####|##|???|??|<null>|(NULL)|[null]|(leer)|\\N|n/a|N/A|Err:502"
STAND_INS += "|#KALK!|#unbekannt!|Fehler:502"
# Kept and told; the others are kept silently.
DOUBTFULS = "Þahin|Doðan|Aydýn|Ðokic|Kovaè|Èerný|Æira|Jaroøek|Rãducanu|Zdenìk|NULL|NaN|null|SAÝT"
CASES = [
    *((text, None) for text in SOUND.split("|")),
    *((text, MISREAD) for text in MISREADS.split("|")),
    *((text, ROUNDED) for text in ROUNDEDS.split("|")),
    *((text, STAND_IN) for text in STAND_INS.split("|")),
    *((text, None) for text in DOUBTFULS.split("|")),
]
PERSONS = plan(
    """
    key: Nr
    feeds:
      person: {fields: {last_name: Name}}
      case: {}
    """
)
TALKS = plan(
    """
    key: Nr
    feeds:
      conversation: {fields: {held_on: {column: Tag, required: true}}}
      conversation_participant: {each: {column: Wer, split: ","}}
    """
)


@pytest.mark.parametrize(("text", "rule"), CASES)
def test_what_is_spoiled(text: str, rule: str | None) -> None:
    assert judge_spoiled(text) == rule


def test_a_column_is_judged_like_its_cells() -> None:
    texts = pa.array([text for text, _ in CASES])
    misread, rounded, stand_ins = find_misread(texts), find_rounded(texts), find_stand_ins(texts)
    assert stand_ins is not None and stand_ins.tolist() == [r == STAND_IN for _, r in CASES]
    assert misread is not None and (misread & ~stand_ins).tolist() == [
        rule == MISREAD for _, rule in CASES
    ]
    assert rounded is not None and rounded.tolist() == [rule == ROUNDED for _, rule in CASES]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_any_column_is_judged_like_its_cells(texts: list[str]) -> None:
    column = pa.array(texts, pa.string())
    found = find_stand_ins(column), find_misread(column), find_rounded(column)
    masks = [[False] * len(texts) if m is None else m.tolist() for m in found]
    assert [
        STAND_IN if s else MISREAD if m else ROUNDED if r else None
        for s, m, r in zip(*masks, strict=True)
    ] == list(map(judge_spoiled, texts))


@pytest.mark.parametrize("text", [*SOUND.split("|"), *DOUBTFULS.split("|")])
def test_what_is_doubtful(text: str) -> None:
    assert is_doubtful(text) == (text in DOUBTFULS.split("|"))
    assert (find_doubtful(pa.array([text])) is not None) == is_doubtful(text)


@holds(8, "csv", "xlsx", "ods", "xml", "json")
def test_doubtful_names_are_kept_and_told(reader: str, tmp_path: Path) -> None:
    rows = [("1", "Þahin"), ("2", "Þóra"), ("3", "Null"), ("4", "NULL"), ("5", "#NV"), ("6", "A")]
    read = write_table(reader, tmp_path, ("Nr", "Name"), *rows).rows()
    mapped = run(PERSONS, ["Nr", "Name"], read)
    names = [row.get("last_name") for row in rows_of(mapped, "person")]
    assert names == ["Þahin", "Þóra", "Null", "NULL", None, "A"]
    assert findings(mapped) == [
        (2, "Name", "text_perhaps_misread", "notice"),
        (5, "Name", "text_perhaps_misread", "notice"),
        (6, "Name", "text_stand_in", "set_aside"),
    ]


@given(st.text("äöüßÄÖÜéçğışŞİ", min_size=1, max_size=5), st.text("abcdxyz", min_size=1))
def test_utf8_as_single_bytes_never_passes(letters: str, name: str) -> None:
    for encoding in ("latin-1", "cp1252"):
        spoiled = f"{name}{letters}{name}".encode().decode(encoding, "replace")
        assert judge_spoiled(spoiled) or "\ufffd" in spoiled


@holds(8, "csv", "xlsx", "xls", "ods", "xml_2003", "html", "xml", "json", "fixed", "rest", "sql")
@pytest.mark.parametrize("text", ["MÃ¼ller", "MŸller", "M?ller"])
def test_a_spoiled_name_is_set_aside(reader: str, text: str, tmp_path: Path) -> None:
    good = [(str(number), "Müller") for number in range(2, 12)]
    rows = write_table(reader, tmp_path, ("Nr", "Name"), ("1", text), *good).rows()
    mapped = run(PERSONS, ["Nr", "Name"], rows)
    names = {row["key"]: row.get("last_name") for row in rows_of(mapped, "person")}
    assert names == {"1": None, **dict(good)}
    assert findings(mapped) == [(2, "Name", "text_misread", "set_aside")]


@holds(10, "csv", "xlsx", "xls", "ods", "xml_2003", "html", "xml", "json", "fixed", "rest", "sql")
@pytest.mark.parametrize(
    "text", ["1,23457E+12", "1.23457E+12", "1E+12", "9123456789012340.0", "12345678901234568,00"]
)
def test_a_rounded_number_names_nobody(reader: str, text: str, tmp_path: Path) -> None:
    rows = write_table(
        reader, tmp_path, ("Nr", "Name"), (text, "Ali"), ("1234570000000", "Eva")
    ).rows()
    mapped = run(PERSONS, ["Nr", "Name"], rows)
    assert [row["key"] for row in rows_of(mapped, "person")] == ["1234570000000"]
    assert findings(mapped) == [(2, "Nr", "key_rounded", "rejected")]


@holds(10)
@pytest.mark.parametrize(
    ("cell", "persons", "rules"),
    [
        ("1,23457E+12", [], ["number_rounded"]),
        ("1,23457E+12, 7", [], ["number_rounded"]),
        ("7, 1E+12", [], ["number_rounded"]),
        ("9123456789012341.0", [], ["number_rounded"]),
        ("9123456789012341", ["9123456789012341"], []),
        ("7, 1234567890123456.0", ["7", "1234567890123456.0"], []),
        ("7, 12E3", ["7", "12E3"], []),
        ("7, MÃ¼", ["7"], ["text_misread"]),
    ],
)
def test_references_in_one_cell(cell: str, persons: list[str], rules: list[str]) -> None:
    mapped = run(TALKS, ["Nr", "Tag", "Wer"], [["1", "01.02.2024", cell]])
    named = [row["person_key"] for row in rows_of(mapped, "conversation_participant")]
    assert (named, [f[2] for f in findings(mapped)]) == (persons, rules)


@holds(8)
def test_a_spoiled_key_rejects_its_row() -> None:
    mapped = run(PERSONS, ["Nr", "Name"], [["MÃ¼-1", "Ali"], ["M?-1", "Eva"]])
    assert [row["key"] for row in rows_of(mapped, "person")] == ["M?-1"]
    assert findings(mapped) == [(2, "Nr", "key_unreadable", "rejected")]


@holds(8, "csv", "xlsx", "json")
def test_reading_without_a_mapping_tells_it_too(reader: str, tmp_path: Path) -> None:
    good = [(str(number), "Müller") for number in range(2, 12)]
    spoiled = ("MÃ¼ller", "M?ller", "1,23457E+12", "#NV", "Doðan")
    rows = [*good, *((str(number), text) for number, text in enumerate(spoiled, 12))]
    path = write_table(reader, tmp_path, ("Nr", "Name"), *rows).path
    ((table,),) = [file.tables for file in describe_files([path], {}, None)]
    first = 11 if reader == "json" else 12
    assert [(n.rule, n.row, n.column, n.severity) for n in table.notices if n.column] == [
        ("text_misread", first, "Name", "set_aside"),
        ("number_rounded", first + 2, "Name", "set_aside"),
        ("text_stand_in", first + 3, "Name", "set_aside"),
        ("text_perhaps_misread", first + 4, "Name", "notice"),
    ]
    assert not any("ller" in notice.message for notice in table.notices)
