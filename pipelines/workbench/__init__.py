"""Looks at files before a mapping exists."""
