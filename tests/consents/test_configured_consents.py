"""What the configuration and the mapping say of consents: whom a release is for, and which fields may be missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.problems import YamlProblems
from mappings.source_mapping import load_mapping
from pipelines.config import load_config
from pipelines.config.load import ConfigError
from pipelines.transfer.decision import decide_transfer
from tests.consents.office import LAST, MAPPING, RELEASE, Office, person

SECOND = "  other: {name: Jobcenter Nachbarkreis, kind: jobcenter}\n"


def released_to(office: Office, recipient: str) -> bool:
    with office.open() as hub:
        return bool(decide_transfer(hub, recipient, hub.today).released)


@pytest.mark.parametrize(
    ("own", "other", "released"),
    [
        ("", None, (True, False)),
        ("", "", (False, False)),
        (", releases: [beta]", "", (True, False)),
        (", releases: [alpha]", ", releases: [beta]", (False, True)),
        (", releases: []", None, (False, False)),
    ],
)
def test_a_release_counts_for_one_recipient(
    tmp_path: Path, own: str, other: str | None, released: tuple[bool, bool]
) -> None:
    more = "" if other is None else SECOND.replace("jobcenter}", f"jobcenter{other}}}")
    office = Office(tmp_path, more=more)
    office.configure(**{"Musterkreis, kind: jobcenter}": f"Musterkreis, kind: jobcenter{own}}}"})
    office.deliver("beta", LAST, [person("1", Freigabe="Sprache")])
    office.run()
    assert released_to(office, "jobcenter") is released[0]
    if other is not None:
        assert released_to(office, "other") is released[1]


def test_a_release_for_two_recipients_is_refused(tmp_path: Path) -> None:
    office = Office(tmp_path, more=SECOND.replace("jobcenter}", "jobcenter, releases: [beta]}"))
    office.configure(**{"Musterkreis, kind: jobcenter}": "M, kind: jobcenter, releases: [beta]}"})
    with pytest.raises(ConfigError, match="already count for 'jobcenter'"):
        load_config(office.folder / "drehscheibe.yaml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("delivers: full}", "delivers: full, expect_every_days: 99999999}"),
        ("district:", "consents: {after_case_days: 99999999}\ndistrict:"),
    ],
)
def test_days_beyond_the_calendar_are_refused(tmp_path: Path, old: str, new: str) -> None:
    office = Office(tmp_path)
    office.configure(**{old: new})
    with pytest.raises(ConfigError, match="less than or equal"):
        load_config(office.folder / "drehscheibe.yaml")


REVOKED = "revoked_on: Widerrufen"
RELEASED = "confidentiality_released: Schweigepflicht"
TWIN = "revoked_on_unreadable: {column: Widerrufen, as: unreadable}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (REVOKED, "given_on: Erteilt"),
        (TWIN, "purpose: Zweck"),
        (TWIN, "revoked_on_unreadable: {column: Gueltig_bis, as: unreadable}"),
        (REVOKED, "revoked_on: {constant: ''}"),
        ("recipient: Empfaenger", "recipient: {constant: Jobcenter Musterkreis}"),
        ("valid_until: Gueltig_bis", "valid_until: {constant: ''}"),
        ("released: Schweigepflicht", "released: {constant: true}"),
        ("released: Schweigepflicht", "released: {column: Schweigepflicht, empty: true}"),
        ("    optional: true", "    optional: true\n    optional_columns: [Widerrufen]"),
    ],
)
def test_a_mapping_by_which_the_gate_could_not_refuse_is_refused(
    tmp_path: Path, old: str, new: str
) -> None:
    text = MAPPING.replace("RELEASE\n", "")
    assert old in text
    lines = text.replace(old, new).splitlines()
    if new in ("given_on: Erteilt", "purpose: Zweck"):
        lines.remove(f"          {new}")
    (tmp_path / "own.yaml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(YamlProblems, match="the gate could not refuse by it"):
        load_mapping(tmp_path / "own.yaml")


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        (REVOKED, "revoked_on: {column: Widerrufen, past: true}", 30, "'past' may hide"),
        (REVOKED, "revoked_on: {column: Widerrufen, as: flag}", 30, "'as' may hide"),
        (REVOKED, "revoked_on: {column: Widerrufen, as: text}", 30, "'as' may hide"),
        (REVOKED, "revoked_on: {column: Widerrufen, required: true}", 30, "'required' may hide"),
        (REVOKED, "revoked_on: {column: Widerrufen, only_if: {Zweck: [x]}}", 30, "'only_if' may"),
        (REVOKED, "revoked_on: {column: Widerrufen, serial: true}", 31, "read one cell differ"),
        (TWIN, TWIN.replace("}", ", serial: true}"), 31, "read one cell differently"),
        (TWIN, TWIN.replace("}", ", only_if: {Zweck: [x]}}"), 31, "'only_if' may hide"),
        ("valid_until: Gueltig_bis", "valid_until: {column: Gueltig_bis, past: true}", 28, "past"),
        ("Widerrufen", "Gueltig_bis", 30, "stands in the column of 'valid_until'"),
        ("Widerrufen", "Erteilt", 30, "stands in the column of 'given_on'"),
        ("      consent:\n", "      consent:\n        when: Erteilt\n", 22, "may be a withdrawal"),
        (RELEASED, f"{RELEASED[:-15]}{{column: Schweigepflicht, values: {{'': true}}}}", 32, "''"),
        (
            RELEASED,
            f"{RELEASED[:-15]}{{column: Schweigepflicht, values: {{Nein: true}}}}",
            32,
            "Nein",
        ),
    ],
)
def test_a_mapping_that_hides_a_withdrawal_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, told: str
) -> None:
    text = MAPPING.replace("RELEASE\n", "")
    assert old in text
    (tmp_path / "own.yaml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(YamlProblems) as refused:
        load_mapping(tmp_path / "own.yaml")
    found = [p for p in refused.value.problems if told in p.message]
    assert [p.line for p in found][:1] == [line], refused.value
    assert all(p.suggestion for p in found)


BASIS = "basis: {constant: form}"


@pytest.mark.parametrize(
    ("old", "new", "lines", "told"),
    [
        # A table of its own is one of forms: its fields are not asked for as those of a release.
        (BASIS, "basis: {constant: release}", [25, 26, 27, 32], "is of a form"),
        (BASIS, "basis: Zweck", [24], "no cell may say it"),
        (BASIS, "basis: {column: Zweck, values: {x: release}}", [24], "no cell may say it"),
        (BASIS, "basis: {preamble: Art}", [24], "no cell may say it"),
    ],
)
def test_forms_are_not_judged_as_releases(
    tmp_path: Path, old: str, new: str, lines: list[int], told: str
) -> None:
    text = MAPPING.replace("RELEASE\n", "")
    (tmp_path / "own.yaml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(YamlProblems) as refused:
        load_mapping(tmp_path / "own.yaml")
    assert [p.line for p in refused.value.problems if told in p.message] == lines
    assert all(told in p.message and p.suggestion for p in refused.value.problems)


@pytest.mark.parametrize(
    "table",
    [
        "key: Nr, feeds: {consent: {CONSENT}}",
        "key: Nr, feeds: {consent: {when: Freigabe, CONSENT}}",
        "key: FNr, feeds: {case: {}, consent: {CONSENT}}",
        "key: FNr, feeds: {case: {}, consent: {key: Nr, CONSENT}}",
    ],
    ids=["a table of its own", "with when", "another key", "a key of its own"],
)
def test_a_release_beside_the_persons_row_needs_what_a_form_needs(
    tmp_path: Path, table: str
) -> None:
    consent = "fields: {person_key: Nr, basis: {constant: release}}"
    text = f"system: M\ntables: {{F: {{files: '*', {table.replace('CONSENT', consent)}}}}}\n"
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(YamlProblems, match="'revoked_on' of consent is not fed"):
        load_mapping(tmp_path / "own.yaml")


def test_a_release_whose_key_is_emptied_with_it_is_refused(tmp_path: Path) -> None:
    release = RELEASE.replace("consent: {when", "consent: {key: [Nr, Freigabe], when")
    (tmp_path / "own.yaml").write_text(MAPPING.replace("RELEASE\n", release), "utf-8")
    with pytest.raises(YamlProblems, match="'Freigabe' makes the key of consent") as refused:
        load_mapping(tmp_path / "own.yaml")
    assert [p.line for p in refused.value.problems] == [15]


def test_a_mapping_may_say_why_a_field_is_missing(tmp_path: Path) -> None:
    own = """extends: enaio_export
system: enaio
tables:
  Einwilligung:
    feeds:
      consent:
        without: {valid_until: das Formular kennt kein Ende, valid_until_unreadable: ebenso}
        fields: {valid_until: null, valid_until_unreadable: null}
"""
    (tmp_path / "own.yaml").write_text(own, "utf-8")
    assert load_mapping(tmp_path / "own.yaml").file.tables["Einwilligung"]
