"""Writes what a package was made of as an in-toto Statement v1 with a SLSA provenance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STATEMENT = "statement.intoto.json"
_TYPE = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://slsa.dev/provenance/v1"
_BUILD = "urn:drehscheibe:submission:1"


@dataclass(frozen=True)
class Dependency:
    """Something the package was made of, by name and SHA-256; ``about``: what else is known."""

    name: str
    sha256: str
    about: Mapping[str, Any]


def write_statement(
    files: Mapping[str, bytes],
    made_of: Sequence[Dependency],
    parameters: Mapping[str, Any],
    program: Mapping[str, str],
) -> bytes:
    """The text of the statement about ``files``; ``program``: name, version and sum of the code."""
    statement = {
        "_type": _TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": hashlib.sha256(content).hexdigest()}}
            for name, content in sorted(files.items())
        ],
        "predicateType": _PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD,
                "externalParameters": parameters,
                "resolvedDependencies": [
                    {"name": d.name, "digest": {"sha256": d.sha256}, "annotations": d.about}
                    for d in made_of
                ],
            },
            "runDetails": {"builder": {"id": program["name"], "version": program}},
        },
    }
    return (json.dumps(statement, ensure_ascii=False, indent=1) + "\n").encode()
