"""Reading codes: one label in a cell or several, also where the labels hold the separator themselves; and the lists behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import code_lists
from mappings.engine.clean import fold_text
from mappings.engine.codes import code_reader, codes_reader, texts_reader
from mappings.problems import YamlProblems

LISTS = [name for name in code_lists.list_names() if name != "municipality"]
TARGETS = code_lists.load_code_list("referral_target")
TOPICS = code_lists.load_code_list("topic")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("sex", "weibl.", "w"),
        ("sex", " Männlich\u00a0", "m"),
        ("sex", "k. A.", "ohne_angabe"),
        ("marital_status", "VH", "VH"),
        ("residence_status", "AE", "aufenthaltserlaubnis"),
        ("residence_status", "§ 25 Abs. 3 AufenthG", "ae_25_3"),
        ("residence_status", "§ 25 Abs. 2 AufenthG", "ae_25_2"),
        ("residence_status", "§ 25 Abs. 2 Satz 1 AufenthG", "ae_25_2"),
        ("residence_status", "§ 25 Abs. 2 Satz 1 Alt. 1 AufenthG", "ae_25_2_fl"),
        ("residence_status", "§ 25 Abs. 2 Satz 1 Alt. 2 AufenthG", "ae_25_2_sub"),
        ("residence_status", "anerkannter Flüchtling", "ae_25_2_fl"),
        ("housing", "vorl. Unterbringung", "vorlaeufig"),
        ("topic", "Leistungen/ALG", "anderes"),
        ("topic", "gesellschaftliche Teilhabe", "teilhabe"),
        ("language_level", "b1", "B1"),
        ("goal_status", "Erreicht", "erreicht"),
        ("data_group", "Schule_Ausbildung", "schule_ausbildung"),
        ("nationality", "Arabische Republik Syrien", "SYR"),
        ("nationality", "syrisch", "SYR"),
        ("nationality", "AFG", "AFG"),
        ("nationality", "Deutschland", "DEU"),
        ("nationality", "Myanmar", "MMR"),
        ("nationality", "Katar", "QAT"),
        ("nationality", "Vereinigte Staaten", "USA"),
        ("nationality", "Elfenbeinküste", "CIV"),
        ("nationality", "Kosovo", "XKX"),
        ("nationality", "ohne Staatsangehörigkeit", "staatenlos"),
        ("nationality", "ungeklärt", "ungeklaert"),
        ("nationality", "unbekannt", "ohne_angabe"),
    ],
)
def test_spellings(name: str, text: str, code: str) -> None:
    assert code_reader(code_lists.load_code_list(name).spellings)(text) == (code, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sex", "mw"),
        ("nationality", "DDR"),
        ("nationality", "Atlantis"),
        ("topic", "Sprache|Schule"),
    ],
)
def test_no_guess_for_what_is_not_in_the_list(name: str, text: str) -> None:
    assert code_reader(code_lists.load_code_list(name).spellings)(text) == (None, "unknown_code")


@pytest.mark.parametrize(
    ("text", "separators", "codes", "rule"),
    [
        ("Agentur für Arbeit/Jobcenter", "/", ["jobcenter"], None),
        ("Jobcenter/ABH", "/", ["jobcenter", "auslaenderbehoerde"], None),
        ("Agentur für Arbeit/Jobcenter/Gericht", "/", ["jobcenter", "andere"], None),
        (
            "Vereine/Organisationen für Flüchtlinge / Andere Regeldienste/Beratungsstellen",
            "/",
            ["vereine", "andere"],
            None,
        ),
        ("Agentur für Arbeit/Jobcenter, ABH", ",", ["jobcenter", "auslaenderbehoerde"], None),
        ("ABH\nGericht, Standesamt", ",\n", ["auslaenderbehoerde", "andere"], None),
        ("ABH||Gericht|", "|", ["auslaenderbehoerde", "andere"], None),
        ("ABH|Zauberer|Gericht", "|", ["auslaenderbehoerde", "andere"], "unknown_code"),
        ("Zauberer", "|", [], "unknown_code"),
        ("ABH/Zauberer", "|", [], "unknown_code"),
        ("", "|", [], None),
        (" | ", "|", [], None),
    ],
)
def test_several_in_a_cell(text: str, separators: str, codes: list[str], rule: str | None) -> None:
    assert codes_reader(TARGETS.spellings, list(separators))(text) == (tuple(codes), rule)


@given(
    st.lists(st.sampled_from(sorted(TOPICS.labels)), unique=True),
    st.sampled_from([",", "/", "|", "\n", ";"]),
)
def test_labels_that_hold_the_separator_are_split_right(codes: list[str], separator: str) -> None:
    cell = separator.join(TOPICS.labels[c] for c in codes)
    assert codes_reader(TOPICS.spellings, [separator])(cell) == (tuple(codes), None)


def test_texts_are_cut_cleaned_and_kept_once() -> None:
    assert texts_reader([",", "\n"])("JK-2, JK-1\u00a0\nJK-2,") == (("JK-2", "JK-1"), None)
    assert texts_reader([])("Beispiel, Amal") == (("Beispiel, Amal",), None)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_loads_and_knows_its_labels(name: str) -> None:
    found = code_lists.load_code_list(name)
    assert found.title and found.source
    assert {
        code for code, label in found.labels.items() if found.spellings[fold_text(label)] != code
    } == set()
    codes = found.labels.keys() - {code_lists.NOT_STATED}
    assert {code: found.spellings[fold_text(code)] for code in codes} == {c: c for c in codes}
    assert set(found.spellings.values()) - found.labels.keys() == set()
    assert set(found.roll_up) | set(found.norms) <= found.labels.keys()
    assert len(set(found.labels.values())) == len(found.labels)


def a_list(folder: Path, monkeypatch: pytest.MonkeyPatch, codes: str) -> str:
    monkeypatch.setattr(code_lists, "FOLDER", folder)
    (folder / f"{folder.name}.yaml").write_text(
        f"title: Probe\nsource: Annahme\ncodes:\n{codes}", encoding="utf-8"
    )
    return folder.name


def test_a_spelling_for_two_codes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = a_list(
        tmp_path, monkeypatch, "  a: {label: Anna, also: [AA]}\n  b: {label: Berta, also: [aa]}\n"
    )
    with pytest.raises(ValueError, match="stands for both a and b"):
        code_lists.load_code_list(name)


def test_a_wrong_word_in_a_list_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = a_list(tmp_path, monkeypatch, "  a: {label: Anna}\n  b: {label: Berta, alsi: [B]}\n")
    with pytest.raises(YamlProblems) as caught:
        code_lists.load_code_list(name)
    assert [(p.line, p.where, p.message) for p in caught.value.problems] == [
        (5, "codes.b.alsi", "unknown key")
    ]


def test_a_mapping_adds_spellings_of_its_own() -> None:
    more = TOPICS.with_spellings({"Kita": "kinder", "Finanzen": "arbeit"})
    assert [more.spellings[fold_text(t)] for t in ("KITA", "finanzen", "Heirat")] == [
        "kinder",
        "arbeit",
        "anderes",
    ]


def test_municipalities_come_from_the_configuration() -> None:
    found = code_lists.list_municipalities(
        {"08999001": ("Musterstadt", "Stadt Musterstadt"), "08999003": ("Mühlenröth",)}
    )
    read = code_reader(found.spellings)
    assert [
        read(t).value for t in ("musterstadt", "Stadt Musterstadt", "08999003", "Anderswo")
    ] == [
        "08999001",
        "08999001",
        "08999003",
        None,
    ]
    with pytest.raises(ValueError, match="stands for both"):
        code_lists.list_municipalities({"08999001": ("Neustadt",), "08999002": ("Neustadt",)})
