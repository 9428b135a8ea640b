"""Opening the embedded warehouse when it is encrypted: an engine on which everything else runs as on a plain file. The key is derived."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from warehouse.encryption.key import SET_UP, Key, KeyProblem
from warehouse.errors import translate_error

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from duckdb_sqlalchemy import ConnectionWrapper

PLAIN = "the warehouse is not encrypted, but the configuration says so; run: drehscheibe encrypt, or take 'encryption' out of it"
LOCKED = "the warehouse is encrypted; name its key in the configuration: encryption: {key_file: …} or {key_env: …}"
WRONG = "this is another key than the one the warehouse is encrypted with; name the right one in the configuration, or bring it from a copy"


def sealed_engine(url: URL, key: Key) -> Engine:
    """The engine of the encrypted file; its first connection makes the file where there is none. KeyProblem, WarehouseBusy."""
    path = Path(str(url.database)).absolute()

    def open_connection() -> ConnectionWrapper:
        from duckdb_sqlalchemy import ConnectionWrapper

        # All connections with this name share one database in memory, to which the file is attached once.
        name = hashlib.sha256(str(path).encode()).hexdigest()[:16]
        connection = open_memory_database(path, f":memory:drehscheibe-{name}")
        try:
            attach_file(connection, path, "warehouse", key)
            connection.execute("USE warehouse")
        except BaseException:
            connection.close()
            raise
        return ConnectionWrapper(connection)

    return create_engine(url, creator=open_connection, hide_parameters=True)


def open_memory_database(path: Path, name: str = ":memory:") -> DuckDBPyConnection:
    """An empty database in memory that can write encrypted files and keeps what it spills beside ``path`` encrypted, too."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        # Extensions would be fetched from the internet at the first query that could use one.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": f"{path}.tmp",
        "temp_file_encryption": "true",
    }
    extension = _extension_path(duckdb.__version__)
    connection = duckdb.connect(name, config=settings)
    # DuckDB's own cipher only reads; this library brings OpenSSL's, which writes.
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
    """Attaches a file under a name, encrypted if there is a key. KeyProblem, WarehouseBusy; no exception holds the key."""
    import duckdb

    secret = key.warehouse_secret() if key else None
    words = [f"ENCRYPTION_KEY '{secret}'"] if secret else []
    words += ["READ_ONLY"] if read_only else []
    options = f" ({', '.join(words)})" if words else ""
    try:
        connection.execute(f"ATTACH IF NOT EXISTS {_quote_path(path)} AS {name}{options}")
    except duckdb.Error as error:
        known = translate_error(error, opening=True) or locked_out(error)
        if known is None:
            text = str(error)
            known_text = text.replace(secret, "…") if secret else text
            raise type(error)(known_text) from None
        raise known from None


def is_sealed(path: Path) -> bool:
    """True where the file is encrypted; WarehouseBusy where another process has it, DamagedWarehouse."""
    import duckdb

    try:
        duckdb.connect(path, read_only=True).close()
    except duckdb.Error as error:
        if isinstance(locked_out(error), KeyProblem):
            return True
        raise translate_error(error, opening=True) or error from None
    return False


def locked_out(error: BaseException) -> KeyProblem | None:
    """What DuckDB means where key and file do not belong together; None for any other error."""
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    for words, meaning in (
        ("Wrong encryption key", WRONG),
        ("without a key", LOCKED),
        ("is not encrypted", PLAIN),
    ):
        if words in text:
            return KeyProblem(meaning)
    return None


def _extension_path(version: str) -> Path:
    found = importlib.util.find_spec("duckdb_extension_httpfs")
    for folder in found.submodule_search_locations or () if found else ():
        path = Path(folder, "extensions", f"v{version}", "httpfs.duckdb_extension")
        if path.is_file():
            return path
    raise KeyProblem(SET_UP)


def _quote_path(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
