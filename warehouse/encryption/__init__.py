"""Encryption at rest of the landing and the embedded warehouse: key, sealed files, switching over. What is kept in them is not known here."""
