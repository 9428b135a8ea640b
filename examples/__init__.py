"""Simulates a district: invented people, their cases and the exports of four systems.

Imports nothing of the hub.
"""
