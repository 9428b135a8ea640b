"""Puts the rows below a second header into the order of the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.readers.rows.column_names import header_form
from connectors.readers.rows.header import Header, header_at, normalize_name, read_preamble
from connectors.tables.text_table import CannotRead


@dataclass(frozen=True)
class Block:
    """The rows below a second header: its names, and where each column of the first one is."""

    forms: tuple[str, ...]
    places: tuple[int | None, ...]

    @classmethod
    def of(cls, first: Header, cells: Sequence[str], row: int) -> Block:
        """The block that this row heads.

        Raises CannotRead ``block_unlike`` where it lacks a column or has another one.
        """
        wanted = first.wanted
        assert wanted is not None
        texts = [cell.strip('\ufeff" ') for cell in cells]
        try:
            names = header_at(texts, row, wanted, title="").names
        except CannotRead:
            raise _unlike_error(row, wanted.name) from None
        own = {name: place for place, name in enumerate(names) if texts[place]}
        if own.keys() - set(first.names):
            raise _unlike_error(row, wanted.name)
        places = tuple(own.get(name) for name in first.names)
        return cls(tuple(map(header_form, cells)), places)

    def has_header(self, cells: Sequence[str]) -> bool:
        """Whether a row repeats the header of this block."""
        return tuple(map(header_form, cells)) == self.forms

    def arrange_row(self, cells: Sequence[str]) -> Sequence[str]:
        """A row in the order of the first header; unchanged if it has another width."""
        if len(cells) != len(self.forms):
            return [*cells, ""] if len(cells) == len(self.places) else cells
        return ["" if place is None else cells[place] for place in self.places]


def check_above(first: Header, cells: Sequence[str], row: int) -> None:
    """Raises CannotRead ``block_unlike`` where a value is another one than above the table."""
    values = {normalize_name(label): text for label, text in first.preamble.items()}
    for label, text in read_preamble([(row, cells)]).items():
        if normalize_name(text) != normalize_name(values.get(normalize_name(label), "")):
            raise CannotRead(
                "block_unlike",
                f"In Zeile {row} steht für „{label}“ ein anderer Wert als über der Tabelle. Bitte "
                "jeden Block auf einem eigenen Blatt oder in einer eigenen Datei liefern.",
                table=first.wanted.name if first.wanted else None,
                row=row,
            )


def _unlike_error(row: int, table: str) -> CannotRead:
    return CannotRead(
        "block_unlike",
        f"In Zeile {row} beginnt ein weiterer Block, dessen Kopfzeile andere Spalten nennt als die "
        "erste. Bitte die Blöcke mit gleichen Spalten oder in getrennten Dateien liefern.",
        table=table,
        row=row,
    )
