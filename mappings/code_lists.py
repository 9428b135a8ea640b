"""Loads the code lists: codes, German labels, and the spellings that are read as each code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from mappings.engine.clean import fold_text
from mappings.yaml_file import read_model

NOT_STATED = "ohne_angabe"
FOLDER = Path(__file__).parent / "codes"
# ISO 3166-3: codes of former states. The CLDR still maps them to their successors, which have codes
# of their own. The codes of two letters are the CLDR's own, beside those that begin with X.
_NO_STATES = {"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR", "QO", "ZZ", "EU", "EZ", "UN"}


class _Code(BaseModel, extra="forbid"):
    label: str
    also: list[str] = []
    norm: str | None = None
    roll_up: str | None = None


class _ListFile(BaseModel, extra="forbid"):
    title: str
    source: str
    codes: dict[str, _Code]
    not_stated: list[str] = []
    without_code: list[str] = []
    roll_up: dict[str, str] = {}
    territories: bool = False


@dataclass(frozen=True)
class CodeList:
    """One list; ``labels``: code → German label in order, ``spellings``: folded spelling → code.

    ``without_code``: folded texts that are understood and have no code: they count nowhere.
    """

    name: str
    title: str
    source: str
    labels: Mapping[str, str]
    spellings: Mapping[str, str]
    norms: Mapping[str, str] = field(default_factory=dict)
    roll_up: Mapping[str, str] = field(default_factory=dict)
    without_code: frozenset[str] = frozenset()

    def with_spellings(self, more: Mapping[str, str]) -> CodeList:
        """The same list with a mapping's own spellings, which go before the general ones."""
        own = {fold_text(text): code for text, code in more.items()}
        return replace(self, spellings={**self.spellings, **own})


def list_names() -> list[str]:
    """The lists of mappings/codes, and the one of a district's configuration."""
    return [*sorted(p.stem for p in FOLDER.glob("*.yaml")), "municipality"]


@cache
def read_texts() -> dict[str, str]:
    """The text of every list in mappings/codes by its name."""
    return {path.stem: path.read_bytes().decode() for path in sorted(FOLDER.glob("*.yaml"))}


@cache
def load_code_list(name: str) -> CodeList:
    """A list of mappings/codes by name; ValueError where a spelling means two codes."""
    file = read_model(FOLDER / f"{name}.yaml", _ListFile)
    labels = {code: c.label for code, c in file.codes.items()}
    spellings: dict[str, str] = {}
    for code, c in file.codes.items():
        _add_spellings(spellings, name, (c.label, code, *c.also), code)
    if file.territories:
        _add_territories(labels, spellings)
    if file.not_stated:
        labels[NOT_STATED] = "ohne Angabe"
        _add_spellings(spellings, name, (labels[NOT_STATED], *file.not_stated), NOT_STATED)
    norms = {code: c.norm for code, c in file.codes.items() if c.norm}
    roll_up = {code: c.roll_up for code, c in file.codes.items() if c.roll_up}
    without_code = frozenset(map(fold_text, file.without_code))
    return CodeList(name, file.title, file.source, labels, spellings, norms, roll_up, without_code)


def list_municipalities(register: Mapping[str, tuple[str, ...]]) -> CodeList:
    """The list of a district's municipalities; ``register``: AGS → (name, other spellings…)."""
    labels = {ags: names[0] for ags, names in register.items()}
    spellings: dict[str, str] = {}
    for ags, names in register.items():
        _add_spellings(spellings, "municipality", (*names, ags), ags)
    source = "amtlicher Gemeindeschlüssel"
    return CodeList("municipality", "Gemeinde", source, labels, spellings)


def _add_spellings(spellings: dict[str, str], name: str, texts: Iterable[str], code: str) -> None:
    for text in texts:
        other = spellings.setdefault(fold_text(text), code)
        if other != code:
            raise ValueError(f"code list {name}: '{text}' stands for both {other} and {code}")


def _add_territories(labels: dict[str, str], spellings: dict[str, str]) -> None:
    """Adds every state by its alpha-3 code and its German name."""
    from babel import Locale
    from babel.core import get_global

    territories = Locale("de").territories
    for alpha3, targets in sorted(get_global("territory_aliases").items()):
        # The CLDR has the alpha-3 codes as aliases of three letters.
        if len(targets) != 1 or not _is_state(alpha3, targets[0]):
            continue
        german = territories.get(targets[0])
        if german is None:
            continue
        spellings.setdefault(fold_text(alpha3), alpha3)
        name = fold_text(german)
        if alpha3 not in labels and name not in spellings:
            labels[alpha3] = german
        spellings.setdefault(name, alpha3)


def _is_state(alpha3: str, alpha2: str) -> bool:
    """Whether the codes are those of a state that exists."""
    if alpha2.startswith("X") or _NO_STATES & {alpha2, alpha3}:
        return False
    return len(alpha3) == 3 and alpha3.isalpha() and len(alpha2) == 2
