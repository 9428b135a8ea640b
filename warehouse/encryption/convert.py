"""Switches a district's data over to encryption and back: new files beside the old, compared, then one mark decides. No words to people."""

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


class NotEnoughSpace(WarehouseError):
    """The disk has no room for new files beside the old."""


@dataclass(frozen=True)
class ConversionResult:
    """What was written anew and compared; ``changed`` is False where all was as asked already."""

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
    """Brings landing and warehouse to the state asked for; called again after an interruption, it goes on.

    Without ``embedded`` the warehouse is a server, and only the landing is written anew.
    Until all is written and compared the old state counts, from then on the new one; ``finish_switch`` does what is left. What was encrypted
    stays so unless all of it was decrypted: an interrupted decryption leaves no plain file, at the latest after the next ``finish_switch``.
    KeyProblem, WarehouseBusy, NoRoom, Damaged, CopyDiffers leave the old state.
    """
    data.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if embedded and data.warehouse.is_symlink():
        raise WarehouseError(
            f"{data.warehouse.name} is a link; put the file itself into the data folder, or 'data' where it lies"
        )
    with _only_one(data, wait=False):
        _complete_switch(data)
        _undo_decryption(data)
        key_marker.remove_drafts(data.path)
        key_marker.remove_drafts(data.landing)
        for scratch in data.upgraded_backups():
            _remove_folder(scratch)
        if key_marker.read_recipient(data.landing):
            key_marker.check_key(data.landing, key)
        there = data.warehouse if embedded and data.warehouse.exists() else None
        turn = bool(there and is_sealed(there) != sealed)
        if there and not turn and sealed:
            _check_key(there, key)
        old = convert_landing.list_landed_files(data.landing, sealed=not sealed)
        if not turn and not old and (key_marker.read_recipient(data.landing) is not None) == sealed:
            return ConversionResult(False)
        if embedded:
            remove_file(data.new_warehouse)
        _check_room(data, there if turn else None, sealed=sealed)
        data.landing.mkdir(exist_ok=True, mode=0o700)
        with _shut_again(data, sealed=sealed, embedded=embedded):
            return _write_and_switch(data, key, there if turn else None, sealed=sealed, tell=tell)


def _write_and_switch(
    data: DataFolder, key: Key, old: Path | None, *, sealed: bool, tell: Tell
) -> ConversionResult:
    tell("warehouse: copying and comparing")
    keys = (None, key) if sealed else (key, None)
    with (
        copy_warehouse(old, data.new_warehouse, *keys)
        if old
        else nullcontext(CopyResult(0, 0)) as done
    ):
        tell("warehouse: copied and compared")
        count = convert_landing.write_counterparts(data.landing, key, sealed=sealed, tell=tell)
        tell("switching over")
        plan = {
            "sealed": sealed,
            "recipient": key.recipient,
            "warehouse": old.name if old else None,
        }
        key_marker.write_whole(data.switching, json.dumps(plan).encode())
        _complete_switch(data, tell)
    return ConversionResult(True, count, done.tables, done.rows)


@contextmanager
def _shut_again(data: DataFolder, *, sealed: bool, embedded: bool) -> Iterator[None]:
    """Takes the plain files of a decryption away again that ends before it is decided."""
    if not sealed:
        key_marker.write_whole(
            data.decrypting, (data.new_warehouse.name if embedded else "").encode()
        )
    try:
        yield
    except BaseException:
        _undo_decryption(data)
        raise


def finish_switch(data: DataFolder) -> None:
    """Ends a switch that was interrupted after it had been decided, undoes a decryption that had not; without one it costs two looks."""
    if data.switching.exists():
        with _only_one(data, wait=True):
            _complete_switch(data)
    if data.decrypting.exists():
        # Where another process has the turn, the decryption is going on.
        with suppress(WarehouseBusy), _only_one(data, wait=False):
            _complete_switch(data)
            _undo_decryption(data)


def _undo_decryption(data: DataFolder) -> None:
    """Removes plain files of a decryption that was never decided; each has an encrypted one beside it, and those count."""
    if data.switching.exists() or not data.decrypting.exists():
        return
    # Empty where the warehouse is a server.
    if data.decrypting.read_text(encoding="utf-8"):
        remove_file(data.new_warehouse)
    convert_landing.sweep_own(data.landing)
    # Without the mark the plain files count: the encrypted ones are what an encryption left that was never decided.
    if key_marker.read_recipient(data.landing):
        convert_landing.remove_old(data.landing, sealed=True)
    data.decrypting.unlink()
    key_marker.remove_drafts(data.path)
    sync_folder(data.path)


def _complete_switch(data: DataFolder, tell: Tell = lambda text: None) -> None:
    try:
        plan = json.loads(data.switching.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    data.decrypting.unlink(missing_ok=True)
    tell("decided")
    landing, sealed = data.landing, bool(plan["sealed"])
    if sealed:
        key_marker.put_mark(landing, plan["recipient"])
    if plan["warehouse"]:
        replace_warehouse(data.warehouse, data.new_warehouse)
        # What the engine spilled while the warehouse was plain is plain, too.
        _remove_folder(data.spilled)
        sync_folder(data.path)
    tell("warehouse: switched over")
    if not sealed:
        key_marker.remove_mark(landing)
    convert_landing.remove_old(landing, sealed=sealed)
    # Nothing of it is encrypted; the next run makes anew what it needs.
    _remove_folder(LandingFolder(landing).cache)
    tell("landing: switched over")
    data.switching.unlink()
    sync_folder(data.path)


def _remove_folder(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


@contextmanager
def _only_one(data: DataFolder, *, wait: bool) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(lock_folder(data.path, wait=wait))
        except BlockingIOError:
            raise WarehouseBusy(
                "landing and warehouse are being encrypted or decrypted by another process; wait for its end"
            ) from None
        yield


def _check_key(warehouse: Path, key: Key) -> None:
    connection = open_memory_database(warehouse)
    try:
        attach_file(connection, warehouse, "old", key, read_only=True)
    finally:
        connection.close()


def _check_room(data: DataFolder, old: Path | None, *, sealed: bool) -> None:
    warehouse = old.stat().st_size if old else 0
    need = (
        sum(convert_landing.measure_unwritten(data.landing, sealed=sealed)) * 101 // 100
        + warehouse * 5 // 4
        + _SPARE
    )
    free = shutil.disk_usage(data.path).free
    if free < need:
        raise NotEnoughSpace(
            f"the new files need {need >> 20} MiB beside the old ones, and {free >> 20} MiB are free; make room, then start again"
        )
