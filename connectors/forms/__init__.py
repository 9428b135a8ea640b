"""Fills a copy of a workbook that somebody else made: only cells and their values change."""
