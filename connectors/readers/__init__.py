"""Readers, one room per file format; each gives untyped text tables with row positions."""
