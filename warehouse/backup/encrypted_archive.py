"""A backup of encrypted data is encrypted itself: one age file around the archive, for the same key. The archive's form is not here."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO

from warehouse.encryption.encrypted_file import seal_stream
from warehouse.encryption.key import Key, KeyProblem

_AGE = b"age-encryption.org/"


@contextmanager
def seal_output(target: IO[bytes], key: Key | None) -> Iterator[IO[bytes]]:
    """Where to write: what is written arrives in ``target`` sealed, or as it is where there is no key."""
    if key is None:
        yield target
        return
    coming, going = os.pipe()
    failed: list[Exception] = []

    def seal_from_pipe() -> None:
        try:
            with open(coming, "rb") as source:
                seal_stream(source, target, key)
        except Exception as error:
            failed.append(error)

    worker = Thread(target=seal_from_pipe, name="sealing a backup")
    worker.start()
    try:
        with open(going, "wb") as out:
            yield out
    except BrokenPipeError:
        worker.join()
        raise (failed or [OSError("the backup could not be sealed")])[0] from None
    finally:
        worker.join()
    if failed:
        raise failed[0]


@contextmanager
def unseal_backup(path: Path, key: Key | None) -> Iterator[Path | None]:
    """A path to the plain archive; None where the sealed one is damaged. KeyProblem without the right key.

    The plain bytes lie in a file without a name beside the backup, gone with the process.
    """
    with path.open("rb") as file:
        is_sealed = file.read(len(_AGE)) == _AGE
    if not is_sealed:
        yield path
        return
    if key is None:
        raise KeyProblem(
            "the backup is encrypted; name its key in the configuration: encryption: {key_file: …} or {key_env: …}"
        )
    import pyrage

    with tempfile.TemporaryFile(dir=path.parent) as plain, path.open("rb") as file:
        try:
            pyrage.decrypt_io(file, plain, [key.identity])
        except (pyrage.DecryptError, OSError) as error:
            if getattr(error, "errno", None) is not None:
                raise
            yield None
            return
        plain.flush()
        yield Path(f"/proc/{os.getpid()}/fd/{plain.fileno()}")
