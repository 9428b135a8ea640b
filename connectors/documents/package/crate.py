"""Describes the files of a package by RO-Crate 1.3."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath

CRATE = "ro-crate-metadata.json"
FORMATS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def describe_crate(
    files: Mapping[str, bytes], meanings: Mapping[str, str], title: str, text: str, on: date
) -> bytes:
    """The text of ``ro-crate-metadata.json``; ``meanings``: what each file is, in German."""
    from rocrate.rocrate import ROCrate  # type: ignore[import-untyped]

    crate = ROCrate()
    crate.name, crate.description, crate.datePublished = title, text, on.isoformat()
    for name, content in files.items():
        properties = {
            "name": meanings[name],
            "encodingFormat": FORMATS[PurePosixPath(name).suffix],
            "contentSize": str(len(content)),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        crate.add_file(dest_path=name, properties=properties)
    metadata = crate.metadata.generate()
    return (json.dumps(metadata, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
