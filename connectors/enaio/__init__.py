"""Reads enaio over HTTP, by the DMS service or by OSRest: pages land as bytes. No mapping, no warehouse, no secrets' source."""
