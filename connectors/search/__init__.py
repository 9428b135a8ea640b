"""Looks for texts in every byte of files, whatever program wrote them."""
