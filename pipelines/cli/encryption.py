"""The commands encrypt and decrypt: switch encryption at rest on and off."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Wrong
from pipelines.cli.options import ConfigFile, Json, print_json, print_progress

if TYPE_CHECKING:
    from pipelines.config import Config
    from pipelines.config.encryption import Encryption
    from warehouse.encryption.convert import ConversionResult
    from warehouse.encryption.key import Key

KeepsKey = Annotated[
    bool,
    typer.Option("--yes-i-keep-the-key", help="Do not ask: the key is kept in a safe place."),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file", help="The file that holds the key; encrypt makes it where there is none."
    ),
]
SENTENCES = ("ich verwahre ihn", "i keep it")
EXPLAINED = """\
BEVOR VERSCHLÜSSELT WIRD
  Eingang (landing) und Datenbankdatei werden mit einem einzigen Schlüssel verschlüsselt.
  OHNE DIESEN SCHLÜSSEL KANN NIE WIEDER JEMAND ETWAS DAVON LESEN: kein Fachmann, kein Hersteller, \
kein zweites Kennwort.
  Auch jede Sicherung braucht ihn. Eine Sicherung ohne Schlüssel ist verloren, eine Sicherung mit \
dem Schlüssel daneben ist offen.
  Bewahren Sie deshalb mindestens zwei Kopien des Schlüssels auf, getrennt von den Daten und \
ihren Sicherungen:
  zum Beispiel im Kennworttresor der IT und ausgedruckt im verschlossenen Umschlag im Tresor des \
Landratsamts.
  Die Dateien, die jetzt unverschlüsselt daliegen, werden nach der Prüfung gelöscht. Gelöschtes \
lässt sich von Datenträgern oft
  wiederherstellen, und ältere Sicherungen bleiben lesbar: Auch sie müssen verwahrt oder \
vernichtet werden.
  Nicht verschlüsselt werden die Ordner, in die die Quellen liefern, und alles, was ausgegeben \
wird (Berichte, Formulare).

BEFORE ANYTHING IS ENCRYPTED
  Landing and embedded warehouse are encrypted with one key.
  WITHOUT THIS KEY NOBODY CAN EVER READ ANYTHING OF THEM AGAIN: no expert, no maker, no second \
password.
  Every backup needs it, too. A backup without the key is lost, a backup with the key beside it \
is open.
  Therefore keep at least two copies of the key, apart from the data and their backups:
  for example in the password safe of the IT and printed in a sealed envelope in the district's \
safe.
  The files that lie there in plain are deleted once all is compared. What was deleted can often \
be recovered from a disk, and
  older backups stay readable: they have to be locked away or destroyed, too.
  Not encrypted are the folders into which the sources deliver, and all that is handed out \
(reports, forms).
"""


def encrypt(
    config: ConfigFile = None, key_file: KeyFile = None, keep: KeepsKey = False, json: Json = False
) -> None:
    """Encrypt landing and embedded warehouse; explains first what the loss of the key means, and
    asks.

    Without --key-file the key is that of the configuration, or of the variable DREHSCHEIBE_KEY. May
    be started again at any time.
    Example: drehscheibe encrypt --key-file keys/kreis.key
    """
    loaded = _load_configuration(config)
    typer.echo(EXPLAINED, err=True)
    source = _find_key_source(loaded, key_file, make=True)
    key, line = source.read_key(), _key_line(loaded, source)
    if not keep:
        _ask_confirmation()
    done = _convert_data(loaded, key, sealed=True)
    if json:
        print_json({**asdict(done), "configuration": f"encryption: {line}"})
        return
    if done.changed:
        _print_encrypted(loaded, done)
    else:
        typer.echo("everything is encrypted already")
    if loaded.encryption is None:
        typer.echo(f"now add this line to {loaded.path}:\nencryption: {line}")


def _ask_confirmation() -> None:
    question = f"Bestätigen / confirm: '{SENTENCES[0]}' / '{SENTENCES[1]}'"
    answer = typer.prompt(question, err=True)
    if answer.strip().casefold() not in SENTENCES:
        raise Wrong("not confirmed; nothing was changed")


def _print_encrypted(config: Config, done: ConversionResult) -> None:
    typer.echo(f"encrypted: {_count_converted(done)}")
    typer.echo(
        "the plain files were deleted; they may be recoverable from the disk, "
        "and older backups are still plain"
    )
    for file in sorted(config.data_folder.warehouses_put_aside()):
        typer.echo(f"not encrypted, because it was put aside: {file}; delete it, or lock it away")


def decrypt(config: ConfigFile = None, key_file: KeyFile = None, json: Json = False) -> None:
    """Bring landing and embedded warehouse back to plain files. May be started again at any time.

    Example: drehscheibe decrypt --key-file keys/kreis.key
    """
    loaded = _load_configuration(config)
    key = _find_key_source(loaded, key_file, make=False).read_key()
    done = _convert_data(loaded, key, sealed=False)
    if json:
        print_json(asdict(done))
        return
    if done.changed:
        typer.echo(f"decrypted: {_count_converted(done)}")
        typer.echo("keep the key as long as there are backups from before")
    else:
        typer.echo("nothing is encrypted")
    if loaded.encryption is not None:
        typer.echo(f"now take 'encryption' out of {loaded.path}")


def _count_converted(done: ConversionResult) -> str:
    return (
        f"{done.files} files of the landing, {done.rows} rows in {done.tables} tables of the "
        "warehouse, all compared"
    )


def _load_configuration(path: Path | None) -> Config:
    from pipelines.config import find_config, load_config

    return load_config(path or find_config(Path.cwd()), check_folders=False)


def _find_key_source(config: Config, file: Path | None, *, make: bool) -> Encryption:
    """Where the key is: the file given, else the configuration's place, else the variable."""
    from pipelines.config.encryption import VARIABLE, Encryption, is_below

    if file is None:
        if config.encryption is not None:
            return config.encryption
        if VARIABLE not in os.environ:
            raise Wrong("say where the key is to be kept: --key-file FILE, outside the data folder")
        return Encryption(key_env=VARIABLE)
    if is_below(file, config.data):
        raise Wrong(
            "the key must not lie in the data folder, with what it opens: "
            "every copy of the folder would hold both"
        )
    if make:
        _make_missing_key(config, file)
    return Encryption(key_file=file.resolve())


def _make_missing_key(config: Config, file: Path) -> None:
    """Makes the key file, unless there is one or the landing is encrypted with another key."""
    from warehouse.encryption.key import make_file
    from warehouse.encryption.key_marker import read_recipient

    if not file.exists() and read_recipient(config.data_folder.landing) is None:
        recipient = make_file(file).recipient
        typer.echo(f"new key: {file} ({recipient}); make copies of this file now", err=True)


def _key_line(config: Config, source: Encryption) -> str:
    """What the configuration says under ``encryption`` to name this key."""
    folder = config.path.parent
    file = source.key_file
    if file is None:
        return f"{{key_env: {source.key_env}}}"
    return f"{{key_file: {file.relative_to(folder) if file.is_relative_to(folder) else file}}}"


def _convert_data(config: Config, key: Key, *, sealed: bool) -> ConversionResult:
    from warehouse.encryption.convert import switch_encryption

    embedded = config.warehouse == "duckdb"
    with _exclude_runs(config, embedded):
        return switch_encryption(
            config.data_folder,
            key,
            sealed=sealed,
            embedded=embedded,
            tell=print_progress,
        )


@contextmanager
def _exclude_runs(config: Config, embedded: bool) -> Iterator[None]:
    """Locks runs out meanwhile on a server; the embedded file is locked by copying it."""
    if embedded:
        yield
        return
    from warehouse.database.store import Store

    with Store(config.warehouse_url(), ags=config.district.ags) as store, store.lock_run():
        yield
