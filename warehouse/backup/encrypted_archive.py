"""Encrypts the backup of encrypted data as a whole: one age file around the archive, same key."""

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
    """A stream whose bytes arrive encrypted in ``target``; without a key, ``target`` itself."""
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
        # The worker ended early; its error is the cause.
        worker.join()
        raise (failed or [OSError("the backup could not be sealed")])[0] from None
    finally:
        worker.join()
    if failed:
        raise failed[0]


@contextmanager
def unseal_backup(path: Path, key: Key | None) -> Iterator[Path | None]:
    """A path to the plain archive; None where it cannot be decrypted. KeyProblem without a key.

    The plain bytes are in a file without a name beside the backup, which ends with the process.
    """
    with path.open("rb") as file:
        if file.read(len(_AGE)) != _AGE:
            yield path
            return
        if key is None:
            raise KeyProblem(
                "the backup is encrypted; name its key in the configuration: "
                "encryption: {key_file: …} or {key_env: …}"
            )
        file.seek(0)
        with tempfile.TemporaryFile(dir=path.parent) as plain:
            whole = _decrypt_archive(file, plain, key)
            yield Path(f"/proc/{os.getpid()}/fd/{plain.fileno()}") if whole else None


def _decrypt_archive(file: IO[bytes], plain: IO[bytes], key: Key) -> bool:
    """Decrypts a backup; False where it is damaged or encrypted with another key."""
    import pyrage

    try:
        pyrage.decrypt_io(file, plain, [key.identity])
    except (pyrage.DecryptError, OSError) as error:
        # A damaged block comes as an OSError without a number, a full disk with one.
        if getattr(error, "errno", None) is not None:
            raise
        return False
    plain.flush()
    return True
