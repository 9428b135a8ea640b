"""The signs of official statistics that stand in place of a number or beside it."""

from __future__ import annotations

NOTHING, SUPPRESSED, NOT_DELIVERED, REVISED = "–", "·", "x", "r"
# As documents explain them.
LEGEND = {
    NOTHING: "nichts vorhanden: genau null",
    SUPPRESSED: "Zahl unterdrückt, damit niemand erkannt wird",
    NOT_DELIVERED: "nicht geliefert: keine Quelle führt die Angabe oder weiß etwas aus dem Zeitraum",
    REVISED: "berichtigte Zahl",
}
