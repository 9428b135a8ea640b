"""Writes the letter that tells an earlier recipient that what it was sent no longer holds."""
