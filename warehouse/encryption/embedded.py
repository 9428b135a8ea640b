"""Opens an encrypted embedded warehouse as an engine that is used like that of a plain file."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Engine, create_engine

from warehouse.encryption.key import SET_UP, Key, KeyProblem
from warehouse.errors import translate_error

if TYPE_CHECKING:
    import duckdb
    from duckdb import DuckDBPyConnection
    from duckdb_sqlalchemy import ConnectionWrapper

PLAIN = (
    "the warehouse is not encrypted, but the configuration says so; "
    "run: drehscheibe encrypt, or take 'encryption' out of it"
)
LOCKED = (
    "the warehouse is encrypted; name its key in the configuration: "
    "encryption: {key_file: …} or {key_env: …}"
)
WRONG = (
    "this is another key than the one the warehouse is encrypted with; "
    "name the right one in the configuration, or bring it from a copy"
)
_SETTINGS = {
    # Else DuckDB would download extensions at the first query that could use one.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_file_encryption": "true",
}
# Parts of DuckDB's messages where key and file do not match.
_KEY_ERRORS = {
    "Wrong encryption key": WRONG,
    "without a key": LOCKED,
    "is not encrypted": PLAIN,
}


def sealed_engine(url: URL, key: Key) -> Engine:
    """The engine of an encrypted file, which its first connection creates where there is none.

    A connection raises KeyProblem or WarehouseBusy.
    """
    path = Path(str(url.database)).absolute()
    return create_engine(url, creator=lambda: _connect_sealed(path, key), hide_parameters=True)


def _connect_sealed(path: Path, key: Key) -> ConnectionWrapper:
    from duckdb_sqlalchemy import ConnectionWrapper

    # All connections of this name share one database in memory, where the file is attached once.
    name = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    connection = open_memory_database(path, f":memory:drehscheibe-{name}")
    try:
        attach_file(connection, path, "warehouse", key)
        connection.execute("USE warehouse")
    except BaseException:
        connection.close()
        raise
    return ConnectionWrapper(connection)


def open_memory_database(path: Path, name: str = ":memory:") -> DuckDBPyConnection:
    """An empty database in memory that can write encrypted files.

    Its temporary files are beside ``path``, encrypted as well.
    """
    import duckdb

    extension = _extension_path(duckdb.__version__)
    connection = duckdb.connect(name, config={**_SETTINGS, "temp_directory": f"{path}.tmp"})
    # DuckDB's own cipher can only read; this extension adds OpenSSL's, which can write.
    connection.execute(f"LOAD {_quote_path(extension)}")
    return connection


def attach_file(
    connection: DuckDBPyConnection,
    path: Path,
    name: str,
    key: Key | None,
    *,
    read_only: bool = False,
) -> None:
    """Attaches a file under a name, encrypted if there is a key.

    KeyProblem, WarehouseBusy; no exception contains the key.
    """
    import duckdb

    secret = key.warehouse_secret() if key else ""
    options = [f"ENCRYPTION_KEY '{secret}'"] if secret else []
    options += ["READ_ONLY"] if read_only else []
    statement = f"ATTACH IF NOT EXISTS {_quote_path(path)} AS {name}"
    try:
        connection.execute(f"{statement} ({', '.join(options)})" if options else statement)
    except duckdb.Error as error:
        raise _attach_error(error, secret) from None


def _attach_error(error: duckdb.Error, secret: str) -> Exception:
    """The error for users, else the same error without the secret."""
    text = str(error).replace(secret, "…") if secret else str(error)
    return translate_error(error, opening=True) or locked_out(error) or type(error)(text)


def is_sealed(path: Path) -> bool:
    """Whether the file is encrypted.

    WarehouseBusy where another process uses it; DamagedWarehouse.
    """
    import duckdb

    try:
        duckdb.connect(path, read_only=True).close()
    except duckdb.Error as error:
        if isinstance(locked_out(error), KeyProblem):
            return True
        raise translate_error(error, opening=True) or error from None
    return False


def locked_out(error: BaseException) -> KeyProblem | None:
    """The error for users where key and file do not match; None for any other error."""
    text = str(getattr(error, "orig", error))
    meant = (KeyProblem(meaning) for words, meaning in _KEY_ERRORS.items() if words in text)
    return next(meant, None)


def _extension_path(version: str) -> Path:
    found = importlib.util.find_spec("duckdb_extension_httpfs")
    for folder in found.submodule_search_locations or () if found else ():
        path = Path(folder, "extensions", f"v{version}", "httpfs.duckdb_extension")
        if path.is_file():
            return path
    raise KeyProblem(SET_UP)


def _quote_path(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
