"""What stands under `fetch`: defaults, secrets from outside, and every mistake with its line and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.config import Config, ConfigError, load_config
from pipelines.config.secret import key_secret, source_secret
from pipelines.config.transports.enaio import EnaioDms
from pipelines.config.transports.sftp import Sftp

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
GOOD = f"""\
district: {{ags: "08999", name: Musterkreis}}
data: daten
sources:
  jobkraftwerk:
    mapping: jobkraftwerk
    fetch: {{kind: sftp, host: sftp.example, port: 2222, user: abholer, host_key: "{KEY}", folder: raus, patterns: ["*.xlsx"]}}
  workbook:
    mapping: workbook
    fetch: {{kind: webdav, url: "https://cloud.example/dav/im/", user: abholer, ca_bundle: haus.pem}}
  tau:
    mapping: tau_office
    fetch: {{kind: sql_view, url: "mssql+pyodbc://leser@db/tau?driver=ODBC+Driver+18", views: {{Klienten: im.klienten}}, chunk_rows: 5}}
  enaio:
    mapping: enaio_export
    fetch: {{kind: enaio_dms, url: "https://enaio.example", user: svc, object_types: {{Person: [Nachname, Vorname]}}, watermark: true}}
  alt:
    mapping: enaio_export
    fetch:
      kind: enaio_osrest
      url: https://enaio.example
      token_url: https://id.example/token
      client_id: hub
      object_types: {{Beratung: {{columns: [Datum], stored_query: "42"}}}}
"""
MISTAKES = [
    # what is replaced, by what, the line, what the problem must say
    (
        "kind: sftp",
        "kind: sfpt",
        6,
        "sources.jobkraftwerk.fetch.kind: 'sfpt' is not possible here; did you mean 'sftp'?",
    ),
    (
        "kind: sftp, ",
        "",
        6,
        "sources.jobkraftwerk.fetch.kind: is missing; known: enaio_dms, enaio_osrest, sftp, sql_view, webdav",
    ),
    (
        "host: sftp.example",
        "hst: sftp.example",
        6,
        "sources.jobkraftwerk.fetch.hst: unknown key; did you mean 'host'?",
    ),
    (
        "user: abholer, host_key",
        "host_key",
        6,
        "sources.jobkraftwerk.fetch.user: is missing; add it to fetch",
    ),
    ("port: 2222", "port: ssh", 6, "sources.jobkraftwerk.fetch.port: must be a whole number"),
    (
        "port: 2222",
        "port: 99999",
        6,
        "sources.jobkraftwerk.fetch.port: input should be less than or equal to 65535",
    ),
    (
        KEY,
        "ssh-ed25519 AAAA",
        6,
        "fetch.host_key: is no host key; write 'ssh-ed25519 AAAA…' or 'SHA256:…'",
    ),
    (KEY, KEY.replace("ssh-ed25519", "ssh-rsa"), 6, "fetch.host_key: is no host key"),
    (KEY, "MD5:00:11", 6, "fetch.host_key: is no host key"),
    (
        'patterns: ["*.xlsx"]',
        "patterns: x",
        6,
        "fetch.patterns: must be a list; write it as [one, two]",
    ),
    (
        "port: 2222",
        "password: x",
        6,
        "a secret never stands here; take it out; set DREHSCHEIBE_SECRET_JOBKRAFTWERK, or write it into a file",
    ),
    ("folder: raus", "key_file: nirgends", 6, "fetch.key_file: file 'nirgends' does not exist"),
    (
        "ca_bundle: haus.pem",
        "ca_bundle: haus.crt",
        9,
        "sources.workbook.fetch.ca_bundle: file 'haus.crt' does not exist",
    ),
    ("https://cloud", "http://cloud", 9, "fetch.url: must be an address that begins with https://"),
    (
        "https://cloud",
        "https://u:geheim@cloud",
        9,
        "fetch.url: holds a user or password; take it out; set DREHSCHEIBE_SECRET_WORKBOOK",
    ),
    ("dav/im/", "dav/im/?token=geheim", 9, "fetch.url: holds more than an address"),
    (
        "leser@db",
        "leser:geheim@db",
        12,
        "fetch.url: holds a password; take it out; set DREHSCHEIBE_SECRET_TAU",
    ),
    ("?driver", "?PWD=geheim&driver", 12, "fetch.url: holds a password"),
    (
        "mssql+pyodbc://leser@db/tau?driver=ODBC+Driver+18",
        "tau",
        12,
        "fetch.url: is no address of a database",
    ),
    ("{Klienten: im.klienten}", "{}", 12, "fetch.views: dictionary should have at least 1 item"),
    ("{Klienten: im.klienten}", "{a/b: im.klienten}", 12, "fetch.views.a/b: is no name of a table"),
    (
        "chunk_rows: 5",
        "chunk_rows: 0",
        12,
        "fetch.chunk_rows: input should be greater than or equal to 1",
    ),
    (
        "[Nachname, Vorname]",
        "['Nachname, Vorname']",
        15,
        "Person.0: 'Nachname, Vorname' is no internal name of enaio",
    ),
    ("[Nachname, Vorname]", "Nachname", 15, "object_types.Person: must be keys with values"),
    (
        "[Nachname, Vorname]",
        "{colums: [N]}",
        15,
        "object_types.Person.colums: unknown key; did you mean 'columns'?",
    ),
    (
        "user: svc, ",
        "",
        15,
        "sources.enaio.fetch: says not who logs in; add user, or token_url and client_id",
    ),
    (
        "user: svc",
        "user: svc, client_id: x",
        15,
        "fetch.user: stands beside a client of the gateway",
    ),
    ("watermark: true", "watermark: ja", 15, "fetch.watermark: must be true or false"),
    (
        "      client_id: hub\n",
        "",
        18,
        "fetch.client_id: is missing; token_url and client_id belong together",
    ),
    (
        ', stored_query: "42"',
        "",
        23,
        "object_types.Beratung: has no number; OSRest needs type_id or stored_query",
    ),
    ('"42"', "zwei", 23, "Beratung.stored_query: 'zwei' is no number"),
    (
        "    mapping: workbook\n",
        "    mapping: workbook\n    folder: 7\n",
        9,
        "sources.workbook.folder: must be a path",
    ),
]


def write(folder: Path, text: str) -> Path:
    (folder / "haus.pem").write_text("")
    (folder / "drehscheibe.yaml").write_text(text, encoding="utf-8")
    return folder / "drehscheibe.yaml"


@pytest.fixture
def good(tmp_path: Path) -> Config:
    return load_config(write(tmp_path, GOOD))


def test_what_is_fetched_has_a_folder_of_its_own(good: Config, tmp_path: Path) -> None:
    assert good.sources["tau"].folder == tmp_path / "daten" / "fetched" / "tau"


def test_a_folder_may_be_named_and_need_not_be_there(tmp_path: Path) -> None:
    text = GOOD.replace("    mapping: workbook\n", "    mapping: workbook\n    folder: eigener\n")
    assert load_config(write(tmp_path, text)).sources["workbook"].folder == tmp_path / "eigener"


def test_each_kind_is_read_as_its_own(good: Config) -> None:
    sftp, enaio = good.sources["jobkraftwerk"].fetch, good.sources["enaio"].fetch
    assert isinstance(sftp, Sftp)
    assert (sftp.port, sftp.patterns, sftp.max_files) == (2222, ("*.xlsx",), 10_000)
    assert isinstance(enaio, EnaioDms)
    assert enaio.object_types["Person"].columns == ("Nachname", "Vorname")


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_on_the_same_machine_nobody_listens(host: str, tmp_path: Path) -> None:
    fetch = (
        load_config(
            write(tmp_path, GOOD.replace('url: "https://enaio.example"', f'url: "http://{host}"'))
        )
        .sources["enaio"]
        .fetch
    )
    assert isinstance(fetch, EnaioDms) and fetch.url == f"http://{host}"


@pytest.mark.parametrize(
    ("right", "wrong", "line", "says"), MISTAKES, ids=[f"{r} -> {w}"[:40] for r, w, *_ in MISTAKES]
)
def test_a_mistake_is_said_with_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, says: str
) -> None:
    assert right in GOOD
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, GOOD.replace(right, wrong, 1)))
    found = str(caught.value).splitlines()
    assert any(p.startswith(f"drehscheibe.yaml:{line}:") and says in p for p in found), "\n".join(
        found
    )
    assert "geheim" not in str(caught.value)


def test_a_source_needs_a_folder_or_a_way(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError,
        match=r"sources\.tau\.folder: is missing; add it to tau, or say under fetch how to get there",
    ):
        load_config(
            write(
                tmp_path,
                "district: {ags: '08999', name: M}\nsources:\n  tau: {mapping: tau_office}\n",
            )
        )


@pytest.mark.parametrize("way", ["environment", "folder"])
def test_secrets_come_from_outside(
    good: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("tau", "a variable that happens to be called so")
    assert source_secret(good, "tau") is None
    if way == "environment":
        monkeypatch.setenv("DREHSCHEIBE_SECRET_TAU", "Geheim€")
        monkeypatch.setenv("DREHSCHEIBE_SECRET_TAU_KEY", "Schlüssel")
    else:
        (tmp_path / "secrets").mkdir(mode=0o700)
        (tmp_path / "secrets" / "tau").write_text("Geheim€\n", encoding="utf-8")
        (tmp_path / "secrets" / "tau_key").write_text("Schlüssel\n", encoding="utf-8")
        for file in (tmp_path / "secrets").iterdir():
            file.chmod(0o600)
    found = source_secret(good, "tau"), key_secret(good, "tau")
    assert [s.get_secret_value() for s in found if s] == ["Geheim€", "Schlüssel"]
    assert "Geheim" not in repr(found)
