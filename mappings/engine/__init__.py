"""The engine: text columns in, typed entity columns and findings out; each distinct value is interpreted once. No file, no database."""
