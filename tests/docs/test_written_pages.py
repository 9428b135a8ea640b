"""What people wrote in the documentation still holds: its examples load, its links lead somewhere, and no key goes unexplained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from mappings import source_mapping
from mappings.source_yaml import DialectPart, EachPart, EntityPart, FieldPart, SourceFile, TablePart
from pipelines.config import (
    Config,
    Recipient,
    Reports,
    Schedule,
    Source,
    Staff,
    Target,
    load_config,
)
from pipelines.config.encryption import Encryption
from pipelines.config.models import Carrier, District, FundingTerms, Municipality, Page

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted(p for p in (ROOT / "docs").rglob("*.md") if p.parent.name != "generated"),
]
NAMES = [str(p.relative_to(ROOT)) for p in WRITTEN]
LONGEST_LINE = 160


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def example(name: str) -> str:
    """The first YAML example of a page, as it would stand in a file."""
    found = re.search(r"^( *)```yaml\n(.*?)\n\1```", text(name), re.DOTALL | re.MULTILINE)
    assert found is not None
    return "\n".join(line.removeprefix(found[1]) for line in found[2].splitlines()) + "\n"


def section(name: str, title: str) -> str:
    return re.split(r"\n##", text(name).split(f"\n### {title}")[1])[0]


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_short(name: str) -> None:
    assert [
        n for n, line in enumerate(text(name).splitlines(), 1) if len(line) > LONGEST_LINE
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text(name))
    assert [
        link
        for link in links
        if "://" not in link and not (ROOT / name).parent.joinpath(link).exists()
    ] == []


def test_the_configuration_of_the_readme_loads(tmp_path: Path) -> None:
    path = tmp_path / "drehscheibe.yaml"
    path.write_text(example("README.md"), encoding="utf-8")
    config = load_config(path, check_folders=False)
    assert set(config.sources) == {"enaio", "tau"}
    assert config.targets[0].team in config.teams


def test_the_example_of_a_source_loads(tmp_path: Path) -> None:
    path = tmp_path / "tau_kreis.yaml"
    path.write_text(example("docs/adding-a-source.md"), encoding="utf-8")
    fields = source_mapping.load_mapping(path).file.tables["Klienten"].feeds["person"].fields
    assert fields["official_number"].column == "AZR_Nr"
    assert "entry_date" not in fields
    assert "last_name" in fields


def test_mistakes_are_told_as_the_page_says(tmp_path: Path) -> None:
    path = tmp_path / "tau_kreis.yaml"
    wrong = (
        example("docs/adding-a-source.md")
        .replace("official_number", "oficial_number")
        .replace("F: familie", "F: famile")
    )
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(source_mapping.YamlProblems) as told:
        source_mapping.load_mapping(path)
    assert str(told.value) in text("docs/adding-a-source.md")


MAPPING = [
    (SourceFile, "Top"),
    (DialectPart, "`dialect`"),
    (TablePart, "A table"),
    (EntityPart, "An entity"),
    (FieldPart, "A field"),
    (EachPart, "`each`"),
]
CONFIGURATION = [
    (Config, "Top"),
    (District, "`district`"),
    (Encryption, "`encryption`"),
    (Carrier, "`carriers`"),
    (Municipality, "`municipalities`"),
    (Source, "`sources`"),
    (Recipient, "`recipients`"),
    (Target, "`targets`"),
    (Reports, "`reports`"),
    (Schedule, "`schedule`"),
    (Page, "`page`"),
    (Staff, "`staff`"),
    (FundingTerms, "`funding`"),
]


@pytest.mark.parametrize(
    ("page", "model", "title"),
    [
        *(("docs/adding-a-source.md", *m) for m in MAPPING),
        *(("docs/configuration.md", *c) for c in CONFIGURATION),
    ],
)
def test_every_key_is_explained(page: str, model: type[BaseModel], title: str) -> None:
    keys = {field.alias or name for name, field in model.model_fields.items()}
    (table, *_) = re.split(r"\n\*\*", section(page, title))
    named = set(
        re.findall(
            r"`([^`]+)`",
            " ".join(re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE)),
        )
    )
    assert named == keys
