"""The way of a delivery from a source's folder into the warehouse."""
