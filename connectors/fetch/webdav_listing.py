"""Parses a WebDAV folder listing: XML without entities, every address checked."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree

from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.remote_folder import Entry

DAV = "{DAV:}"
LISTING_REQUEST = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>'
    b"<resourcetype/><getcontentlength/><getetag/><getlastmodified/></prop></propfind>"
)


def read_listing(body: bytes, folder_url: str) -> Iterator[Entry]:
    """The entries of one folder without the folder itself.

    Raises CannotFetch if ``body`` is no listing of it.
    """
    for answer in _parse_root(body).iterfind(f"{DAV}response"):
        name = _entry_name(answer.findtext(f"{DAV}href") or "", folder_url)
        properties = _found_properties(answer)
        if name is None or properties is None:
            continue
        if properties.find(f"{DAV}resourcetype/{DAV}collection") is not None:
            yield Entry(name, is_folder=True)
        else:
            yield _file_entry(name, properties)


def strong_tag(mark: str) -> str:
    """The ETag used as a mark if it is a strong one, which covers every byte; else ""."""
    return mark if mark.startswith('"') else ""


def not_webdav_error() -> CannotFetch:
    """The error for an answer that is not WebDAV, such as a login page."""
    return CannotFetch(
        "not_webdav",
        "Unter der Adresse antwortet kein WebDAV-Ordner (vielleicht eine Anmelde- oder Webseite)."
        " Bitte url prüfen.",
    )


def _parse_root(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or root.tag != f"{DAV}multistatus":
        raise not_webdav_error()
    if root.getroottree().docinfo.internalDTD is not None:
        raise not_webdav_error()
    return root


def _found_properties(answer: etree._Element) -> etree._Element | None:
    """The properties the server found; None if it found none."""
    for part in answer.iterfind(f"{DAV}propstat"):
        if " 200 " in f"{part.findtext(f'{DAV}status') or ''} ":
            return part.find(f"{DAV}prop")
    return None


def _entry_name(href: str, folder_url: str) -> str | None:
    """The name of an entry of the folder; None for the folder itself.

    Raises CannotFetch for an address outside of the folder.
    """
    folder, found = urlsplit(folder_url), urlsplit(urljoin(folder_url, href))
    base, path = unquote(folder.path), unquote(found.path)
    same_server = (found.scheme, found.netloc) == (folder.scheme, folder.netloc)
    if not same_server or not f"{path}/".startswith(base):
        raise not_webdav_error()
    if path.rstrip("/") == base.rstrip("/"):
        return None
    return path.removeprefix(base).removesuffix("/")


def _file_entry(name: str, properties: etree._Element) -> Entry:
    size = _property_text(properties, "getcontentlength")
    tag = _property_text(properties, "getetag")
    modified = _property_text(properties, "getlastmodified")
    if not (size.isascii() and size.isdecimal()) or not (tag or modified):
        raise CannotFetch(
            "listing_incomplete",
            "Der WebDAV-Server nennt zu einer Datei keine Größe oder weder ETag noch Änderungszeit;"
            " so ist nicht zu erkennen, ob sie vollständig ist. Bitte mit dem Betreiber klären.",
        )
    return Entry(name, False, int(size), tag or modified, _parse_http_date(modified))


def _property_text(properties: etree._Element, name: str) -> str:
    return (properties.findtext(f"{DAV}{name}") or "").strip()


def _parse_http_date(text: str) -> float | None:
    """Seconds since 1970; None if there is no readable date."""
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
