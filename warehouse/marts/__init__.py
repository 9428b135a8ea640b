"""Indicators: each is a function that returns one SQLAlchemy Select; the catalogue lists the ones shown."""
