"""An error of the disk is told in a clear sentence, whoever reports it, and without the name of a file; any other is not."""

from __future__ import annotations

import errno

import duckdb
import pytest
from sqlalchemy.exc import OperationalError

from pipelines.disk import trouble

NAME = "Geheimname.xlsx"


def wrapped(error: BaseException) -> BaseException:
    return OperationalError("COMMIT", {}, error)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", NAME), "the disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", NAME), "quota"),
        (OSError(errno.EFBIG, "File too large", NAME), "may not grow"),
        (OSError(errno.EROFS, "Read-only file system", NAME), "only be read"),
        (PermissionError(errno.EACCES, "Permission denied", NAME), "rights"),
        (PermissionError(errno.EPERM, "Operation not permitted", NAME), "rights"),
        (OSError(errno.EIO, "Input/output error", NAME), "reports errors"),
        (duckdb.IOException(f'IO Error: Could not write file "{NAME}": No space left on device'), "the disk is full"),
        (wrapped(duckdb.IOException(f'Cannot open file "{NAME}": Read-only file system')), "only be read"),
    ],
)
def test_the_disk_is_told(error: BaseException, words: str) -> None:
    told = trouble(error)
    assert told is not None and words in told and "undone as a whole" in told
    assert NAME not in told


@pytest.mark.parametrize("error", [ValueError("No space left on device"), OSError(errno.EAGAIN, "again"), duckdb.BinderException("x")])
def test_other_errors_are_not_the_disk(error: BaseException) -> None:
    assert trouble(error) is None


def test_an_error_behind_the_error_counts() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise RuntimeError("rollback failed, too") from error
    except RuntimeError as error:
        assert trouble(error) is not None
