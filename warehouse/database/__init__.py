"""Opens the warehouse and inserts rows in bulk."""
