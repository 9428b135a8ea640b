"""Identity: links the source records of one human being by explained rules; merges none."""
