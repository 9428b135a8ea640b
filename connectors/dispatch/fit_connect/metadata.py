"""What a submission says of its content: the metadata and the data, in FIT-Connect's schema."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from connectors.dispatch.fit_connect.access import Destination

SCHEMA = "https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json"


@dataclass(frozen=True)
class SealedFile:
    """The one attachment: the name and SHA-512 (hexadecimal) of the file before encryption."""

    attachment_id: str
    name: str
    sha512: str
    mime_type: str = "application/zip"


def describe_submission(destination: Destination, data: bytes, file: SealedFile) -> bytes:
    """The metadata of a submission of this data (JSON) with one attachment."""
    schema = {"schemaUri": destination.schema_uri, "mimeType": "application/json"}
    attachment = {
        "attachmentId": file.attachment_id,
        "purpose": "attachment",
        "filename": file.name,
        "mimeType": file.mime_type,
        "hash": _describe_hash(file.sha512),
    }
    content = {
        "data": {"submissionSchema": schema, "hash": _describe_hash(hash_content(data))},
        "attachments": [attachment],
    }
    service = {"name": destination.service_name, "identifier": destination.service}
    told: dict[str, Any] = {
        "$schema": SCHEMA,
        "contentStructure": content,
        "publicServiceType": service,
    }
    return json.dumps(told, ensure_ascii=False).encode()


def hash_content(content: bytes) -> str:
    """The SHA-512 in hexadecimal digits."""
    return hashlib.sha512(content).hexdigest()


def _describe_hash(digits: str) -> dict[str, str]:
    return {"type": "sha512", "content": digits}
