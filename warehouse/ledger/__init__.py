"""What the hub keeps about its own doing, beside the case data."""
