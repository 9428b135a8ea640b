"""Writes the documents of the funding: workbook of the register, evidence of grants."""
