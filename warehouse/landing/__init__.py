"""Stores delivered files by their SHA-256."""
