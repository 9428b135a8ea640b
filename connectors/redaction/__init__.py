"""Takes rows out of delivered files and leaves the rest of them as it was."""
