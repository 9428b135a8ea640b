"""Opens a workbook that is encrypted with a password; the plain bytes never touch the disk."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import IO

from connectors.readers.spreadsheet.file_kind import check_zip, encrypted_error
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

# What the decrypting library raises over a damaged file, besides errors of its own.
_DAMAGED = (
    OSError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    AssertionError,
    struct.error,
)


def plain_workbook(path: Path, password: str | None, limits: Limits) -> IO[bytes]:
    """The decrypted workbook, checked to be whole and within the limits.

    Raises CannotRead ``encrypted`` without a password, else as `decrypt_workbook` and `check_zip`.
    """
    if password is None:
        raise encrypted_error()
    content = decrypt_workbook(path, password, limits)
    if content.read(2) == b"PK":
        check_zip(content, limits)
    content.seek(0)
    return content


def decrypt_workbook(path: Path, password: str, limits: Limits) -> IO[bytes]:
    """The decrypted workbook in memory.

    Raises CannotRead ``too_large``, ``password`` or ``broken_file``.
    """
    from msoffcrypto.exceptions import (  # type: ignore[import-untyped]
        DecryptionError,
        FileFormatError,
        InvalidKeyError,
    )

    if path.stat().st_size > limits.whole_bytes:
        raise CannotRead(
            "too_large",
            "Die verschlüsselte Arbeitsmappe ist größer als erlaubt. Bitte ohne Kennwort ablegen.",
        )
    try:
        return _decrypt_file(path, password)
    except (InvalidKeyError, DecryptionError):
        raise CannotRead(
            "password",
            "Das hinterlegte Kennwort öffnet die Arbeitsmappe nicht. "
            "Bitte das Kennwort der Quelle prüfen.",
        ) from None
    except (FileFormatError, *_DAMAGED):
        raise CannotRead(
            "broken_file",
            "Die verschlüsselte Arbeitsmappe ist unvollständig oder beschädigt. "
            "Bitte neu exportieren und vollständig übertragen.",
        ) from None


def _decrypt_file(path: Path, password: str) -> IO[bytes]:
    import msoffcrypto  # type: ignore[import-untyped]

    plain = io.BytesIO()
    with path.open("rb") as file:
        book = msoffcrypto.OfficeFile(file)
        # Only the newer format takes the option.
        options = {"verify_password": True} if book.format == "ooxml" else {}
        book.load_key(password=password, **options)
        book.decrypt(plain)
    plain.seek(0)
    return plain
