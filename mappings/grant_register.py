"""The register of staff, posts and grants that a district keeps: its parts, columns and checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mappings.engine.clean import fold_text
from mappings.problems import did_you_mean

Line = Literal["integrationsmanagement", "ukraine_soforthilfe", "eigenmittel"]
LINES: Mapping[Line, str] = {
    "integrationsmanagement": "Integrationsmanagement",
    "ukraine_soforthilfe": "Ukraine-Soforthilfe",
    "eigenmittel": "Eigenmittel",
}
# Code and label, folded → code.
LINE_WORDS: Mapping[str, Line] = {
    fold_text(word): code for code, label in LINES.items() for word in (code, label)
}
Key = Annotated[str, Field(min_length=1, max_length=200)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
Vzae = Annotated[Decimal, Field(gt=0, max_digits=4, decimal_places=2)]
# Part, number of the entry, field (None: the entry as a whole), what is wrong, what would be right.
Mistake = tuple[str, int, str | None, str, str | None]


class Entry(BaseModel):
    """One entry of a part; unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Period(Entry):
    """An entry with a first and a last day, both included; None: open."""

    begin: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")

    @model_validator(mode="after")
    def _is_in_order(self) -> Period:
        if self.begin and self.end and self.end < self.begin:
            raise ValueError("ends before it begins; swap the two, or correct one")
        return self


class Grant(Period):
    """A Zuwendung to an Antragsteller (``applicant``: key of a carrier)."""

    key: Key
    line: Line = "integrationsmanagement"
    applicant: Key | None = None
    amount: Amount | None = None
    evidence_sent: date | None = None
    report_sent: date | None = None


class Post(Period):
    """A Stelle, or several of one kind, with the municipalities it serves (AGS)."""

    key: Key
    carrier: Key | None = None
    grant: Key | None = None
    vzae: Vzae
    municipalities: tuple[str, ...] = ()


class Member(Entry):
    """An Integrationsmanager/in with class of qualification and Nachqualifizierung."""

    key: Key
    carrier: Key | None = None
    qualification: Annotated[str, Field(max_length=40)] | None = None
    hired: date | None = None
    training_begun: date | None = None
    training_finished: date | None = None

    @model_validator(mode="after")
    def _finishes_after_it_begins(self) -> Member:
        begun, finished = self.training_begun, self.training_finished
        if begun and finished and finished < begun:
            raise ValueError("the Nachqualifizierung is finished before it is begun")
        return self


class Name(Entry):
    """The name of a member as a source records it."""

    staff: Key
    source: str
    name: Annotated[str, Field(min_length=1, max_length=200)]


class Holding(Period):
    """A member on a post from–to with this many full-time equivalents, and what it cost."""

    staff: Key
    post: Annotated[str, Field(max_length=200)] = ""
    grant: Key | None = None
    begin: date = Field(alias="from")
    vzae: Annotated[Vzae, Field(le=1)] | None = None
    staff_cost: Amount | None = None
    training_cost: Amount | None = None


class Interruption(Period):
    """A time in which a member did not work."""

    staff: Key
    begin: date = Field(alias="from")
    reason: Annotated[str, Field(max_length=200)] | None = None


class Extension(Entry):
    """The reason for which a person is counselled beyond the usual years, until a day."""

    source: str
    key: Annotated[str, Field(min_length=1, max_length=400)]
    until: date
    reason: Annotated[str, Field(min_length=1, max_length=400)]


class GrantRegister(BaseModel):
    """The whole register."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grants: tuple[Grant, ...] = ()
    posts: tuple[Post, ...] = ()
    staff: tuple[Member, ...] = ()
    names: tuple[Name, ...] = ()
    holdings: tuple[Holding, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """The sheet of a workbook that holds a part: field → heading; the first ones are needed."""

    title: str
    columns: Mapping[str, str]
    required: int = 1


SHEETS: Mapping[str, Sheet] = {
    "grants": Sheet(
        "Zuwendungen",
        {
            "key": "Zuwendung",
            "line": "Förderlinie",
            "applicant": "Antragsteller",
            "from": "von",
            "to": "bis",
            "amount": "Bewilligt",
            "evidence_sent": "Nachweis am",
            "report_sent": "Sachbericht am",
        },
    ),
    "posts": Sheet(
        "Stellen",
        {
            "key": "Stelle",
            "vzae": "VZÄ",
            "carrier": "Träger",
            "grant": "Zuwendung",
            "from": "von",
            "to": "bis",
            "municipalities": "Gemeinden",
        },
        2,
    ),
    "staff": Sheet(
        "Personal",
        {
            "key": "Fachkraft",
            "carrier": "Träger",
            "qualification": "Qualifikation",
            "hired": "Beschäftigt ab",
            "training_begun": "Nachqualifizierung begonnen",
            "training_finished": "Nachqualifizierung abgeschlossen",
        },
    ),
    "names": Sheet("Namen", {"staff": "Fachkraft", "source": "Quelle", "name": "Name"}, 3),
    "holdings": Sheet(
        "Besetzung",
        {
            "staff": "Fachkraft",
            "from": "von",
            "to": "bis",
            "vzae": "VZÄ",
            "post": "Stelle",
            "grant": "Zuwendung",
            "staff_cost": "Personalkosten",
            "training_cost": "Fortbildungskosten",
        },
        2,
    ),
    "interruptions": Sheet(
        "Unterbrechungen",
        {"staff": "Fachkraft", "from": "von", "to": "bis", "reason": "Grund"},
        2,
    ),
    "extensions": Sheet(
        "Verlängerungen",
        {"source": "Quelle", "key": "Schlüssel", "until": "bis", "reason": "Begründung"},
        4,
    ),
}
DAYS = ("from", "to", "until", "hired")
NUMBERS = ("vzae", "amount", "staff_cost", "training_cost")


def is_day(field: str) -> bool:
    """Whether a field holds a day."""
    return field in DAYS or field.endswith(("_sent", "_begun", "_finished"))


@dataclass(frozen=True)
class Surroundings:
    """What the configuration knows: carriers, sources, municipalities by key."""

    carriers: Sequence[str]
    sources: Sequence[str]
    municipalities: Sequence[str]


# What an entry is known by: of one of them there is one only.
KEYS: Mapping[str, Sequence[str]] = {
    "grants": ("key",),
    "posts": ("key",),
    "staff": ("key",),
    "names": ("source", "name"),
    "holdings": ("staff", "post", "begin"),
    "interruptions": ("staff", "begin"),
    "extensions": ("source", "key", "until"),
}
# Part and field → what it names.
REFERENCES: Mapping[tuple[str, str], str] = {
    ("grants", "applicant"): "carriers",
    ("posts", "carrier"): "carriers",
    ("posts", "grant"): "grants",
    ("staff", "carrier"): "carriers",
    ("names", "staff"): "staff",
    ("names", "source"): "sources",
    ("holdings", "staff"): "staff",
    ("holdings", "post"): "posts",
    ("holdings", "grant"): "grants",
    ("interruptions", "staff"): "staff",
    ("extensions", "source"): "sources",
}


def find_mistakes(register: GrantRegister, known: Surroundings) -> Iterator[Mistake]:
    """Double keys, and references to what is not there."""
    for part, fields in KEYS.items():
        keys = [tuple(getattr(e, f) for f in fields) for e in getattr(register, part)]
        yield from _find_doubles(part, keys)
    there: dict[str, Sequence[str]] = {
        "carriers": known.carriers,
        "sources": known.sources,
        **{p: [e.key for e in getattr(register, p)] for p in ("grants", "posts", "staff")},
    }
    for (part, field), named in REFERENCES.items():
        yield from _find_unknown(register, part, field, there[named])
    for index, post in enumerate(register.posts):
        for ags in post.municipalities:
            if ags not in known.municipalities:
                hint = did_you_mean(ags, known.municipalities)
                yield "posts", index, "municipalities", f"unknown municipality '{ags}'", hint


def _find_doubles(part: str, keys: Sequence[object]) -> Iterator[Mistake]:
    # The key may name a person: it is not repeated in the message.
    seen: set[object] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield part, index, None, "is there twice", "leave one of the two out"
        seen.add(key)


def _find_unknown(
    register: GrantRegister, part: str, field: str, known: Sequence[str]
) -> Iterator[Mistake]:
    for index, entry in enumerate(getattr(register, part)):
        word = getattr(entry, field)
        if word and word not in known:
            yield part, index, field, f"unknown {field}", did_you_mean(word, known)
