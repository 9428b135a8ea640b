"""The anchors of the invented form."""

from __future__ import annotations

from tests.forms.official_form import FORM

ANCHORS = f"""\
name: muster-probe/1
sheets:
  - sheet: {FORM}
    column: Anzahl
    lines:
      - {{row: Zeitraum von, cell: C2, fact: from}}
      - {{row: bis, cell: C3, fact: to}}
      - {{row: Gespräche mit Einzelpersonen, figure: conversations_by_setting.einzelperson}}
      - {{row: Gespräche mit Familien, figure: conversations_by_setting.familie, cell: C8}}
      - {{row: [Themen, Kinder], figure: topics.kinder}}
      - {{row: [Themen, Gesundheit], figure: topics.gesundheit}}
      - {{row: [Weiterleitungen, Gesundheit], figure: referrals.gesundheit}}
      - {{row: Integrationspläne, figure: plans_concluded}}
      - {{row: Kreis (Name), cell: C18, fact: district}}
"""
