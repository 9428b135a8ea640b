"""Reads and checks the configuration drehscheibe.yaml; each mistake is reported with its line."""

from pipelines.config.load import ConfigError, find_config, load_config
from pipelines.config.models import Config, Recipient, Reports, Schedule, Source, Staff, Target

__all__ = [
    "Config",
    "ConfigError",
    "Recipient",
    "Reports",
    "Schedule",
    "Source",
    "Staff",
    "Target",
    "find_config",
    "load_config",
]
