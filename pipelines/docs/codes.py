"""The code lists: each code with its German label and the spellings that are read as it. Reading them stands in mappings/engine."""

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
            "Ein Wert der Quelle wird nur verstanden, wenn er einer Bezeichnung oder einer weiteren Schreibweise gleicht; Groß- und "
            "Kleinschreibung, mehrfache und unsichtbare Leerzeichen zählen dabei nicht. Alles andere ist der Befund `unknown_code` und "
            "zählt in keiner Kategorie. Eigene Schreibweisen einer Quelle stehen in deren Zuordnung unter `values`."
        ),
        *(
            _list_section(code_lists.load_code_list(name))
            for name in code_lists.list_names()
            if name != "municipality"
        ),
        "## Gemeinde (`municipality`)",
        wrap_paragraph(
            "Diese Liste steht in der Konfiguration des Landkreises unter `municipalities`: der amtliche Gemeindeschlüssel ist der Code, "
            "Name und `also` sind die Schreibweisen."
        ),
    )


def _list_section(listed: CodeList) -> str:
    parts = [f"## {listed.title} ({format_code(listed.name)})", f"Quelle: {listed.source}."]
    shown = list(listed.labels)
    if len(shown) > _MANY:
        shown = [c for c in shown if not (len(c) == 3 and c.isupper())]
        parts.append(
            wrap_paragraph(
                f"{len(listed.labels)} Codes mit {len(listed.spellings)} Schreibweisen. Gezeigt sind die Codes, die für keinen Staat "
                "stehen; ein Staat wird an seinem deutschen Namen, dem dreibuchstabigen Code und den Schreibweisen der Liste erkannt."
            )
        )
    head = ["Code", "Bezeichnung", "weitere Schreibweisen"]
    head += ["Rechtsnorm"] if listed.norms else []
    head += ["zusammengefasst"] if listed.roll_up else []
    parts.append(format_table(head, [_code_row(listed, c) for c in shown]))
    return "\n\n".join(parts)


def _code_row(listed: CodeList, one: str) -> Sequence[str]:
    spellings = [
        s for s, c in listed.spellings.items() if c == one and s != fold_text(listed.labels[one])
    ]
    cells = [format_code(one), listed.labels[one], ", ".join(spellings)]
    cells += [listed.norms.get(one, "")] if listed.norms else []
    cells += [listed.roll_up.get(one, "")] if listed.roll_up else []
    return cells
