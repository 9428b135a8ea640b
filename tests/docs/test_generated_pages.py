"""The generated pages say what the code says: current on disk, the same in every run, and stale as soon as one of them differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Boolean, Column, MetaData, String, Table

from mappings import recipient_fields, source_mapping
from mappings.findings.rules import RULES
from mappings.source_mapping import collect_columns
from pipelines.docs import FOLDER, consent, dictionary, generate_pages, indicators, pages, run_docs
from warehouse.gates.question import REASONS
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import UNITS
from warehouse.schema import ENTITIES, metadata

PAGES = generate_pages()


def test_pages_on_disk_are_current() -> None:
    assert pages.find_stale(FOLDER) == [], "run `drehscheibe docs`"


def test_pages_are_the_same_in_every_run() -> None:
    assert generate_pages() == PAGES


def test_writing_makes_current_and_checking_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "generated"
    assert run_docs(True, folder) == 1
    assert not folder.exists()
    assert run_docs(False, folder) == 0
    assert run_docs(True, folder) == 0
    (folder / "codes.md").write_text("old", encoding="utf-8")
    (folder / "gone.md").write_text("a page of former days", encoding="utf-8")
    assert run_docs(True, folder) == 1
    assert [line.split()[0] for line in capsys.readouterr().err.splitlines()[-2:]] == [
        "generated/codes.md",
        "generated/gone.md",
    ]
    assert run_docs(False, folder) == 0
    assert pages.find_stale(folder) == []


def test_a_removed_column_makes_pages_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.write_pages(tmp_path)
    whole = ENTITIES["conversation"]
    kept = [
        Column(c.name, c.type, nullable=c.nullable, info=c.info)
        for c in whole.table.columns
        if c.name != "interpreter"
    ]
    smaller = Table(whole.table.name, MetaData(), *kept, info=whole.table.info)
    monkeypatch.setattr(
        dictionary, "ENTITIES", {**ENTITIES, "conversation": replace(whole, table=smaller)}
    )
    assert pages.find_stale(tmp_path) == ["dictionary.md"]


def test_every_column_of_the_schema_is_in_the_dictionary() -> None:
    missing = [
        f"{t.name}.{c.name}"
        for t in metadata.tables.values()
        for c in t.columns
        if f"| `{c.name}` | {c.info['label']} |" not in PAGES["dictionary.md"]
    ]
    assert missing == []


@pytest.mark.parametrize("name", source_mapping.list_mappings())
def test_every_column_a_mapping_knows_is_on_its_page(name: str) -> None:
    page = PAGES["sources.md"].split(f"(`{name}`)")[1].split("\n## ")[0]
    tables = source_mapping.load_mapping(name).file.tables.values()
    assert [
        c for t in tables for c in (*collect_columns(t), *t.ignore) if f"| `{c}`" not in page
    ] == []


def test_every_rule_is_among_the_findings() -> None:
    assert [name for name in RULES if f"| `{name}` |" not in PAGES["findings.md"]] == []


def test_what_the_pages_explain_is_all_there_is() -> None:
    assert set(consent.REASON_MEANING) == set(REASONS)
    assert set(indicators.UNIT_MEANING) == set(UNITS)
    assert [name for name in INDICATORS if f"(`{name}`" not in PAGES["indicators.md"]] == []
    protection = {c.info["protection"] for t in metadata.tables.values() for c in t.columns}
    assert protection <= set(dictionary.PROTECTION)


def test_a_field_either_may_leave_or_is_listed_as_withheld() -> None:
    given = {
        f"`{e}.{f}`"
        for g in recipient_fields.load_handover("jobcenter").groups.values()
        for e, fields in g.items()
        for f in fields
    }
    allowed, _, withheld = PAGES["consent.md"].partition("### Was nie hinausgeht")
    assert all(field in allowed for field in given)
    assert "`official_number`" in withheld.split("(`person`)")[1].split("\n")[0]
    assert "`last_name`" not in withheld


def test_a_bar_in_a_cell_breaks_no_table() -> None:
    from pipelines.docs.markdown import format_table

    assert format_table(("a",), [("x|y\nz",)]).splitlines()[-1] == r"| x\|y z |"


@pytest.mark.parametrize(("type_", "name"), [(String(20), "Text (20)"), (Boolean(), "ja/nein")])
def test_types_have_german_names(type_: String | Boolean, name: str) -> None:
    assert dictionary.type_name(Column("x", type_).type) == name
