"""Transports, readers, the table contract and documents: the only package that touches the outside."""
