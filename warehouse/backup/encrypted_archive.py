"""Encrypts the backup of encrypted data as a whole: one age file around the archive, same key."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from warehouse.encryption.encrypted_file import decrypt_stream, seal_stream
from warehouse.encryption.key import Key, KeyProblem

_AGE = b"age-encryption.org/"


@contextmanager
def seal_output(target: IO[bytes], key: Key | None) -> Iterator[IO[bytes]]:
    """A stream whose bytes arrive encrypted in ``target``; without a key, ``target`` itself."""
    if key is None:
        yield target
        return
    coming, going = os.pipe()
    with ThreadPoolExecutor(1, "sealing a backup") as pool:
        sealing = pool.submit(_seal_pipe, coming, target, key)
        try:
            with open(going, "wb") as out:
                yield out
        except BrokenPipeError:
            # The thread ended early; its error is the cause.
            raise sealing.exception() or OSError("the backup could not be sealed") from None
    sealing.result()


def _seal_pipe(coming: int, target: IO[bytes], key: Key) -> None:
    with open(coming, "rb") as source:
        seal_stream(source, target, key)


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
            whole = decrypt_stream(file, plain, key)
            yield Path(f"/proc/{os.getpid()}/fd/{plain.fileno()}") if whole else None
