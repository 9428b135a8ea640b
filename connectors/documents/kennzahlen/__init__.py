"""Writes the Kennzahlen workbook: sheets of figures, evidence, formats."""
