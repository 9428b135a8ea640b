"""The attached JSON against its published schema, and the schema against the page that explains it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

import connectors.documents.jobcenter
from connectors.documents.jobcenter.form import TITLES, VERSION, FormRow, form_data
from tests.documents.simulated_documents import form, form_of_two_consents

SCHEMA = json.loads(
    Path(connectors.documents.jobcenter.__file__).with_name("form.schema.json").read_text("utf-8")
)


def check(data: Any) -> None:
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(data)


def test_the_schema_is_one_and_has_the_forms_version_and_groups() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"]["const"] == VERSION
    assert SCHEMA["$id"].endswith(f":{VERSION}")
    assert SCHEMA["$defs"]["group"]["enum"] == list(TITLES)


@pytest.mark.parametrize("groups", [[], ["stammdaten"], ["stammdaten", "sprache"]])
def test_forms_fit_the_schema(groups: list[str]) -> None:
    check(form_data(form(groups=groups)))
    check(form_data(form_of_two_consents()))


def test_a_list_without_entries_and_one_with_sources_fit() -> None:
    made = form(groups=["stammdaten", "sprache"])
    section = next(part for part in made.sections if part.group == "sprache")
    (entries,) = section.lists
    others = [part for part in made.sections if part is not section]
    for rows in ([], [FormRow(row.fields, "enaio") for row in entries.rows]):
        changed = replace(section, lists=[replace(entries, rows=rows)])
        check(form_data(replace(made, sections=[*others, changed])))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.pop("person"),
        lambda data: data.update(version=2),
        lambda data: data["person"].update(name=""),
        lambda data: data.update(more=1),
        lambda data: data["sections"][0]["fields"][0].update(state="not_kept"),
        lambda data: data["consents"][0].update(given_on="heute"),
        lambda data: data["sections"][0].update(group="gesundheit"),
    ],
    ids=["missing", "version", "nobody", "unknown", "state", "day", "group"],
)
def test_what_does_not_fit_is_found(spoil: Any) -> None:
    data: Any = json.loads(json.dumps(form_data(form())))
    spoil(data)
    with pytest.raises(ValidationError):
        check(data)
