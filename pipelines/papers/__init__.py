"""Papers for the data protection officer, made of what the code enforces."""
