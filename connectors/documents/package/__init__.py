"""Frozen packages: a BagIt folder described by RO-Crate, with the same bytes wherever it is made."""
