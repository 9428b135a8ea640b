"""The figures: each indicator a function that returns one SQLAlchemy Select. Which are shown, in which order, says the catalogue."""
