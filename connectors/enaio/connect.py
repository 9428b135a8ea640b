"""Chooses the fetcher for the settings of an enaio source; nothing else."""

from __future__ import annotations

from connectors.enaio.dms import EnaioDms
from connectors.enaio.fetch_run import Tools
from connectors.enaio.osrest import EnaioOsrest
from connectors.enaio.settings import Enaio
from connectors.fetching import Fetcher


def enaio_fetcher(settings: Enaio, tools: Tools | None = None) -> Fetcher:
    """The fetcher for the interface that the settings name."""
    return EnaioDms(settings, tools) if settings.api == "dms" else EnaioOsrest(settings, tools)
