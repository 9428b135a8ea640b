"""Backs up, restores and checks a warehouse with its landing."""
