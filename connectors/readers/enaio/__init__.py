"""Reads exports and REST pages of enaio."""
