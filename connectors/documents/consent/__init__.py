"""The consent form that a person signs."""
