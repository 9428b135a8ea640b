"""Indicators, each a function that returns one SQLAlchemy Select; the catalogue lists the shown."""
