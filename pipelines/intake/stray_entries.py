"""Tells what lies in a source's folder, here or on its server, and is no delivery.

It may hold a withdrawal.
"""

from __future__ import annotations

from connectors.fetch.local_folder import find_stray
from pipelines.config import Config
from pipelines.intake.fetch_source import read_stray
from pipelines.intake.place_delivery import ARRIVING, REPLACED

_MOST_NAMES = 5
_STRAY = (
    "Im Ordner der Quelle liegt, was zu keiner Lieferung gehört: {names}. Bitte Ordner nach dem Tag "
    "benennen (JJJJ-MM-TT), Dateien in einen solchen legen, oder beides aus dem Ordner entfernen."
)


def describe_stray(config: Config, source: str) -> str | None:
    """A German sentence that names the stray entries; None where there are none."""
    settings = config.sources[source]
    # What a fetch has under way, or left when it was interrupted, the fetch itself reports.
    own = (ARRIVING, REPLACED) if settings.fetch is not None else ()
    here = [name for name in find_stray(settings.folder) if not name.startswith(own)]
    names = sorted({*here, *read_stray(config, source)})
    if not names:
        return None
    shown = ", ".join(f"„{name}“" for name in names[:_MOST_NAMES])
    more = f" und {len(names) - _MOST_NAMES} weitere" if len(names) > _MOST_NAMES else ""
    return _STRAY.format(names=shown + more)
