"""The model of a district: sane however small it is, the same when read again, and without a name."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from benchmarks.hard_columns import read_known_names
from tests.identity.districts import link_district, read_lines
from warehouse.identity.weights import AGREEMENT, CHANCE, Model, train_model


@pytest.mark.parametrize("size", [0, 1, 2, 5, 50, 500])
def test_a_tiny_district(size: int) -> None:
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        linked = link_district(1, size)
    assert np.isfinite(linked.judged.weight).all()
    assert -25 < linked.model.prior < -3
    assert all(0 < u <= 1 for shares in linked.model.chance.values() for u in shares)


def test_two_records_alone_are_judged_as_in_a_district() -> None:
    line = "Olena, Kowalenko, 1988-05-17, w, UKR, 2022-04-02, "
    model = train_model(read_lines([f"a 1, {line}", f"b 1, {line}"]), read_known_names())
    usual = link_district(1, 500).model
    for name, shares in model.chance.items():
        assert shares == pytest.approx(CHANCE[name], rel=0.02, abs=0.01)
        assert shares == pytest.approx(usual.chance[name], abs=0.15)


def test_the_shipped_shares_are_shares() -> None:
    assert {name: pytest.approx(1, abs=0.02) for name in AGREEMENT} == {
        name: sum(shares[1:]) for name, shares in AGREEMENT.items()
    }
    assert {name: pytest.approx(1, abs=0.001) for name in CHANCE} == {
        name: sum(shares[1:]) for name, shares in CHANCE.items()
    }
    assert [len(shares) for shares in AGREEMENT.values()] == [len(s) for s in CHANCE.values()]


def test_a_model_read_again_is_the_same() -> None:
    model = link_district(1, 500).model
    again = Model.from_json(model.to_json())
    assert again == model
    assert (again.version, again.to_json()) == (model.version, model.to_json())
    other = json.dumps({**json.loads(model.to_json()), "recipe": 0})
    with pytest.raises(ValueError, match="recipe"):
        Model.from_json(other)


def test_a_model_holds_no_name() -> None:
    linked = link_district(1, 500)
    text = linked.model.to_json().casefold()
    names = {word for word in linked.persons.words if len(word) > 5}
    assert len(names) > 100
    assert [word for word in names if f'"{word}"' in text] == []


def test_rare_names_weigh_more_among_their_nationality() -> None:
    model = link_district(3, 600).model
    words = link_district(3, 600).persons.words
    common = max(words, key=lambda word: model.given.share.get(_class(word), 0))
    assert model.given.find_rarity(common, "") < model.given.find_rarity("zzyzxq", "")
    assert model.given.find_rarity("oleksandr", "UKR") < model.given.find_rarity("oleksandr", "SYR")


def _class(word: str) -> str:
    from warehouse.identity.name_frequencies import class_of

    return class_of(word)
