"""What is kept and for how long it was true: schema, landing, history, identity, gates, marts. Knows nothing else of ours."""
