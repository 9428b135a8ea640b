"""Switches a district's data over to encryption and back: new files beside the old, compared, then one mark decides. No words to people."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from warehouse.embedded_file import forget
from warehouse.encryption import convert_landing, mark
from warehouse.encryption.convert_warehouse import Copied, copied, switch
from warehouse.encryption.embedded import attach, is_sealed, workplace
from warehouse.encryption.key import Key
from warehouse.files.atomic_file import sync_folder
from warehouse.folder_lock import held
from warehouse.trouble import WarehouseBusy, WarehouseTrouble

Tell = Callable[[str], None]
_SWITCHING = "switching.json"
# Says that plain files are being made beside encrypted ones, which count until the switch is decided.
_OPENING_UP = "decrypting"
_SPARE = 64 << 20


class NoRoom(WarehouseTrouble):
    """The disk has no room for new files beside the old."""


@dataclass(frozen=True)
class Site:
    """Where a district's data lie: the landing in ``data``, and the embedded warehouse, where there is one."""

    data: Path
    warehouse: Path | None

    @property
    def landing(self) -> Path:
        """The folder of landed bytes."""
        return self.data / "landing"

    @property
    def copy(self) -> Path | None:
        """Where the new file of the warehouse is made."""
        return self.warehouse and self.warehouse.with_name(self.warehouse.name + ".new")


@dataclass(frozen=True)
class Converted:
    """What was written anew and compared; ``changed`` is False where all was as asked already."""

    changed: bool
    files: int = 0
    tables: int = 0
    rows: int = 0


def convert(site: Site, key: Key, *, sealed: bool, tell: Tell = lambda text: None) -> Converted:
    """Brings landing and warehouse to the state asked for; called again after an interruption, it goes on.

    Until all is written and compared the old state counts, from then on the new one; ``finish`` does what is left. What was encrypted
    stays so unless all of it was decrypted: an interrupted decryption leaves no plain file, at the latest after the next ``finish``.
    KeyProblem, WarehouseBusy, NoRoom, Damaged, CopyDiffers leave the old state.
    """
    site.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if site.warehouse and site.warehouse.is_symlink():
        raise WarehouseTrouble(f"{site.warehouse.name} is a link; put the file itself into the data folder, or 'data' where it lies")
    with _only_one(site.data, wait=False):
        _finish(site.data)
        _shut(site.data)
        mark.sweep(site.data)
        mark.sweep(site.landing)
        for scratch in site.data.glob(".upgrading-*"):
            _remove(scratch)
        if mark.recipient(site.landing):
            mark.check(site.landing, key)
        there = site.warehouse if site.warehouse and site.warehouse.exists() else None
        turn = bool(there and is_sealed(there) != sealed)
        if there and not turn and sealed:
            _check_key(there, key)
        old = convert_landing.files(site.landing, sealed=not sealed)
        if not turn and not old and (mark.recipient(site.landing) is not None) == sealed:
            return Converted(False)
        _check_room(site, turn, sealed=sealed)
        site.landing.mkdir(exist_ok=True, mode=0o700)
        with _shut_again(site, sealed=sealed):
            return _converted(site, key, there if turn else None, sealed=sealed, tell=tell)


def _converted(site: Site, key: Key, old: Path | None, *, sealed: bool, tell: Tell) -> Converted:
    tell("warehouse: copying and comparing")
    keys = (None, key) if sealed else (key, None)
    with copied(old, site.copy, *keys) if old and site.copy else nullcontext(Copied(0, 0)) as done:
        tell("warehouse: copied and compared")
        count = convert_landing.write_counterparts(site.landing, key, sealed=sealed, tell=tell)
        tell("switching over")
        plan = {"sealed": sealed, "recipient": key.recipient, "warehouse": old.name if old else None}
        mark.write_whole(site.data / _SWITCHING, json.dumps(plan).encode())
        _finish(site.data, tell)
    return Converted(True, count, done.tables, done.rows)


@contextmanager
def _shut_again(site: Site, *, sealed: bool) -> Iterator[None]:
    """Takes the plain files of a decryption away again that ends before it is decided."""
    if not sealed:
        mark.write_whole(site.data / _OPENING_UP, (site.copy.name if site.copy else "").encode())
    try:
        yield
    except BaseException:
        _shut(site.data)
        raise


def finish(data: Path) -> None:
    """Ends a switch that was interrupted after it had been decided, undoes a decryption that had not; without one it costs two looks."""
    if (data / _SWITCHING).exists():
        with _only_one(data, wait=True):
            _finish(data)
    if (data / _OPENING_UP).exists():
        # Where another process has the turn, the decryption is going on.
        with suppress(WarehouseBusy), _only_one(data, wait=False):
            _finish(data)
            _shut(data)


def _shut(data: Path) -> None:
    """Removes plain files of a decryption that was never decided; each has an encrypted one beside it, and those count."""
    begun = data / _OPENING_UP
    if (data / _SWITCHING).exists() or not begun.exists():
        return
    name = begun.read_text(encoding="utf-8")
    if name:
        forget(data / name)
    convert_landing.sweep_own(data / "landing")
    # Without the mark the plain files count: the encrypted ones are what an encryption left that was never decided.
    if mark.recipient(data / "landing"):
        convert_landing.remove_old(data / "landing", sealed=True)
    begun.unlink()
    mark.sweep(data)
    sync_folder(data)


def _finish(data: Path, tell: Tell = lambda text: None) -> None:
    try:
        plan = json.loads((data / _SWITCHING).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    (data / _OPENING_UP).unlink(missing_ok=True)
    tell("decided")
    landing, sealed = data / "landing", bool(plan["sealed"])
    if sealed:
        mark.put(landing, plan["recipient"])
    if plan["warehouse"]:
        path = data / plan["warehouse"]
        switch(path, path.with_name(path.name + ".new"))
        # What the engine spilled while the warehouse was plain is plain, too.
        _remove(path.with_name(path.name + ".tmp"))
        sync_folder(data)
    tell("warehouse: switched over")
    if not sealed:
        mark.remove(landing)
    convert_landing.remove_old(landing, sealed=sealed)
    # Nothing of it is encrypted; the next run makes anew what it needs.
    _remove(landing / "cache")
    tell("landing: switched over")
    (data / _SWITCHING).unlink()
    sync_folder(data)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


@contextmanager
def _only_one(data: Path, *, wait: bool) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(held(data, wait=wait))
        except BlockingIOError:
            raise WarehouseBusy("landing and warehouse are being encrypted or decrypted by another process; wait for its end") from None
        yield


def _check_key(warehouse: Path, key: Key) -> None:
    connection = workplace(warehouse)
    try:
        attach(connection, warehouse, "old", key, read_only=True)
    finally:
        connection.close()


def _check_room(site: Site, turn: bool, *, sealed: bool) -> None:
    if site.copy:
        forget(site.copy)
    warehouse = site.warehouse.stat().st_size if turn and site.warehouse else 0
    need = sum(convert_landing.sizes(site.landing, sealed=sealed)) * 101 // 100 + warehouse * 5 // 4 + _SPARE
    free = shutil.disk_usage(site.data).free
    if free < need:
        raise NoRoom(f"the new files need {need >> 20} MiB beside the old ones, and {free >> 20} MiB are free; make room, then start again")
