"""What each error means to people: its kind, exit status and sentence, on the command line and in Dagster."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from sqlalchemy.exc import OperationalError

from connectors.fetch.local_folder import FolderMissing
from mappings.problems import Problem, YamlProblems
from pipelines.cli.errors import Red, Wrong, guarded, json_awaited
from pipelines.config import ConfigError
from pipelines.failures import Failure, Kind, find_disk_failure, translate_error
from pipelines.figures.document_content import PeriodOpen
from pipelines.intake.acceptance import AlreadyDecided, NotHeld
from pipelines.orchestration.failures import run_or_fail
from warehouse import errors
from warehouse.as_of import UnknownDay
from warehouse.backup.archive import BadBackup
from warehouse.database.district_account import WrongDistrict
from warehouse.encryption.key import KeyProblem

NAME = "Geheimname.xlsx"
SAID = "say this"
PROBLEM = Problem("kreis.yaml", 3, 1, "sources", "is missing")
FULL = "the disk is full: make room, then run again"


def database_error(error: BaseException) -> OperationalError:
    return OperationalError("COMMIT", {}, error)


# Errors whose text is the sentence.
SHOWN: list[tuple[Exception, Kind, int]] = [
    (Wrong(SAID), Kind.WRONG_CALL, 2),
    (UnknownDay(SAID), Kind.WRONG_CALL, 2),
    (PeriodOpen(SAID), Kind.WRONG_CALL, 2),
    (NotHeld(SAID), Kind.WRONG_CALL, 2),
    (AlreadyDecided(SAID), Kind.WRONG_CALL, 2),
    (Red(SAID), Kind.FAILED, 1),
    (YamlProblems([PROBLEM]), Kind.WRONG_YAML, 2),
    (ConfigError([PROBLEM, PROBLEM]), Kind.WRONG_YAML, 2),
    (FolderMissing(Path("exports"), SAID), Kind.FOLDER_MISSING, 2),
    (FileExistsError(SAID), Kind.EXISTS_ALREADY, 2),
    (KeyProblem(SAID), Kind.WRONG_ACCESS, 2),
    (WrongDistrict(SAID), Kind.WRONG_ACCESS, 2),
    (errors.WarehouseBusy(SAID), Kind.WAREHOUSE_BUSY, 1),
    (errors.DamagedWarehouse(SAID), Kind.WAREHOUSE_DAMAGED, 1),
    (errors.ConnectionLost(SAID), Kind.CONNECTION_LOST, 1),
    (errors.NoRight(SAID), Kind.NO_RIGHT, 1),
    (errors.WrongSchema(SAID), Kind.WRONG_SCHEMA, 1),
    (errors.WarehouseError(SAID), Kind.WAREHOUSE, 1),
    (BadBackup(SAID), Kind.WAREHOUSE, 1),
]
# Errors whose text may name a person, and what is said instead.
WITHHELD: list[tuple[Exception, Kind, str]] = [
    (OSError(errno.ENOSPC, "No space left on device", NAME), Kind.DISK, FULL),
    (OSError(errno.EDQUOT, "Disk quota exceeded", NAME), Kind.DISK, "quota"),
    (OSError(errno.EFBIG, "File too large", NAME), Kind.DISK, "may not grow"),
    (OSError(errno.EROFS, "Read-only file system", NAME), Kind.DISK, "only be read"),
    (OSError(errno.EIO, "Input/output error", NAME), Kind.DISK, "reports errors"),
    (PermissionError(errno.EACCES, "Permission denied", NAME), Kind.NO_RIGHT, "rights"),
    (PermissionError(errno.EPERM, "Operation not permitted", NAME), Kind.NO_RIGHT, "rights"),
    (duckdb.IOException(f"Could not write {NAME}: No space left on device"), Kind.DISK, FULL),
    (
        database_error(duckdb.IOException(f'Cannot open "{NAME}": Read-only file system')),
        Kind.DISK,
        "only be read",
    ),
    (ValueError(f"No space left on device {NAME}"), Kind.UNEXPECTED, "builtins.ValueError"),
    (OSError(errno.EAGAIN, "again", NAME), Kind.UNEXPECTED, "builtins.BlockingIOError"),
    (duckdb.BinderException(NAME), Kind.UNEXPECTED, "BinderException"),
    (database_error(ValueError(NAME)), Kind.UNEXPECTED, "sqlalchemy.exc.OperationalError"),
]
ERRORS = [
    *(pytest.param(e, kind, status, str(e), id=type(e).__name__) for e, kind, status in SHOWN),
    *(pytest.param(e, kind, 1, words, id=f"{kind}-{words[:12]}") for e, kind, words in WITHHELD),
]


def call(
    capsys: pytest.CaptureFixture[str], error: Exception, *, as_json: bool
) -> tuple[int, str, str]:
    """Status, output and errors of a command that ends with this error."""

    def fail() -> None:
        json_awaited.set(as_json)
        raise error

    with pytest.raises(SystemExit) as ended:
        guarded(fail)
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def materialize(error: Exception) -> str:
    """What Dagster shows of a step that ends with this error."""

    def fail() -> None:
        raise error

    @dg.asset
    def failing() -> None:
        run_or_fail(fail)

    result = dg.materialize([failing], raise_on_error=False)
    (failed,) = (e for e in result.all_events if e.event_type_value == "STEP_FAILURE")
    data = failed.step_failure_data
    assert data.user_failure_data is not None and data.error is not None
    assert NAME not in data.error.to_string()
    return str(data.user_failure_data.description)


@pytest.mark.parametrize(("error", "kind", "status", "words"), ERRORS)
def test_command_line_and_dagster_say_the_same(
    error: Exception, kind: Kind, status: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, out, err = call(capsys, error, as_json=True)
    failure = json.loads(out)["failure"]
    assert failure == {"kind": kind, "message": failure["message"], "exit_status": status}
    assert ended == status
    sentence = failure["message"]
    assert err == (f"{sentence}\n" if "\n" in sentence else f"drehscheibe: {sentence}\n")
    assert words in sentence and NAME not in sentence
    # An unexpected error names the line that raised it, which is another one here.
    assert materialize(error).split(" at ")[0] == sentence.split(" at ")[0]


def test_without_json_nothing_is_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, Wrong(SAID), as_json=False) == (2, "", f"drehscheibe: {SAID}\n")


@contextmanager
def renamed(kind: type) -> Iterator[None]:
    """While it lasts, the class has another name, as after a renaming in its module."""
    name = kind.__name__
    kind.__name__ = kind.__qualname__ = "Renamed"
    try:
        yield
    finally:
        kind.__name__ = kind.__qualname__ = name


@pytest.mark.parametrize(
    ("error", "kind", "status"), SHOWN, ids=[type(e).__name__ for e, *_ in SHOWN]
)
def test_the_name_of_a_class_means_nothing(error: Exception, kind: Kind, status: int) -> None:
    heir = type("Heir", (type(error),), {})
    inherited = heir.__new__(heir, *error.args)
    assert translate_error(inherited).kind is kind
    if type(error) is not FileExistsError:
        with renamed(type(error)):
            assert translate_error(error).kind is kind
    assert kind.exit_status == status


def test_an_error_of_a_driver_is_known_by_its_type() -> None:
    heir = type("Renamed", (duckdb.IOException,), {"__module__": "elsewhere"})
    failure = find_disk_failure(heir("No space left on device"))
    assert failure is not None and failure.kind is Kind.DISK
    psycopg = pytest.importorskip("psycopg")
    lost = type("Renamed", (psycopg.OperationalError,), {"__module__": "elsewhere"})
    assert isinstance(errors.translate_error(lost("gone")), errors.ConnectionLost)
    assert (
        errors.translate_error(type("OperationalError", (Exception,), {"__module__": "psycopg"})())
        is None
    )


def test_the_disk_behind_another_error_counts() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise RuntimeError("rollback failed, too") from error
    except RuntimeError as error:
        assert FULL in str(translate_error(error))


def test_an_unexpected_error_names_its_place() -> None:
    try:
        int(NAME)
    except ValueError as error:
        text = str(translate_error(error))
    assert re.search(r"builtins\.ValueError at failures/test_translation\.py:\d+; its text", text)
    assert NAME not in text


def test_a_failure_is_what_it_says() -> None:
    failure = Failure(SAID, Kind.DISK)
    assert translate_error(failure) is failure


def test_the_page_lists_every_kind_with_its_status() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "failures.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", page, re.MULTILINE))
    assert listed == {kind.value: str(kind.exit_status) for kind in Kind}
