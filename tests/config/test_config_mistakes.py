"""Every mistake in drehscheibe.yaml is reported with its line and what would be right. Good files are not here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.config import ConfigError, load_config

GOOD = """\
district: {ags: "08999", name: Musterkreis}
data: data
carriers:
  landratsamt: {name: Landratsamt Musterkreis}
municipalities:
  "08999001": {name: Musterstadt, team: Nord, also: [Stadt Musterstadt]}
sources:
  enaio: {mapping: enaio_export, folder: exports/enaio, carrier: landratsamt}
recipients:
  jobcenter: {name: Jobcenter Musterkreis, kind: jobcenter}
targets:
  - {team: Nord, indicator: conversations, value: 100, until: 2025-12-31}
reports: {period: calendar_year}
schedule: {nightly: "0 2 * * *"}
staff:
  - {name: Muster, source: enaio, vzae: 0.5, from: 2024-01-01, to: 2024-12-31}
funding:
  target_group: [vwv-im-2025]
  carriers: {landratsamt: [vwv-im-2025-beratung]}
"""
JOBCENTER = "jobcenter: {name: Jobcenter Musterkreis, kind: jobcenter"
DROP = 'to: {sftp: {host: h, user: u, host_key: "SHA256:'
MISTAKES = [
    (
        JOBCENTER,
        f"{JOBCENTER}, hand_over: {{encrypt: {{}}}}",
        10,
        "recipients.jobcenter.hand_over.encrypt: value error, needs one of age (keys) and cms",
    ),
    (
        JOBCENTER,
        f"{JOBCENTER}, hand_over: {{encrypt: {{age: [AGE-SECRET-KEY-1ABC]}}}}",
        10,
        "hand_over.encrypt.age: value error, holds something that is no public key of age",
    ),
    (
        JOBCENTER,
        f"{JOBCENTER}, hand_over: {{to: {{folder: a, sftp: {{}}}}}}",
        10,
        "recipients.jobcenter.hand_over.to.sftp.host: is missing; add it to sftp",
    ),
    (
        JOBCENTER,
        f'{JOBCENTER}, hand_over: {{{DROP}{43 * "A"}"}}}}}}',
        10,
        "a parcel on another machine has to be encrypted; add encrypt",
    ),
    (
        JOBCENTER,
        f'{JOBCENTER}, hand_over: {{{DROP}short"}}}}}}',
        10,
        "recipients.jobcenter.hand_over.to.sftp.host_key: value error, is no host key; write 'ssh",
    ),
    (
        JOBCENTER,
        f"{JOBCENTER}, template: {{file: form.pdf}}",
        10,
        "recipients.jobcenter.template.fields: is missing; add it to template",
    ),
    # what is replaced, by what, the line, what the problem must say
    (
        "mapping: enaio_export",
        "mappin: enaio_export",
        8,
        "sources.enaio.mappin: unknown key; did you mean 'mapping'?",
    ),
    ("mapping: enaio_export, ", "", 8, "sources.enaio.mapping: is missing; add it to enaio"),
    (
        "enaio_export",
        "enaio_exprt",
        8,
        "sources.enaio.mapping: no mapping 'enaio_exprt'; did you mean 'enaio_export'?",
    ),
    ("enaio_export", "own/mine.yaml", 8, "sources.enaio.mapping: no mapping 'own/mine.yaml'"),
    (
        "exports/enaio",
        "exports/enaoi",
        8,
        "folder 'exports/enaoi' does not exist; did you mean 'exports/enaio'?",
    ),
    (
        "exports/enaio",
        "elsewhere/x",
        8,
        "sources.enaio.folder: folder 'elsewhere/x' does not exist; create it",
    ),
    (
        "carrier: landratsamt",
        "carrier: landratamt",
        8,
        "unknown carrier 'landratamt'; did you mean 'landratsamt'?",
    ),
    (
        "carrier: landratsamt",
        "delivers: ful",
        8,
        "sources.enaio.delivers: 'ful' is not possible here; did you mean 'full'?",
    ),
    (
        "carrier: landratsamt",
        "max_gone_share: 30",
        8,
        "max_gone_share: input should be less than or equal to 1",
    ),
    (
        "carrier: landratsamt",
        "expect_every_days: often",
        8,
        "expect_every_days: must be a whole number",
    ),
    (
        "  enaio:",
        "  en-aio:",
        8,
        "a source's name has only letters, digits and _; such as 'en_aio'",
    ),
    (
        'ags: "08999"',
        'ags: "0899"',
        1,
        "district.ags: '0899' is no AGS of a district; it has 5 digits",
    ),
    ('ags: "08999"', "ags: 08999", 1, 'district.ags: must be text; write it in quotes: "08999"'),
    (
        '"08999001"',
        "8999001",
        6,
        "'8999001' is no AGS of a municipality; did you mean \"08999001\"?",
    ),
    ('"08999001"', '"0899900"', 6, "'0899900' is no AGS of a municipality; it has 8 digits"),
    ('"08999001"', '"08998001"', 6, "lies outside the district 08999; its AGS begins with 08999"),
    ("team: Nord, also", "team: Nord, allso", 6, "allso: unknown key; did you mean 'also'?"),
    (
        "also: [Stadt Musterstadt]",
        "also: Stadt",
        6,
        "municipalities.08999001.also: must be a list; write it as [one, two]",
    ),
    (
        "kind: jobcenter",
        "kind: jobcentre",
        10,
        "'jobcentre' is not possible here; did you mean 'jobcenter'?",
    ),
    (
        "{team: Nord, indicator",
        "{team: Nrod, indicator",
        12,
        "targets.0.team: unknown team 'Nrod'; did you mean 'Nord'?",
    ),
    (
        "until: 2025-12-31",
        "until: 2025-02-30",
        12,
        "targets.0.until: must be a date; write it as 2025-01-31",
    ),
    (
        "value: 100, until",
        "value: 100, from: 2026-01-01, until",
        12,
        "targets.0.until: lies before 'from'",
    ),
    ("value: 100", "value: viele", 12, "targets.0.value: must be a number"),
    ("period: calendar_year", "period: calender_year", 13, "did you mean 'calendar_year'?"),
    ("0 2 * * *", "2 Uhr", 14, "schedule.nightly: '2 Uhr' is no cron line; five parts"),
    (
        'nightly: "0 2 * * *"',
        "timezone: Europe/Berln",
        14,
        "unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
    ),
    (
        "source: enaio",
        "source: enaoi",
        16,
        "staff.0.source: unknown source 'enaoi'; did you mean 'enaio'?",
    ),
    ("to: 2024-12-31", "to: 2023-12-31", 16, "staff.0.to: lies before 'from'"),
    ("vzae: 0.5", "vzae: '0,5'", 16, "staff.0.vzae: must be a number; write it with a point"),
    (
        "data: data",
        "warehouse: postgres://u@h/d",
        2,
        "no warehouse 'postgres://'; did you mean 'postgresql'?",
    ),
    ("data: data", "district: {}", 2, "district: stands here a second time, first in line 1"),
    (
        "data: data",
        "data: [",
        4,
        "no valid YAML: expected ',' or ']', but got ':'; look at what begins in line 2",
    ),
    ("data: data", "dat: data", 2, "dat: unknown key; did you mean 'data'?"),
    (
        "carriers:\n",
        "carriers: alle\nx:\n",
        3,
        "carriers: must be keys with values; write it as {key: value}",
    ),
    (
        "[vwv-im-2025]",
        "[vwv-im-2024]",
        18,
        "no rule 'vwv-im-2024' of the target group; did you mean",
    ),
    ("[vwv-im-2025]", "[rules/own.yaml]", 18, "funding.target_group.0: no rule 'rules/own.yaml'"),
    ("[vwv-im-2025]", "vwv-im-2025", 18, "funding.target_group: must be a list"),
    ("{landratsamt: [", "{landratamt: [", 19, "unknown key 'landratamt' of carriers; did you mean"),
    (
        "  target_group:",
        "  register: fehlt.xlsx\n  target_group:",
        18,
        "file 'fehlt.xlsx' does not exist",
    ),
    ("  target_group:", "  targets:", 18, "funding.targets: unknown key; did you mean"),
]


def problems(folder: Path, text: str, **options: bool) -> list[str]:
    (folder / "exports" / "enaio").mkdir(parents=True, exist_ok=True)
    path = folder / "drehscheibe.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, **options)
    return str(caught.value).splitlines()


def test_the_good_file_is_good(tmp_path: Path) -> None:
    (tmp_path / "exports" / "enaio").mkdir(parents=True)
    path = tmp_path / "drehscheibe.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_config(path).district.name == "Musterkreis"


@pytest.mark.parametrize(
    ("right", "wrong", "line", "says"),
    MISTAKES,
    ids=[wrong.strip() or right for right, wrong, *_ in MISTAKES],
)
def test_a_mistake_is_said_with_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, says: str
) -> None:
    assert GOOD.count(right) >= 1
    found = problems(tmp_path, GOOD.replace(right, wrong, 1))
    assert any(p.startswith(f"drehscheibe.yaml:{line}:") and says in p for p in found), "\n".join(
        found
    )


def test_all_mistakes_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD
    for right, wrong, *_ in [
        m
        for m in MISTAKES
        if m[1] in ("mappin: enaio_export", "data: data", "dat: data", "value: viele")
    ]:
        text = text.replace(right, wrong, 1)
    text = (
        text.replace("08999001", "0899900")
        .replace("source: enaio", "source: enaoi")
        .replace("carrier: land", "carrier: lnd")
    )
    lines = [int(p.split(":")[1]) for p in problems(tmp_path, text)]
    assert lines == sorted(lines)
    assert {2, 6, 8, 12, 16} <= set(lines)
    assert len(lines) == 7


def test_a_name_means_one_municipality(tmp_path: Path) -> None:
    text = GOOD.replace(
        "sources:", '  "08999002": {name: Feldlingen, also: [stadt  MUSTERSTADT]}\nsources:', 1
    )
    found = problems(tmp_path, text)
    assert found == [
        "drehscheibe.yaml:7: municipalities.08999002: 'stadt  MUSTERSTADT' already means 08999001; one name means one municipality"
    ]


@pytest.mark.parametrize(
    "address", ["postgresql+psycopg://u:geheim@h/d", "postgresql+psycopg://h/d?password=geheim"]
)
def test_a_password_is_refused_and_not_repeated(tmp_path: Path, address: str) -> None:
    found = problems(tmp_path, GOOD.replace("data: data", f"warehouse: {address}", 1))
    assert len(found) == 1
    assert found[0].startswith("drehscheibe.yaml:2: warehouse: holds a password")
    assert "geheim" not in found[0]


def test_the_column_is_known(tmp_path: Path) -> None:
    text = GOOD.replace("kind: jobcenter", "knid: jobcenter", 1)
    path = tmp_path / "drehscheibe.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, check_folders=False)
    unknown = next(p for p in caught.value.problems if p.message == "unknown key")
    assert (unknown.line, unknown.column) == (10, text.splitlines()[9].index("knid") + 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "drehscheibe.yaml:1: the file is empty"),
        (b"- a\n- b\n", "drehscheibe.yaml:1: must be keys with values"),
        (b"district: {name: M\xfchl}\n", "drehscheibe.yaml:1: is not UTF-8; save it as UTF-8"),
        (b"a: \x00", "drehscheibe.yaml:1: no valid YAML"),
        (b"district: !!python/object:os.system x\n", "drehscheibe.yaml:1: no valid YAML"),
        (b"district: &a {name: *a}\n", "an anchor that contains itself"),
        (b"? [a, b]\n: c\n", "a key must be a single word"),
    ],
    ids=["empty", "list", "latin-1", "NUL", "foreign tag", "circle", "key of keys"],
)
def test_a_file_that_is_none(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "drehscheibe.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert says in str(caught.value)


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError,
        match=r"drehscheibe\.yaml: cannot be read: No such file or directory; looked for",
    ):
        load_config(tmp_path / "drehscheibe.yaml")


def test_a_bomb_or_a_pipe_in_place_of_the_file(tmp_path: Path) -> None:
    lines = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    (found,) = problems(tmp_path, f"a0: &a0 [x]\n{lines}")[:1]
    assert "stands for more than 100000 values" in found
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ConfigError, match="no ordinary file"):
        load_config(tmp_path / "pipe.yaml")


@pytest.mark.parametrize(
    ("written", "longer", "says"),
    [
        ("  enaio: {", f"  {'e' * 65}: {{", "has more than 64 characters"),
        ("  landratsamt: {", f"  {'l' * 65}: {{", "has more than 64 characters"),
        ("name: Musterstadt", f"name: {'M' * 201}", "name: string should have at most 200"),
        ("team: Nord, also", f"team: {'N' * 201}, also", "team: string should have at most 200"),
        ("name: Muster, source", f"name: {'M' * 201}, source", "at most 200"),
    ],
    ids=["source", "carrier", "municipality", "team", "staff"],
)
def test_a_name_that_no_warehouse_takes(
    tmp_path: Path, written: str, longer: str, says: str
) -> None:
    assert any(says in found for found in problems(tmp_path, GOOD.replace(written, longer, 1)))
