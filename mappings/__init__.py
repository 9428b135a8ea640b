"""What things mean: one YAML per source and destination, code lists, and the small engine that reads them."""
