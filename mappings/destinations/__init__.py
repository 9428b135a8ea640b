"""One YAML per destination: its indicators in order, or its fields by data group."""
