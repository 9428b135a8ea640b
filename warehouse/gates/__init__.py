"""Gates: conditions on data that leaves the hub, compiled into the query that selects it."""
