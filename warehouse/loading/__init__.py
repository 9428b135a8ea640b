"""Loads deliveries into history: staging, comparison, balance and guard."""
