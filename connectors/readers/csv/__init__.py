"""Reads delimited text."""
