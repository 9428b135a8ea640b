"""The contract between readers and mappings: tables of text with their places."""
