"""The base of the ways to fetch a source: keys, checks, and the connector they make."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import Field

from mappings.yaml_file import Document, KeyPath
from pipelines.config.part import FilePlace, Part

if TYPE_CHECKING:
    from connectors.fetch.fetcher import Fetcher
    from connectors.fetch.http_login import Tls
    from connectors.fetch.remote_folder import Limits

# On the same machine nobody listens in between.
NEAR = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class WrittenFetch:
    """The part ``fetch`` of a source as written in the file; reports mistakes at its keys."""

    document: Document
    source: str
    path: KeyPath
    data: dict[str, Any]

    def report(self, keys: KeyPath, message: str, suggestion: str) -> None:
        """Reports a mistake at these keys below ``fetch``."""
        self.document.report_problem((*self.path, *keys), message, suggestion)

    def hint_at_secret(self) -> str:
        """What to do with a secret that is in the file."""
        variable = f"DREHSCHEIBE_SECRET_{self.source.upper()}"
        return (
            f"take it out; set {variable}, "
            f"or write it into a file '{self.source}' in the secrets folder"
        )

    def check_address(self, key: str, schemes: tuple[str, ...] = ("https",)) -> None:
        """Reports an address without TLS, or one that holds more than server and path."""
        url = self.data.get(key)
        if not isinstance(url, str):
            return
        parts, host = _split_address(url)
        is_near = parts.scheme == "http" and host in NEAR
        if parts.username is not None or parts.password is not None:
            self.report((key,), "holds a user or password", self.hint_at_secret())
        elif not host or not (parts.scheme in schemes or is_near):
            begin = " or ".join(f"{s}://" for s in schemes)
            hint = "such as https://server/folder/"
            self.report((key,), f"must be an address that begins with {begin}", hint)
        elif parts.query or parts.fragment:
            self.report((key,), "holds more than an address", "leave out what begins with ? or #")


def _split_address(url: str) -> tuple[SplitResult, str | None]:
    """The parts of an address, and its host; all empty where it is none."""
    try:
        parts = urlsplit(url)
        return parts, parts.hostname
    except ValueError:
        return urlsplit(""), None


class Transport(Part, ABC):
    """A way to fetch a source.

    A class with a key ``kind: Literal["…"]`` is one of the ways that a configuration may name; it
    has a module of its own in ``pipelines/config/transports``.
    """

    declared: ClassVar[dict[str, type[Transport]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Registers the class under its kind."""
        if "kind" in cls.model_fields:
            for kind in get_args(cls.model_fields["kind"].annotation):
                Transport.declared[kind] = cls

    @classmethod
    def check(cls, fetch: WrittenFetch) -> None:
        """Reports what does not agree.

        Works on the plain data, so that a mistake of form hides no mistake of agreement.
        """

    @abstractmethod
    def make_fetcher(self, secret: str | None, key: str | None) -> Fetcher:
        """The connector, which has not connected yet.

        ``secret`` is the password, ``key`` opens a private key. CannotFetch where a secret is
        missing.
        """

    def describe_login(self) -> str:
        """What identifies a login beside its secret; after a refusal only another one is tried."""
        return json.dumps(self.model_dump(mode="json"))


class FolderTransport(Transport):
    """A way to a folder of deliveries on another machine, and the limits of one fetch."""

    patterns: tuple[str, ...] = ("*",)
    max_files: int = Field(10_000, ge=1)
    max_mb: int = Field(10_000, ge=1)
    max_minutes: int = Field(240, ge=1)

    @property
    def limits(self) -> Limits:
        """The limits as the connectors take them."""
        from connectors.fetch.remote_folder import Limits

        return Limits(files=self.max_files, size=self.max_mb << 20, seconds=60 * self.max_minutes)


class HttpsTransport(Transport):
    """A way over HTTPS; ``client_cert`` and ``client_key`` are PEM files, which may be one."""

    url: str
    ca_bundle: FilePlace | None = None
    client_cert: FilePlace | None = None
    client_key: FilePlace | None = None
    proxy: str | None = None

    @classmethod
    def check(cls, fetch: WrittenFetch) -> None:
        """Reports addresses without TLS."""
        fetch.check_address("url")
        fetch.check_address("proxy", ("https", "http"))

    def tls(self, key: str | None) -> Tls:
        """The certificates as the connectors take them; ``key`` opens the private key."""
        from connectors.fetch.http_login import Tls

        return Tls(self.ca_bundle, self.client_cert, self.client_key, key)
