"""A paper: a title and its sections, and how it becomes Markdown, HTML and PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from connectors.documents.person.person_letter import (
    LetterSection,
    LetterTable,
    PersonLetter,
    print_letter,
)
from pipelines.docs.markdown import format_table, wrap_paragraph

_PAGE = """\
<!doctype html>
<html lang="de"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;vertical-align:top;
padding:.3rem .5rem;border-bottom:1px solid #767676}}h1,h2{{color:#1f4e79}}</style></head>
<body><main><h1>{title}</h1><p>{subtitle}</p>
{body}
</main></body></html>
"""


@dataclass(frozen=True)
class Paper:
    """``stem``: the name of its files; all texts are German."""

    stem: str
    title: str
    sections: Sequence[LetterSection]


def as_markdown(paper: Paper) -> str:
    """The paper below a heading of the second level."""
    parts = [f"## {paper.title}"]
    for section in paper.sections:
        parts.append(f"### {section.title}")
        parts += [wrap_paragraph(text) for text in section.texts]
        parts += [format_table(table.heads, table.rows) for table in section.tables]
    return "\n\n".join(parts)


def as_html(paper: Paper, subtitle: str) -> str:
    """The paper as one page that needs nothing else."""
    body = "\n".join(_section_html(section) for section in paper.sections)
    return _PAGE.format(title=escape(paper.title), subtitle=escape(subtitle), body=body)


def _section_html(section: LetterSection) -> str:
    texts = "".join(f"<p>{escape(text)}</p>" for text in section.texts)
    tables = "".join(map(_table_html, section.tables))
    return f"<section><h2>{escape(section.title)}</h2>{texts}{tables}</section>"


def _table_html(table: LetterTable) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in table.heads)
    rows = "".join(_row_html(row) for row in table.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row_html(cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def as_pdf(paper: Paper, subtitle: str, on: date) -> bytes:
    """The paper as tagged PDF."""
    facts = [("Stand", f"{on:%d.%m.%Y}"), ("Für", subtitle)]
    letter = PersonLetter(paper.title, subtitle, paper.stem, on, facts, paper.sections)
    return print_letter(letter)
