"""Paths below the data folder, locks, and atomic writing of files."""
