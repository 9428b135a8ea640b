"""A model that was trained and that a newer version of the hub cannot use is told of until one is trained again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Connection, delete, insert

from pipelines.intake.delivery_status import answer_status
from pipelines.intake.district_model import describe_dropped
from pipelines.intake.identity_terms import identity_terms
from pipelines.operations.doctor import examine_hub
from tests.consents.office import LAST, Office, person
from warehouse.identity.known_names import KnownNames
from warehouse.identity.person_columns import make_columns
from warehouse.identity.weights import RECIPE, train_model
from warehouse.schema import identity_model


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("models"))
    office.deliver("alpha", LAST, [person("1")], [])
    office.run()
    return office


def keep_model(connection: Connection, number: int, recipe: int, records: int) -> None:
    nobody = make_columns((), identity_terms(), {}, {})
    model = replace(train_model(nobody, KnownNames.of((), ())), records=records)
    row = {"number": number, "version": f"v{number}", "records": records, "trained_load": number}
    row |= {"trained_by": "M.", "trained_at": datetime(2025, 1, 1)}
    content = replace(model, recipe=recipe).to_json()
    connection.execute(insert(identity_model).values(content=content, **row))


# Recipe and records of each model in order; from which load the one is that counts no more.
@pytest.mark.parametrize(
    ("models", "dropped"),
    [
        ([], None),
        ([(RECIPE, 0)], None),
        ([(RECIPE, 800)], None),
        ([(RECIPE - 1, 0), (RECIPE, 0)], None),
        ([(RECIPE - 1, 800)], 1),
        ([(RECIPE - 1, 800), (RECIPE, 0)], 1),
        ([(RECIPE - 1, 800), (RECIPE, 0), (RECIPE, 900)], None),
        ([(RECIPE, 800), (RECIPE - 1, 900)], 2),
    ],
)
def test_a_trained_model_is_not_dropped_without_a_word(
    office: Office, models: list[tuple[int, int]], dropped: int | None
) -> None:
    with office.open() as hub:
        with hub.store.transaction() as connection:
            connection.execute(delete(identity_model))
            for number, (recipe, records) in enumerate(models, start=1):
                keep_model(connection, number, recipe, records)
        said = describe_dropped(hub)
        assert answer_status(hub).model == said
        told = [one.message for one in examine_hub(hub) if one.name == "model of persons"]
    assert told == ([said] if dropped else [])
    assert ("" if dropped is None else f"trained at load {dropped} ") in said
    assert bool(said) is (dropped is not None)
