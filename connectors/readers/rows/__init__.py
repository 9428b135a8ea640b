"""Finds the header among rows and yields the data rows below it."""
