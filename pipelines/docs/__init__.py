"""Pages of docs/generated, made from schema, mappings, catalogue and gates. What a person writes stands in docs/ beside them."""

from pipelines.docs.pages import FOLDER, generate_pages, run_docs

__all__ = ["FOLDER", "generate_pages", "run_docs"]
