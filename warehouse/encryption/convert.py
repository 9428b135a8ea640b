"""Converts a district's data to encryption and back.

All new files are written beside the old ones and compared; then one small file, the plan, decides
that the new ones count.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from warehouse.database.embedded_file import remove_file
from warehouse.encryption import convert_landing, key_marker
from warehouse.encryption.convert_warehouse import CopyResult, copy_warehouse, replace_warehouse
from warehouse.encryption.embedded import attach_file, is_sealed, open_memory_database
from warehouse.encryption.key import Key
from warehouse.errors import WarehouseBusy, WarehouseError
from warehouse.files.atomic_file import sync_folder
from warehouse.files.data_folder import DataFolder, LandingFolder
from warehouse.files.folder_lock import lock_folder

Tell = Callable[[str], None]
_SPARE = 64 << 20
_NOTHING = CopyResult(0, 0)


class NotEnoughSpace(WarehouseError):
    """The disk has no room for the new files beside the old ones."""


@dataclass(frozen=True)
class ConversionResult:
    """What was written and compared; ``changed`` is False where nothing had to be converted."""

    changed: bool
    files: int = 0
    tables: int = 0
    rows: int = 0


def switch_encryption(
    data: DataFolder,
    key: Key,
    *,
    sealed: bool,
    embedded: bool = True,
    tell: Tell = lambda text: None,
) -> ConversionResult:
    """Encrypts or decrypts landing and warehouse; after an interruption, call it again.

    ``embedded`` False: the warehouse is a server, only the landing is converted.
    The old state counts until all is written and compared, then the new one; ``finish_switch``
    completes an interruption. Encrypted data stays encrypted unless all of it was decrypted: the
    next ``finish_switch`` removes the plain files of an interrupted decryption.
    KeyProblem, WarehouseBusy, NotEnoughSpace, DamagedFile, CopyDiffers leave the old state.
    """
    data.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if embedded and data.warehouse.is_symlink():
        raise WarehouseError(
            f"{data.warehouse.name} is a link; put the file itself into the data folder, "
            "or 'data' where it lies"
        )
    with _only_one(data):
        _clear_interrupted(data)
        if key_marker.read_recipient(data.landing):
            key_marker.check_key(data.landing, key)
        old = _find_unconverted(data.warehouse, key, sealed=sealed) if embedded else None
        if old is None and _is_converted(data.landing, sealed=sealed):
            return ConversionResult(False)
        if embedded:
            remove_file(data.new_warehouse)
        _check_room(data.path, _measure_need(data.landing, old, sealed=sealed))
        data.landing.mkdir(exist_ok=True, mode=0o700)
        with nullcontext() if sealed else _undo_on_failure(data, embedded=embedded):
            return _write_and_switch(data, key, old, sealed=sealed, tell=tell)


def _clear_interrupted(data: DataFolder) -> None:
    """Completes or undoes an interrupted switch and removes what interrupted runs left."""
    _complete_switch(data)
    _undo_decryption(data)
    key_marker.remove_drafts(data.path)
    key_marker.remove_drafts(data.landing)
    for scratch in data.upgraded_backups():
        _remove_folder(scratch)


def _find_unconverted(warehouse: Path, key: Key, *, sealed: bool) -> Path | None:
    """The embedded warehouse where it has to be converted; KeyProblem where its key is another."""
    if not warehouse.exists():
        return None
    if is_sealed(warehouse) != sealed:
        return warehouse
    if sealed:
        _check_key(warehouse, key)
    return None


def _is_converted(landing: Path, *, sealed: bool) -> bool:
    is_marked = key_marker.read_recipient(landing) is not None
    return is_marked == sealed and not convert_landing.list_landed_files(landing, sealed=not sealed)


def _write_and_switch(
    data: DataFolder, key: Key, old: Path | None, *, sealed: bool, tell: Tell
) -> ConversionResult:
    """Writes and compares all new files, then decides by writing the plan, and switches over."""
    tell("warehouse: copying and comparing")
    keys = (None, key) if sealed else (key, None)
    copying = copy_warehouse(old, data.new_warehouse, *keys) if old else nullcontext(_NOTHING)
    with copying as copied:
        tell("warehouse: copied and compared")
        count = convert_landing.write_counterparts(data.landing, key, sealed=sealed, tell=tell)
        tell("switching over")
        name = old.name if old else None
        plan = {"sealed": sealed, "recipient": key.recipient, "warehouse": name}
        key_marker.write_whole(data.switching, json.dumps(plan).encode())
        _complete_switch(data, tell)
    return ConversionResult(True, count, copied.tables, copied.rows)


@contextmanager
def _undo_on_failure(data: DataFolder, *, embedded: bool) -> Iterator[None]:
    """Marks a decryption and removes its plain files if it fails before it is decided."""
    name = data.new_warehouse.name if embedded else ""
    key_marker.write_whole(data.decrypting, name.encode())
    try:
        yield
    except BaseException:
        _undo_decryption(data)
        raise


def finish_switch(data: DataFolder) -> None:
    """Completes a switch interrupted after its decision; undoes a decryption interrupted before.

    Where there was neither, it only tests for two files.
    """
    if data.switching.exists():
        with _only_one(data, wait=True):
            _complete_switch(data)
    if data.decrypting.exists():
        # Busy means that another process is decrypting right now.
        with suppress(WarehouseBusy), _only_one(data):
            _complete_switch(data)
            _undo_decryption(data)


def _undo_decryption(data: DataFolder) -> None:
    """Removes the plain files of an undecided decryption; the encrypted ones beside them count."""
    if data.switching.exists() or not data.decrypting.exists():
        return
    # The mark is empty where the warehouse is a server.
    if data.decrypting.read_text(encoding="utf-8"):
        remove_file(data.new_warehouse)
    convert_landing.sweep_own(data.landing)
    # Without a key marker the plain files count; the encrypted ones are left from an encryption
    # that was not decided.
    if key_marker.read_recipient(data.landing):
        convert_landing.remove_old(data.landing, sealed=True)
    data.decrypting.unlink()
    key_marker.remove_drafts(data.path)
    sync_folder(data.path)


def _complete_switch(data: DataFolder, tell: Tell = lambda text: None) -> None:
    """Does what is left of a decided switch; nothing where there is none."""
    if not data.switching.exists():
        return
    plan = json.loads(data.switching.read_text(encoding="utf-8"))
    data.decrypting.unlink(missing_ok=True)
    tell("decided")
    if plan["sealed"]:
        key_marker.put_mark(data.landing, plan["recipient"])
    if plan["warehouse"]:
        _switch_warehouse(data)
    tell("warehouse: switched over")
    _switch_landing(data.landing, sealed=plan["sealed"])
    tell("landing: switched over")
    data.switching.unlink()
    sync_folder(data.path)


def _switch_warehouse(data: DataFolder) -> None:
    replace_warehouse(data.warehouse, data.new_warehouse)
    # Temporary files of the engine are plain where the warehouse was.
    _remove_folder(data.spilled)
    sync_folder(data.path)


def _switch_landing(landing: Path, *, sealed: bool) -> None:
    if not sealed:
        key_marker.remove_mark(landing)
    convert_landing.remove_old(landing, sealed=sealed)
    # The cache is not encrypted; the next run creates it again.
    _remove_folder(LandingFolder(landing).cache)


def _remove_folder(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


@contextmanager
def _only_one(data: DataFolder, *, wait: bool = False) -> Iterator[None]:
    """Keeps other processes from landing and warehouse; WarehouseBusy where one is converting."""
    with ExitStack() as stack:
        try:
            stack.enter_context(lock_folder(data.path, wait=wait))
        except BlockingIOError:
            raise WarehouseBusy(
                "landing and warehouse are being encrypted or decrypted by another process; "
                "wait for its end"
            ) from None
        yield


def _check_key(warehouse: Path, key: Key) -> None:
    connection = open_memory_database(warehouse)
    try:
        attach_file(connection, warehouse, "old", key, read_only=True)
    finally:
        connection.close()


def _check_room(folder: Path, need: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < need:
        raise NotEnoughSpace(
            f"the new files need {need >> 20} MiB beside the old ones, "
            f"and {free >> 20} MiB are free; make room, then start again"
        )


def _measure_need(landing: Path, old: Path | None, *, sealed: bool) -> int:
    """Bytes for the new files: 1 % more for landed files, a quarter more for the warehouse."""
    landed = convert_landing.measure_unwritten(landing, sealed=sealed)
    warehouse = old.stat().st_size if old else 0
    return landed * 101 // 100 + warehouse * 5 // 4 + _SPARE
