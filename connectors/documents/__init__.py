"""Finished files for people: workbook, report, forms, packages. Plain data in, a file out; no database here."""
