"""Who is who: which source records belong to one human being, by which rule, explained. Source records are never merged."""
