"""The project speaks of itself alone: no place of one machine, no package index, nothing of how it came about."""

from __future__ import annotations

import re

import pytest

from tests.house.files import ROOT, project_files

# Each is put together from pieces, so that this file passes its own test.
FORBIDDEN = {
    "a path of one machine": "|".join(f"/{top}/" for top in ("work", "root", "tmp", "home")),
    "a package index": "|".join(
        re.escape(left + right)
        for left, right in (
            ("pypi", ".org"),
            ("files.python", "hosted"),
            ("registry.npm", "js"),
            ("proxy.golang", ".org"),
            ("conda.ana", "conda"),
            ("crates", ".io"),
        )
    ),
    "how it came about": "|".join(
        left + right
        for left, right in (
            (r"\bclau", r"de\b"),
            (r"\banthro", r"pic\b"),
            (r"\bchat", r"gpt\b"),
            (r"\bcopi", r"lot\b"),
            (r"\blanguage ", r"model"),
            (r"\bissue", r"s? #?\d"),
            (r"\bthis ses", r"sion\b"),
            (r"\bthe work", r"place\b"),
        )
    ),
}
PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in FORBIDDEN.items()}
# a web address may have such a word in its path
ADDRESS = re.compile(r"https?://[^\s)>\"']+")


def offences(text: str, name: str) -> list[int]:
    lines = text.splitlines()
    if name == "a path of one machine":
        lines = [ADDRESS.sub("", line) for line in lines]
    return [number for number, line in enumerate(lines, 1) if PATTERNS[name].search(line)]


@pytest.mark.parametrize("name", PATTERNS)
def test_no_file_holds(name: str) -> None:
    found = []
    for path in project_files():
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path}:{number}" for number in offences(text, name)]
    assert found == []


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("a path of one machine", "see /wo", "rk/main"),
        ("a package index", "https://py", "pi.org/simple"),
        ("how it came about", "done in iss", "ue #3"),
    ],
)
def test_the_search_finds_what_it_looks_for(name: str, left: str, right: str) -> None:
    assert offences(f"fine\n{left}{right}\n", name) == [2]
    assert offences(f"fine\n{left} {right}\n", name) == []
