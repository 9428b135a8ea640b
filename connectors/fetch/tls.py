"""A transport adapter with a client certificate, whose key may be encrypted.

Which servers are trusted is passed with each request.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter

from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.http_login import Tls, reveal_secret


class ClientCertificate(HTTPAdapter):
    """Presents the certificate loaded into ``context`` on every connection, also via a proxy."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=2, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, **proxy_kwargs)


def make_adapter(tls: Tls) -> HTTPAdapter:
    """Makes the adapter for these settings; raises CannotFetch ``key_unreadable``."""
    if tls.certificate is None:
        return HTTPAdapter(pool_connections=2, pool_maxsize=1)
    context = ssl.create_default_context(cafile=str(tls.ca_bundle) if tls.ca_bundle else None)
    password = reveal_secret(tls.key_password) if tls.key_password is not None else ""
    # Raised outside of the handler, so that it does not hold the original exception.
    with suppress(OSError, ValueError):
        context.load_cert_chain(tls.certificate, tls.key, password=password)
        return ClientCertificate(context)
    raise CannotFetch(
        "key_unreadable",
        "Das Client-Zertifikat oder sein Schlüssel lässt sich nicht lesen. Bitte die Pfade und das"
        " Kennwort des Schlüssels prüfen.",
        again=False,
    )
