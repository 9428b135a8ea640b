"""YAML as data with the place of every key: what is merged, what stands twice, what is no YAML."""

from __future__ import annotations

import os
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


def nested_aliases(word: str, merge: str) -> str:
    """A billion words in twelve lines."""
    lines = [f"a0: &a0 {word}"]
    lines += [f"a{n}: &a{n} {merge.format(', '.join([f'*a{n - 1}'] * 9))}" for n in range(1, 12)]
    return "\n".join(lines)


BOMBS = {
    "aliases": (nested_aliases("[x, y]", "[{}]"), "stands for more than 100000 values"),
    "merges": (nested_aliases("{x: y}", "{{<<: [{}], k: v}}"), "more than 100000 values"),
    "deep-lists": ("[" * 50_000, "more than 50 levels"),
    "deep-keys": ("{a: " * 50_000, "more than 50 levels"),
    "deep-lines": ("".join(" " * n + "a:\n" for n in range(900)), "more than 50 levels"),
    "just-too-deep": ("[" * 60 + "]" * 60, "more than 50 levels"),
    "itself": ("a: &a [*a]", "an anchor that contains itself"),
    "size": ("# x\n" * 200_000, "more than 524288 bytes"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    text, says = BOMBS[kind]
    with pytest.raises(YamlProblems) as caught:
        read_yaml(written(tmp_path / "bombe.yaml", text))
    assert str(caught.value).startswith("bombe.yaml") and says in str(caught.value)


def test_a_pipe_and_a_device_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    for name in ("pipe.yaml", "zero.yaml"):
        with pytest.raises(YamlProblems, match=rf"{name}.*no ordinary file"):
            read_yaml(tmp_path / name)
