"""Helps to write mappings: shows what the readers find in unknown files."""
