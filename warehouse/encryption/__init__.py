"""Encryption at rest of landing and embedded warehouse: key, sealed files, switching over. What is in them is not known here."""
