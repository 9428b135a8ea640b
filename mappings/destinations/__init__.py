"""What each destination is given: which indicators in which order, which fields for which data group. One YAML per destination."""
