"""Readers: one file per format, each gives text tables with the place of every row; nothing is typed here."""
