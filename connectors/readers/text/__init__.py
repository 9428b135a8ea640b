"""Decodes bytes and reads line- and element-based text."""
