"""Finds keys that name nothing: error values of a spreadsheet, and words and signs for "none".

Whatever has such a key has none: two human beings with it would be one.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.hashes import Mask

# As Excel, LibreOffice and Numbers show them, in German and in English.
ERROR_VALUES = (
    r"#+ *(?:NV|N/A|BEZUG|REF|WERT|VALUE|NAME|DIV/0|ZAHL|NUM|NULL|ÜBERLAUF|SPILL|KALK|CALC|LEER"
    r"|FELD|FIELD|BUSY|BLOCKIERT|BLOCKED|CONNECT|UNBEKANNT|UNKNOWN|ERROR|FEHLER) *[!?]?"
    r"|(?:Err|Fehler|Error): *[0-9]{3}"
)
_WORDS = (
    "null|none|nan|leer|blank|empty|undefined|undefiniert|tbd|n *[./] *[abv] *\\.?"
    "|[ko] *\\. *a *\\.?|(?:keine|ohne) *(?:angaben?|nummer|nr\\.?|kennung|id)?"
    "|(?:nicht|un) *(?:bekannt|vergeben|vorhanden|zugeordnet)|unbek\\.?"
    "|unknown|not +known|missing|fehlt|folgt|entfällt|anonym|neu"
)
# A column too narrow for its numbers shows ####.
_BROKEN = rf"(?i)^(?:{ERROR_VALUES}|##+)$"
# A key without a letter or a digit, in whatever script, names nothing either.
_NO_KEY = rf"(?i)^(?:{ERROR_VALUES}|[(<\[{{]? *(?:{_WORDS}) *[)>\]}}]?|[^\pL\pN]+)$"


def find_stand_ins(keys: pa.StringArray, *, is_part: bool) -> Mask:
    """Which of the cleaned keys name nothing.

    ``is_part``: they are parts of longer keys, such as names, of which "-" and "Neu" may be one.
    """
    found = pc.match_substring_regex(keys, _BROKEN if is_part else _NO_KEY)
    mask: Mask = pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    return mask
