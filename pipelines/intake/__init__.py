"""Takes deliveries in: from a source's folder into the warehouse, with registers and mapping texts."""
