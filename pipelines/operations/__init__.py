"""Keeps an installation healthy."""
