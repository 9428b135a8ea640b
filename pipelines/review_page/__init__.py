"""The local page on which a person decides whether two records are one human being."""
