"""Carries finished parcels out: encrypted for their recipient, into a folder or to a server."""
