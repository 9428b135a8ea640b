"""Places in a sheet that a person must know of or whose text differs from the value. How they are found stands elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.tables.text_table import Notice

_NAMED_CELLS = 100
_UNSTORED_TEXT = "Die Formel hat kein gespeichertes Ergebnis. Bitte die Datei in Excel öffnen, speichern und neu ablegen."

Place = tuple[int, int]


@dataclass
class SheetMarks:
    """Places in a sheet, as row from 1 and column from 0.

    ``padded`` tells by column and row how many digits a whole number is shown with, ``texts`` what a cell shows where its
    value says less.
    """

    hidden_rows: list[int] = field(default_factory=list)
    unstored: list[Place] = field(default_factory=list)
    errors: list[Place] = field(default_factory=list)
    padded: dict[int, dict[int, int]] = field(default_factory=dict)
    texts: dict[int, dict[int, str]] = field(default_factory=dict)

    def notices(self, columns: dict[int, str], is_data: frozenset[int]) -> list[Notice]:
        """What a person must know: rows a filter hides are read all the same; a cell without value is set aside."""
        told = []
        hidden = [row for row in self.hidden_rows if row in is_data]
        if hidden:
            message = (
                f"{len(hidden)} Zeilen sind ausgeblendet oder weggefiltert und wurden mitgelesen."
            )
            told.append(Notice("hidden_rows", message, row=hidden[0]))
        reasons = (
            ("formula_without_value", self.unstored, _UNSTORED_TEXT),
            (
                "error_value",
                self.errors,
                "Die Zelle enthält einen Excel-Fehlerwert. Bitte an der Quelle berichtigen.",
            ),
        )
        for rule, places, message in reasons:
            mine = [
                (row, columns[column])
                for row, column in places
                if row in is_data and column in columns
            ]
            told += [Notice(rule, message, row, column) for row, column in mine[:_NAMED_CELLS]]
            if len(mine) > _NAMED_CELLS:
                rest = f"{len(mine) - _NAMED_CELLS} weitere Zellen: {message}"
                told.append(Notice(rule, rest))
        return told
