"""The mappings of sources and destinations to the common schema, code lists, and the engine."""
