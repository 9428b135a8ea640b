"""Writes finished documents for people: workbook, report, forms and parcels."""
