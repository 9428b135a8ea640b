"""The gates every answer passes that leaves the hub. Each is one small file and is compiled into the query, not applied after it."""
