"""Reads passwords from the environment or from files in the secrets folder."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, SecretStr, create_model
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from warehouse.errors import WrongAccess

if TYPE_CHECKING:
    from pipelines.config.models import Config

# Writing by a group, anything by others.
_TOO_OPEN = 0o027


class _InFolder(BaseSettings):
    """Reads the secrets folder only: a source may have the name of any variable of the system."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, file_secret_settings


def secrets_folder(config: Config) -> Path:
    """The folder DREHSCHEIBE_SECRETS names, else ``secrets`` beside the configuration."""
    return Path(os.environ.get("DREHSCHEIBE_SECRETS") or config.path.parent / "secrets")


class OpenSecrets(WrongAccess):
    """Others can read or change the secrets; the text says how to mend it."""


def check_secrets(config: Config) -> None:
    """Raises OpenSecrets where anyone may read the secrets folder or a file in it, or a group write.

    A group may read them, as that of a service does. Windows has no such modes.
    """
    folder = secrets_folder(config)
    if os.name == "nt" or not folder.is_dir():
        return
    files = (path for path in folder.iterdir() if path.exists())
    if any(path.stat().st_mode & _TOO_OPEN for path in (folder, *files)):
        raise OpenSecrets(
            f"Der Ordner {folder} mit den Passwörtern oder eine Datei darin ist für andere "
            "Benutzer dieses Rechners lesbar oder von ihnen änderbar; es wurde nichts getan. "
            f"Bitte ausführen: chmod -R g-w,o-rwx {shlex.quote(str(folder))}"
        )


def warehouse_password(config: Config) -> SecretStr | None:
    """The warehouse's password: from DREHSCHEIBE_WAREHOUSE_PASSWORD or the file of that name."""
    name = "DREHSCHEIBE_WAREHOUSE_PASSWORD"
    return _read_secret(config, name, name)


def page_password(config: Config) -> SecretStr | None:
    """The password of Dagster's page: from DREHSCHEIBE_PAGE_PASSWORD or the file of that name."""
    name = "DREHSCHEIBE_PAGE_PASSWORD"
    return _read_secret(config, name, name)


def source_secret(config: Config, source: str) -> SecretStr | None:
    """The password with which a source is fetched.

    From DREHSCHEIBE_SECRET_<SOURCE>, or the file with the source's name.
    """
    return _read_secret(config, f"DREHSCHEIBE_SECRET_{source}", source)


def recipient_secret(config: Config, recipient: str) -> SecretStr | None:
    """The password with which parcels are handed to a recipient, or that of the private key.

    From DREHSCHEIBE_SECRET_RECIPIENT_<RECIPIENT>, or the file ``recipient_<recipient>``.
    """
    name = f"recipient_{recipient}"
    return _read_secret(config, f"DREHSCHEIBE_SECRET_{name}", name)


def key_secret(config: Config, source: str) -> SecretStr | None:
    """What opens the private key of a source.

    From DREHSCHEIBE_SECRET_<SOURCE>_KEY, or the file ``<source>_key``.
    """
    return _read_secret(config, f"DREHSCHEIBE_SECRET_{source}_KEY", f"{source}_key")


def workbook_password(config: Config, source: str) -> SecretStr | None:
    """What opens a source's encrypted workbooks.

    From DREHSCHEIBE_SECRET_<SOURCE>_WORKBOOK, or the file ``<source>_workbook``.
    """
    return _read_secret(config, f"DREHSCHEIBE_SECRET_{source}_WORKBOOK", f"{source}_workbook")


def _read_secret(config: Config, variable: str, file: str) -> SecretStr | None:
    environment = create_model("Environment", __base__=BaseSettings, secret=_secret_field(variable))
    found = _secret_of(environment())
    folder = secrets_folder(config)
    if found is None and folder.is_dir():
        check_secrets(config)
        files = create_model("Folder", __base__=_InFolder, secret=_secret_field(file))
        found = _secret_of(files(_secrets_dir=folder))
    return found


def _secret_field(name: str) -> Any:
    return SecretStr | None, Field(None, validation_alias=name)


def _secret_of(settings: BaseSettings) -> SecretStr | None:
    found = getattr(settings, "secret", None)
    return found if isinstance(found, SecretStr) and found.get_secret_value() else None
