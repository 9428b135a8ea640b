"""The keys of `kind: webdav`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pipelines.config.transport import FolderTransport, HttpsTransport

if TYPE_CHECKING:
    from connectors.fetch.fetcher import Fetcher


class WebDav(HttpsTransport, FolderTransport):
    """A WebDAV folder over HTTPS (Nextcloud, SharePoint, Windows servers)."""

    kind: Literal["webdav"]
    user: str

    def make_fetcher(self, secret: str | None, key: str | None) -> Fetcher:
        """The connector of the folder."""
        from connectors.fetch import webdav

        settings = webdav.WebDavSettings(
            url=self.url,
            user=self.user,
            secret=secret,
            tls=self.tls(key),
            proxy=self.proxy,
            patterns=self.patterns,
            limits=self.limits,
        )
        return webdav.WebDav(settings)
