"""Pages of docs/generated, made from schema, mappings, catalogue and gates. What a person writes stands in docs/ beside them."""

from pipelines.docs.pages import FOLDER, generate, main

__all__ = ["FOLDER", "generate", "main"]
