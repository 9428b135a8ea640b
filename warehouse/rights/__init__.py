"""Rights of a person: whose records they are, what is held on them, what was asked for."""
