"""Generates the pages of docs/generated from schema, mappings, catalogue and gates."""

from pipelines.docs.pages import FOLDER, generate_pages, run_docs

__all__ = ["FOLDER", "generate_pages", "run_docs"]
