"""What a full, locked or forbidden disk means to people: one sentence without names of files. Nothing is tried again here."""

from __future__ import annotations

import errno

_SENTENCES = {
    errno.ENOSPC: "the disk is full: make room, then run again",
    errno.EDQUOT: "the quota on the disk is used up: make room, then run again",
    errno.EFBIG: "a file may not grow as large as needed (limit of the account or the disk): lift it, then run again",
    errno.EROFS: "the disk can only be read, not written: mount it for writing, then run again",
    errno.EACCES: "rights to read or write a file or folder are missing: see `drehscheibe doctor`, then run again",
    errno.EIO: "the disk reports errors: check it before running again",
}
_KEPT = "what was finished before is kept, the rest was undone as a whole"
# The embedded warehouse passes on the system's words, not its numbers.
_WORDS = {
    "No space left on device": errno.ENOSPC,
    "Disk quota exceeded": errno.EDQUOT,
    "File too large": errno.EFBIG,
    "Read-only file system": errno.EROFS,
    "Permission denied": errno.EACCES,
    "Input/output error": errno.EIO,
}


def trouble(error: BaseException) -> str | None:
    """The sentence for an error that comes from the disk; None for any other error."""
    seen: BaseException | None = error
    while seen is not None:
        number = _number(seen)
        if number in _SENTENCES:
            return f"{_SENTENCES[number]}; {_KEPT}"
        seen = getattr(seen, "orig", None) or seen.__cause__ or seen.__context__
    return None


def _number(error: BaseException) -> int | None:
    if isinstance(error, OSError):
        return errno.EACCES if error.errno == errno.EPERM else error.errno
    if type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb"):
        text = str(error)
        return next((number for words, number in _WORDS.items() if words in text), None)
    return None
