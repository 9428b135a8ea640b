"""Stores what is known and since when: schema, landing, history, identity, gates, marts."""
