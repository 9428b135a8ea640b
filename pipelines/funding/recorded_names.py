"""Tells of names in the register that no record of their source has: nothing is counted for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

# A name as recorded: its source first.
Recorded = tuple[str, str]


def find_unrecorded(
    names: Iterable[tuple[str, str, str]], recorded: Collection[Recorded]
) -> list[tuple[str, str]]:
    """Member and German sentence, which does not say the name, for each name that is nowhere."""
    return [
        (
            member,
            f"Ein Name aus dem Verzeichnis steht in keinem Datensatz der Quelle {source}; "
            "unter ihm ist kein Gespräch gezählt.",
        )
        for source, name, member in names
        if (source, name) not in recorded
    ]
