"""Encryption at rest of landing and embedded warehouse: keys, encrypted files, conversion."""
