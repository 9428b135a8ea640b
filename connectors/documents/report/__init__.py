"""Writes the coordinators' report and its charts."""
