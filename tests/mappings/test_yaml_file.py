"""YAML as data with the place of every key: what is merged, what stands twice, what is no YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.problems import YamlProblems
from mappings.yaml_file import read_yaml


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "merge",
    ["<<: *f", "<<: [*f, {x: 3, y: 4}]"],
)
def test_own_keys_go_before_merged_ones_and_keep_their_place(tmp_path: Path, merge: str) -> None:
    document = read_yaml(
        written(tmp_path / "m.yaml", f"first: &f {{x: 1, y: 2}}\nsecond:\n  x: no\n  {merge}\n")
    )
    assert document.data["second"] == {"x": "no", "y": 2}
    assert str(document.problem(("second", "x"), "wrong")) == "m.yaml:3: second.x: wrong"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "m.yaml:3: a: stands here a second time, first in line 1"),
        (
            "a: [1\nb: 2\n",
            "m.yaml:2: no valid YAML: expected ',' or ']', but got ':'; look at what begins in line 1",
        ),
        ("a: 1\n<<: 3\n", "m.yaml:1: what is merged by << must be keys with values"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(YamlProblems) as wrong:
        read_yaml(written(tmp_path / "m.yaml", text))
    assert str(wrong.value) == message
