"""The mappings of sources and destinations to the common schema, the code lists, and their engine."""
