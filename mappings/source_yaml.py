"""The form of a source's YAML: its tables, the entities they feed, the records they end."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from mappings.day_limits import DayLimits

As = Literal["text", "key", "date", "code", "number", "minutes", "hours", "flag", "unreadable"]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class _Part(BaseModel, extra="forbid", populate_by_name=True):
    """A part of the YAML, in which no other keys are allowed."""


class DialectPart(_Part):
    """How the source writes its text files; see connectors.tables.text_table.Dialect."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = '"'
    escape: str | None = None
    header_row: int | None = Field(None, ge=0)
    header_rows: int | None = Field(None, ge=1)
    columns: list[str] = []
    fixed: list[str] = []
    description: str | None = None
    footers: list[str] | None = None


class FieldPart(_Part):
    """Where a field of an entity comes from, and how its cell is read.

    A plain word in the YAML means ``column``. ``sheet``: the value is the name of the sheet.
    ``within``: the columns that stand before this one in
    the key of several columns that the field names.
    """

    column: str | None = None
    within: list[str] = []
    preamble: str | None = None
    sheet: bool = False
    constant: str | bool | int | None = None
    as_: As | None = Field(None, alias="as")
    codes: str | None = None
    kind: str | None = None
    values: dict[str, str | bool] = {}
    empty: str | bool | None = None
    required: bool = False
    serial: bool | None = None
    past: bool = False
    only_if: dict[str, list[str]] = {}

    _within = field_validator("within", mode="before")(_as_list)

    @model_validator(mode="before")
    @classmethod
    def _accept_short_form(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_origin(self) -> FieldPart:
        origins = (self.column, self.preamble, self.constant, self.sheet or None)
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError(
                "says where it comes from by exactly one of column, preamble, sheet, constant"
            )
        return self


class EachPart(_Part):
    """Several values of one row, each of which becomes a row of the entity.

    They are one cell cut by ``split``, the cells of several columns in ``column``, or ``columns``
    ticked with yes (column → code). ``as: key``: they are keys of persons, whose spelling does not
    matter. ``within``: the columns that stand before this one in the key of several columns that
    each value names.
    """

    column: list[str] = []
    within: list[str] = []
    columns: dict[str, str] = {}
    split: list[str] = []
    values: dict[str, str] = {}
    pattern: str | None = None
    as_: Literal["key"] | None = Field(None, alias="as")

    _lists = field_validator("split", "within", "column", mode="before")(_as_list)

    @model_validator(mode="before")
    @classmethod
    def _accept_short_form(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str | list) else value

    @model_validator(mode="after")
    def _one_origin(self) -> EachPart:
        if bool(self.column) == bool(self.columns):
            raise ValueError("says where its values stand by exactly one of column, columns")
        return self

    @property
    def first_column(self) -> str | None:
        """The column with the values; of several the first."""
        return next(iter(self.column), None)

    @property
    def read_columns(self) -> list[str]:
        """All columns in which the values stand."""
        return [*self.column, *self.columns]


class EntityPart(_Part):
    """One entity fed by a table; without ``key`` it has the table's key.

    ``several_rows``: a record may be in several rows, of which the first counts. ``without``: the
    fields that the consent gate needs and the source does not have, each with the reason.
    """

    key: list[str] = []
    when: list[str] = []
    several_rows: bool = False
    each: EachPart | None = None
    fields: dict[str, FieldPart] = {}
    without: dict[str, str] = {}

    _lists = field_validator("key", "when", mode="before")(_as_list)


class TablePart(_Part):
    """One table of a delivery.

    ``table``: the sheet or object type, or the names and patterns of several sheets that are read as
    one table. ``also`` lists other spellings of a column's header, ``ignore`` the columns left out on purpose.
    A table either ``feeds`` entities, or its rows only name records by their keys: those that it
    ``ends`` in a delivery of changes, or ``keeps`` although another table ends them. ``as: key``:
    wherever its rows name a person, the spelling of the key does not matter. ``exports``: patterns
    of file names; the files of one pattern are one export, however many and however named.
    """

    files: list[str]
    tables: list[str] = Field([], alias="table")
    optional: bool = False
    key: list[str]
    also: dict[str, list[str]] = {}
    ignore: list[str] = []
    exports: list[str] = []
    optional_columns: list[str] = []
    feeds: dict[str, EntityPart] = {}
    ends: list[str] = []
    keeps: list[str] = []
    as_: Literal["key"] | None = Field(None, alias="as")

    _lists = field_validator("files", "tables", "exports", "key", "ends", "keeps", mode="before")(
        _as_list
    )

    @model_validator(mode="after")
    def _one_use(self) -> TablePart:
        if sum(bool(x) for x in (self.feeds, self.ends, self.keeps)) != 1:
            raise ValueError("says what its rows are for by exactly one of feeds, ends, keeps")
        return self

    @property
    def table(self) -> str | None:
        """The sheet or object type, of several the first; None: the file holds just one table."""
        return next(iter(self.tables), None)


class SourceFile(_Part):
    """A source's whole YAML.

    ``ignore``: patterns for names of files, sheets and object types that are left out on purpose,
    although they sound like consents or have the header of a table. ``days``: limits of days of its
    own, by field ("case.ended_on").
    """

    extends: str | None = None
    system: str
    about: str = ""
    dialect: DialectPart = DialectPart()
    serial_dates: bool = False
    ignore: list[str] = []
    days: dict[str, DayLimits] = {}
    tables: dict[str, TablePart]
