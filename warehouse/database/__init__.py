"""Opens the warehouse and writes to it in bulk."""
