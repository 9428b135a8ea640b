"""Which connector a `fetch` of the configuration means, with its secret. When it is called and what becomes of it is not here."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.config import Config
from pipelines.config.fetching import EnaioDms, EnaioOsrest, Sftp, SqlView, WebDav
from pipelines.config.secret import key_secret, source_secret

if TYPE_CHECKING:
    from connectors.enaio.settings import Server, Tls
    from connectors.fetching import Fetcher
    from connectors.ways.remote_folder import Limits


def fetcher_of(config: Config, source: str) -> Fetcher:
    """The connector of a source that has a `fetch`; nothing is asked of anyone yet. CannotFetch where a secret is missing."""
    fetch = config.sources[source].fetch
    assert fetch is not None
    from connectors.ways.once_refused import OnceRefused

    secret = _secret(config, source)
    if isinstance(fetch, EnaioDms | EnaioOsrest):
        login = [fetch.url, fetch.user, fetch.token_url, fetch.client_id]
        return OnceRefused(_enaio(fetch, secret, _key(config, source)), json.dumps([login, secret]))
    if isinstance(fetch, Sftp):
        plain = _sftp(fetch, secret)
    elif isinstance(fetch, WebDav):
        plain = _webdav(fetch, secret, _key(config, source))
    else:
        plain = _sql_view(fetch, secret)
    return OnceRefused(plain, json.dumps([fetch.model_dump(mode="json"), secret]))


def _secret(config: Config, source: str) -> str | None:
    found = source_secret(config, source)
    return found.get_secret_value() if found else None


def _key(config: Config, source: str) -> str | None:
    found = key_secret(config, source)
    return found.get_secret_value() if found else None


def _sftp(fetch: Sftp, secret: str | None) -> Fetcher:
    from connectors.ways import sftp

    settings = sftp.SftpSettings(
        host=fetch.host,
        user=fetch.user,
        host_key=fetch.host_key,
        port=fetch.port,
        folder=fetch.folder,
        key_file=fetch.key_file,
        secret=secret,
        patterns=fetch.patterns,
        limits=_limits(fetch),
    )
    return sftp.Sftp(settings)


def _webdav(fetch: WebDav, secret: str | None, key: str | None) -> Fetcher:
    from connectors.ways import webdav

    settings = webdav.WebDavSettings(
        url=fetch.url,
        user=fetch.user,
        secret=secret,
        tls=_tls(fetch, key),
        proxy=fetch.proxy,
        patterns=fetch.patterns,
        limits=_limits(fetch),
    )
    return webdav.WebDav(settings)


def _sql_view(fetch: SqlView, secret: str | None) -> Fetcher:
    from sqlalchemy import make_url

    from connectors.ways import sql_view

    url = make_url(fetch.url)
    url = url.set(password=secret) if secret else url
    return sql_view.SqlView(sql_view.SqlViewSettings(url, fetch.views, fetch.chunk_rows, fetch.max_rows))


def _enaio(fetch: EnaioDms | EnaioOsrest, secret: str | None, key: str | None) -> Fetcher:
    from connectors.enaio import dms, osrest
    from connectors.enaio.settings import Changes, Enaio, ObjectType, Paging

    settings = Enaio(
        server=_server(fetch, secret, key),
        types=tuple(ObjectType(name=name, **kind.model_dump()) for name, kind in fetch.object_types.items()),
        api="dms" if isinstance(fetch, EnaioDms) else "osrest",
        paging=Paging(size=fetch.page_size, most_pages=fetch.max_pages, pause_seconds=fetch.pause_seconds),
        empty_named=fetch.empty_named,
    )
    if isinstance(fetch, EnaioOsrest):
        return osrest.EnaioOsrest(settings)
    changes = Changes(datetime.timedelta(days=fetch.full_every_days), datetime.timedelta(days=fetch.overlap_days))
    return dms.EnaioDms(replace(settings, changes=changes if fetch.watermark else None, dms_version=fetch.dms_version))


def _server(fetch: EnaioDms | EnaioOsrest, secret: str | None, key: str | None) -> Server:
    from connectors.enaio.settings import Basic, Bearer, Server
    from connectors.fetching import CannotFetch

    if secret is None:
        message = "Für die Quelle ist kein Kennwort hinterlegt. Bitte in der Umgebung oder im Geheimnis-Ordner ablegen."
        raise CannotFetch("no_secret", message)
    login: Basic | Bearer
    if fetch.token_url and fetch.client_id:
        login = Bearer(fetch.token_url, fetch.client_id, secret, fetch.scope)
    else:
        login = Basic(fetch.user or "", secret)
    return Server(fetch.url, login, _tls(fetch, key), {"https": fetch.proxy} if fetch.proxy else {})


def _tls(fetch: WebDav | EnaioDms | EnaioOsrest, key: str | None) -> Tls:
    from connectors.enaio.settings import Tls

    return Tls(fetch.ca_bundle, fetch.client_cert, fetch.client_key, key)


def _limits(fetch: Sftp | WebDav) -> Limits:
    from connectors.ways.remote_folder import Limits

    return Limits(files=fetch.max_files, size=fetch.max_mb << 20, seconds=60 * fetch.max_minutes)
