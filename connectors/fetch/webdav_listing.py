"""What a WebDAV server answers when asked what lies in a folder: XML read without entities, every address checked. Asking is not here."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree

from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.remote_folder import Entry

DAV = "{DAV:}"
ASKED = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>'
    b"<resourcetype/><getcontentlength/><getetag/><getlastmodified/></prop></propfind>"
)


def read_listing(body: bytes, folder_url: str) -> Iterator[Entry]:
    """The entries of one folder, itself left out; raises CannotFetch where this is no listing of it."""
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
    """The ETag in a mark if it vouches for every byte, else nothing."""
    return mark if mark.startswith('"') else ""


def not_webdav() -> CannotFetch:
    """What is said where the answer is none of WebDAV, such as a login page."""
    return CannotFetch(
        "not_webdav",
        "Unter der Adresse antwortet kein WebDAV-Ordner (vielleicht eine Anmelde- oder Webseite). Bitte url prüfen.",
    )


def _parse_root(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if (
        root is None
        or root.tag != f"{DAV}multistatus"
        or root.getroottree().docinfo.internalDTD is not None
    ):
        raise not_webdav()
    return root


def _found_properties(answer: etree._Element) -> etree._Element | None:
    """The properties that were found; None where the server could not tell any."""
    for part in answer.iterfind(f"{DAV}propstat"):
        if " 200 " in f"{part.findtext(f'{DAV}status') or ''} ":
            return part.find(f"{DAV}prop")
    return None


def _entry_name(href: str, folder_url: str) -> str | None:
    """The name of what lies directly in the folder; None for the folder itself. Anything elsewhere is refused."""
    folder, found = urlsplit(folder_url), urlsplit(urljoin(folder_url, href))
    base, path = unquote(folder.path), found.path
    below = unquote(path).removeprefix(base)
    if (found.scheme, found.netloc) != (
        folder.scheme,
        folder.netloc,
    ) or not f"{unquote(path)}/".startswith(base):
        raise not_webdav()
    if unquote(path).rstrip("/") == base.rstrip("/"):
        return None
    return below.removesuffix("/")


def _file_entry(name: str, properties: etree._Element) -> Entry:
    size = (properties.findtext(f"{DAV}getcontentlength") or "").strip()
    tag = (properties.findtext(f"{DAV}getetag") or "").strip()
    written = (properties.findtext(f"{DAV}getlastmodified") or "").strip()
    try:
        changed = parsedate_to_datetime(written).timestamp() if written else None
    except (ValueError, OverflowError):
        changed = None
    if not (size.isascii() and size.isdecimal()) or not (tag or written):
        raise CannotFetch(
            "listing_incomplete",
            "Der WebDAV-Server nennt zu einer Datei keine Größe oder weder ETag noch Änderungszeit; so ist nicht zu erkennen, "
            "ob sie vollständig ist. Bitte mit dem Betreiber klären.",
        )
    return Entry(name, False, int(size), tag or written, changed)
