"""Gates: rules for data that leaves the hub, compiled into the query instead of applied to its result."""
