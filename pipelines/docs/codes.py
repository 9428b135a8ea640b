"""The page of code lists: each code with its German label and the spellings read as it."""

from __future__ import annotations

from collections.abc import Sequence

from mappings import code_lists
from mappings.code_lists import CodeList
from mappings.engine.clean import fold_text
from pipelines.docs.markdown import format_code, format_page, format_table, wrap_paragraph

_MANY = 80


def page_text() -> str:
    """The page codes.md."""
    return format_page(
        "Schlüssellisten",
        wrap_paragraph(
            "Ein Wert der Quelle wird nur verstanden, wenn er einer Bezeichnung oder einer "
            "weiteren Schreibweise gleicht; Groß- und Kleinschreibung, mehrfache und unsichtbare "
            "Leerzeichen zählen dabei nicht. Alles andere ist der Befund `unknown_code` und zählt "
            "in keiner Kategorie. Eigene Schreibweisen einer Quelle stehen in deren Zuordnung "
            "unter `values`."
        ),
        *(_list_section(name) for name in code_lists.list_names() if name != "municipality"),
        "## Gemeinde (`municipality`)",
        wrap_paragraph(
            "Diese Liste steht in der Konfiguration des Landkreises unter `municipalities`: der "
            "amtliche Gemeindeschlüssel ist der Code, Name und `also` sind die Schreibweisen."
        ),
    )


def _list_section(name: str) -> str:
    listed = code_lists.load_code_list(name)
    parts = [f"## {listed.title} ({format_code(name)})", f"Quelle: {listed.source}."]
    shown = list(listed.labels)
    if len(shown) > _MANY:
        shown = [code for code in shown if not (len(code) == 3 and code.isupper())]
        parts.append(
            wrap_paragraph(
                f"{len(listed.labels)} Codes mit {len(listed.spellings)} Schreibweisen. Gezeigt "
                "sind die Codes, die für keinen Staat stehen; ein Staat wird an seinem deutschen "
                "Namen, dem dreibuchstabigen Code und den Schreibweisen der Liste erkannt."
            )
        )
    head = ["Code", "Bezeichnung", "weitere Schreibweisen"]
    head += ["Rechtsnorm"] if listed.norms else []
    head += ["zusammengefasst"] if listed.roll_up else []
    parts.append(format_table(head, [_code_row(listed, code) for code in shown]))
    return "\n\n".join(parts)


def _code_row(listed: CodeList, code: str) -> Sequence[str]:
    label = listed.labels[code]
    spellings = [text for text, other in listed.spellings.items() if other == code]
    further = [text for text in spellings if text != fold_text(label)]
    cells = [format_code(code), label, ", ".join(further)]
    for column in (listed.norms, listed.roll_up):
        if column:
            cells.append(column.get(code, ""))
    return cells
