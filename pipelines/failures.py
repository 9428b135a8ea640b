"""Translates errors into failures with kind, exit status and a sentence without personal data."""

from __future__ import annotations

import errno
import os
import traceback
from enum import StrEnum

_DISK_SENTENCES = {
    errno.ENOSPC: "the disk is full: make room, then run again",
    errno.EDQUOT: "the quota on the disk is used up: make room, then run again",
    errno.EFBIG: (
        "a file may not grow as large as needed (limit of the account or the disk): "
        "lift it, then run again"
    ),
    errno.EROFS: "the disk can only be read, not written: mount it for writing, then run again",
    errno.EACCES: (
        "rights to read or write a file or folder are missing: "
        "see `drehscheibe doctor`, then run again"
    ),
    errno.EIO: "the disk reports errors: check it before running again",
}
_KEPT = "what was finished before is kept, the rest was undone as a whole"
# DuckDB passes on the system's words, not its numbers.
_DUCKDB_WORDS = {os.strerror(number): number for number in _DISK_SENTENCES}


class Kind(StrEnum):
    """The kinds of failure as `--json` names them; docs/failures.md explains each."""

    FAILED = "failed"
    WRONG_CALL = "wrong_call"
    WRONG_YAML = "wrong_yaml"
    WRONG_ACCESS = "wrong_access"
    FOLDER_MISSING = "folder_missing"
    EXISTS_ALREADY = "exists_already"
    DISK = "disk"
    NO_RIGHT = "no_right"
    WAREHOUSE = "warehouse"
    WAREHOUSE_BUSY = "warehouse_busy"
    WAREHOUSE_DAMAGED = "warehouse_damaged"
    CONNECTION_LOST = "connection_lost"
    WRONG_SCHEMA = "wrong_schema"
    UNEXPECTED = "unexpected"
    INTERRUPTED = "interrupted"
    TERMINATED = "terminated"

    @property
    def exit_status(self) -> int:
        """The exit status of the command line."""
        match self:
            case Kind.INTERRUPTED:
                return 130
            case Kind.TERMINATED:
                return 143
            case Kind.WRONG_CALL | Kind.WRONG_YAML | Kind.WRONG_ACCESS | Kind.FOLDER_MISSING:
                return 2
            case Kind.EXISTS_ALREADY:
                return 2
            case _:
                return 1


class Failure(Exception):
    """A failure whose text is shown to people; it holds no personal value."""

    kind = Kind.FAILED
    # Whether the text has one line for each of several reasons.
    is_list = False

    def __init__(self, sentence: str, kind: Kind | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind or self.kind

    def as_json(self) -> dict[str, dict[str, str | int]]:
        """The object that `--json` prints in place of an answer."""
        status = self.kind.exit_status
        return {"failure": {"kind": self.kind, "message": str(self), "exit_status": status}}


def translate_error(error: BaseException) -> Failure:
    """The failure shown for an error, on the command line and in Dagster alike."""
    if isinstance(error, Failure):
        return error
    kind = _find_kind(error)
    if kind is not None:
        return Failure(str(error), kind)
    return find_disk_failure(error) or Failure(describe_place(error), Kind.UNEXPECTED)


def find_disk_failure(error: BaseException) -> Failure | None:
    """The failure of an error, or one of its causes, that comes from the disk or file rights."""
    seen: BaseException | None = error
    while seen is not None:
        number = _find_errno(seen)
        if number in _DISK_SENTENCES:
            kind = Kind.NO_RIGHT if number == errno.EACCES else Kind.DISK
            return Failure(f"{_DISK_SENTENCES[number]}; {_KEPT}", kind)
        seen = getattr(seen, "orig", None) or seen.__cause__ or seen.__context__
    return None


def _find_kind(error: BaseException) -> Kind | None:
    """The kind of an exception whose text may be shown; None for any other."""
    # Loaded here: SQLAlchemy would make every call of the command line a second slower.
    from connectors.fetch.local_folder import FolderMissing
    from mappings.problems import YamlProblems
    from warehouse import errors
    from warehouse.as_of import UnknownDay

    match error:
        case UnknownDay():
            return Kind.WRONG_CALL
        case YamlProblems():
            return Kind.WRONG_YAML
        case FolderMissing():
            return Kind.FOLDER_MISSING
        case FileExistsError():
            return Kind.EXISTS_ALREADY
        case errors.WrongAccess():
            return Kind.WRONG_ACCESS
        case errors.NoRight():
            return Kind.NO_RIGHT
        case errors.WarehouseBusy():
            return Kind.WAREHOUSE_BUSY
        case errors.DamagedWarehouse():
            return Kind.WAREHOUSE_DAMAGED
        case errors.ConnectionLost():
            return Kind.CONNECTION_LOST
        case errors.WrongSchema():
            return Kind.WRONG_SCHEMA
        case errors.WarehouseError():
            return Kind.WAREHOUSE
        case _:
            return None


def _find_errno(error: BaseException) -> int | None:
    from warehouse.errors import is_raised_by

    match error:
        case PermissionError():
            return errno.EACCES
        case OSError():
            return error.errno
    if not is_raised_by("duckdb", error):
        return None
    text = str(error)
    return next((number for words, number in _DUCKDB_WORDS.items() if words in text), None)


def describe_place(error: BaseException) -> str:
    """Class and place of an unexpected error; its text may name a person and is withheld."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = (frame for frame in reversed(frames) if "site-packages" not in frame.filename)
    where = next(ours, frames[-1] if frames else None)
    name = f"{type(error).__module__}.{type(error).__name__}"
    spot = f" at {'/'.join(where.filename.split('/')[-2:])}:{where.lineno}" if where else ""
    return f"unexpected {name}{spot}; its text is withheld because it may name a person"
