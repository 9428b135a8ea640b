"""Open a workbook that is encrypted with a password the caller hands in; the plain bytes never touch the disk."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import IO

from connectors.readers.spreadsheet.file_kind import check_zip, encrypted_error
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead


def plain_workbook(path: Path, password: str | None, limits: Limits) -> IO[bytes]:
    """The decrypted workbook, proven whole and bounded; raises CannotRead ``encrypted`` without a password."""
    if password is None:
        raise encrypted_error()
    content = decrypt_workbook(path, password, limits)
    if content.read(2) == b"PK":
        check_zip(content, limits)
    content.seek(0)
    return content


def decrypt_workbook(path: Path, password: str, limits: Limits) -> IO[bytes]:
    """The decrypted workbook in memory; raises CannotRead ``password`` or ``broken_file``."""
    import msoffcrypto  # type: ignore[import-untyped]
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError  # type: ignore[import-untyped]

    if path.stat().st_size > limits.whole_bytes:
        raise CannotRead(
            "too_large",
            "Die verschlüsselte Arbeitsmappe ist größer als erlaubt. Bitte ohne Kennwort ablegen.",
        )
    plain = io.BytesIO()
    try:
        with path.open("rb") as file:
            book = msoffcrypto.OfficeFile(file)
            book.load_key(
                password=password, **({"verify_password": True} if book.format == "ooxml" else {})
            )
            book.decrypt(plain)
    except (InvalidKeyError, DecryptionError):
        message = "Das hinterlegte Kennwort öffnet die Arbeitsmappe nicht. Bitte das Kennwort der Quelle prüfen."
        raise CannotRead("password", message) from None
    except (
        FileFormatError,
        OSError,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        AssertionError,
        struct.error,
    ):
        message = "Die verschlüsselte Arbeitsmappe ist unvollständig oder beschädigt. Bitte neu exportieren und vollständig übertragen."
        raise CannotRead("broken_file", message) from None
    plain.seek(0)
    return plain
