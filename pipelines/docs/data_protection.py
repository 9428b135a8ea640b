"""The page of the papers on data protection, as they are for any district."""

from __future__ import annotations

from pipelines.docs.markdown import format_page, wrap_paragraph


def page_text() -> str:
    """The page data-protection.md."""
    from pipelines.papers.paper import as_markdown
    from pipelines.papers.written_papers import make_papers

    return format_page(
        "Papiere zum Datenschutz",
        wrap_paragraph(
            "Was das Programm erzwingt, in den Worten der Papiere. Die Fassung eines Landkreises, mit "
            "seinen Trägern, Quellen, Empfängern und Fristen, als HTML und PDF: "
            "`drehscheibe papers --out papiere`."
        ),
        *(as_markdown(paper) for paper in make_papers()),
    )
