"""The code lists: which codes there are, their German labels and every spelling that stands for them. Reading a cell stands in engine/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from mappings.engine.clean import fold_text
from mappings.yaml_file import read_model

NOT_STATED = "ohne_angabe"
FOLDER = Path(__file__).parent / "codes"
# ISO 3166-3: codes of states that are gone; the CLDR still leads them to their successors, which have codes of their own.
_WITHDRAWN = {"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"}


class _Code(BaseModel):
    model_config = ConfigDict(extra="forbid")
    label: str
    also: list[str] = Field(default_factory=list)
    norm: str | None = None
    roll_up: str | None = None


class _ListFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    source: str
    codes: dict[str, _Code]
    not_stated: list[str] = Field(default_factory=list)
    roll_up: dict[str, str] = Field(default_factory=dict)
    territories: bool = False


@dataclass(frozen=True)
class CodeList:
    """One list. ``labels`` code → German label, in the list's order; ``spellings`` folded spelling → code."""

    name: str
    title: str
    source: str
    labels: Mapping[str, str]
    spellings: Mapping[str, str]
    norms: Mapping[str, str] = field(default_factory=dict)
    roll_up: Mapping[str, str] = field(default_factory=dict)

    def with_spellings(self, more: Mapping[str, str]) -> CodeList:
        """The same list with a mapping's own spellings, which win over the general ones."""
        spellings = {**self.spellings, **{fold_text(k): v for k, v in more.items()}}
        return CodeList(
            self.name, self.title, self.source, self.labels, spellings, self.norms, self.roll_up
        )


def list_names() -> list[str]:
    """The lists that stand in mappings/codes, and the one a district's configuration gives."""
    return [*sorted(p.stem for p in FOLDER.glob("*.yaml")), "municipality"]


@cache
def read_texts() -> dict[str, str]:
    """Name → text of every list in mappings/codes."""
    return {path.stem: path.read_bytes().decode() for path in sorted(FOLDER.glob("*.yaml"))}


@cache
def load_code_list(name: str) -> CodeList:
    """A list of mappings/codes by name; a spelling that stands for two codes is an error at load."""
    file = read_model(FOLDER / f"{name}.yaml", _ListFile)
    labels = {code: c.label for code, c in file.codes.items()}
    spellings: dict[str, str] = {}
    for code, c in file.codes.items():
        for text in (c.label, *c.also):
            _add_spelling(spellings, name, text, code)
    if file.territories:
        _add_territories(labels, spellings)
    if file.not_stated:
        labels[NOT_STATED] = "ohne Angabe"
        for text in (labels[NOT_STATED], *file.not_stated):
            _add_spelling(spellings, name, text, NOT_STATED)
    norms = {code: c.norm for code, c in file.codes.items() if c.norm}
    roll_up = {code: c.roll_up for code, c in file.codes.items() if c.roll_up}
    return CodeList(name, file.title, file.source, labels, spellings, norms, roll_up)


def list_municipalities(register: Mapping[str, tuple[str, ...]]) -> CodeList:
    """The list of a district's municipalities: AGS → (name, other spellings…), from its configuration."""
    spellings: dict[str, str] = {}
    for ags, spelled in register.items():
        for text in (*spelled, ags):
            _add_spelling(spellings, "municipality", text, ags)
    return CodeList(
        "municipality",
        "Gemeinde",
        "amtlicher Gemeindeschlüssel",
        {a: s[0] for a, s in register.items()},
        spellings,
    )


def _add_spelling(spellings: dict[str, str], name: str, text: str, code: str) -> None:
    other = spellings.setdefault(fold_text(text), code)
    if other != code:
        raise ValueError(f"code list {name}: '{text}' stands for both {other} and {code}")


def _add_territories(labels: dict[str, str], spellings: dict[str, str]) -> None:
    # The CLDR knows every state's German name; the alpha-3 codes are its aliases of three letters.
    from babel import Locale
    from babel.core import get_global

    # X… and these five are the CLDR's own, no states.
    german = {
        a: n
        for a, n in Locale("de").territories.items()
        if a[0] != "X" and a not in ("QO", "ZZ", "EU", "EZ", "UN")
    }
    for alpha3, targets in sorted(get_global("territory_aliases").items()):
        if (
            len(alpha3) == 3
            and alpha3.isalpha()
            and len(targets) == 1
            and targets[0] in german
            and len(targets[0]) == 2
            and alpha3 not in _WITHDRAWN
        ):
            spellings.setdefault(fold_text(alpha3), alpha3)
            if alpha3 not in labels and fold_text(german[targets[0]]) not in spellings:
                labels[alpha3] = german[targets[0]]
            spellings.setdefault(fold_text(german[targets[0]]), alpha3)
