"""Fetches objects from enaio over its two interfaces, the DMS service and OSRest."""
