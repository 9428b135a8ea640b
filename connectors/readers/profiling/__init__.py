"""Describes files nobody has mapped yet."""
