"""Erases a person from the warehouse: rows lose what names them and keep what figures count."""
