"""Identity: links source records of one human being by explained rules; records are never merged."""
