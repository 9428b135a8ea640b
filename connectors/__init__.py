"""Transports, readers and documents: the only package that touches the outside."""
