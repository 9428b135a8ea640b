"""Readers, one room per file format; each gives text tables with the position of every row, untyped."""
