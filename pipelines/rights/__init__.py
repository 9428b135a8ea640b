"""The rights of a person: access, restriction, erasure, retention."""
