"""Computes the figures of a period, explains them, and makes report and workbook of them."""
