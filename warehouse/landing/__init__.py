"""Keeps delivered bytes by their SHA-256."""
