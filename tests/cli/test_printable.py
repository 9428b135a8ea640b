"""Foreign text on the terminal: never markup, never a control sequence, in tables, sentences, progress and JSON."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cli.app import app
from pipelines.cli.errors import Red, guarded
from pipelines.cli.options import print_json, print_progress, print_table
from pipelines.failures import Failure
from pipelines.printable import PrintableStream, make_printable

HOSTILE = {
    "colour": "\x1b[31mrot\x1b[0m",
    "title of the window": "\x1b]0;x\x07",
    "link": "\x1b]8;;http://evil.example\x1b\\Klick\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "device string": "\x1bP1$r\x1b\\",
    "C1": "\x9b2J\x9d0;x\x9c",
    "delete and bell": "\x7f\x07\x08\x08",
    "return": "gut\rböse",
    "NUL": "a\x00b",
    "direction": "a\u202egpj.exe\u202c\u2066\u2069\u200f\u061c",
    "separators": "a\u2028b\u2029c\x85d",
    "tags": "a\U000e0041\ufeffb",
    "surrogate": "a\udc9bb",
    "markup": "[bold red]x[/bold red][/]",
    "broken markup": "[/]",
    "markup link": "[link=http://evil.example]x[/link]",
    "emoji name": ":smiley:",
}
EACH = pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
# Half-spaces are part of Persian names, soft hyphens of words.
INVISIBLE = {"\u200c", "\u200d", "\u00ad"}


def commands(text: str) -> set[str]:
    """The characters of a text that are no signs, besides the line break."""
    no_signs = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    return no_signs - {"\n"} - INVISIBLE


def printed(capsys: pytest.CaptureFixture[str], work: Callable[[], None]) -> tuple[str, str]:
    """What a command prints on standard output and on standard error."""
    with pytest.raises(SystemExit):
        guarded(work)
    found = capsys.readouterr()
    return found.out, found.err


@EACH
def test_no_cell_of_a_table_is_a_command(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        print_table(f"Titel {hostile}", [f"Spalte {hostile}", "n"], [[hostile, 1]], right=1)

    out, err = printed(capsys, work)
    assert commands(out) == set() and err == ""
    shown = make_printable(hostile)
    assert f"Titel {shown}" in out
    assert out.count(shown) == 3


@EACH
def test_a_cell_of_several_lines_makes_no_line(
    hostile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [[f"{hostile}\n│ enaio │ 0"], ["zwei"]]
    out, _ = printed(capsys, lambda: print_table("T", ["a"], rows))
    assert [line for line in out.splitlines() if "enaio" in line and "\\n" not in line] == []


def log_to_stderr(text: str) -> None:
    """Logs beside pytest, whose reports of several processes hold no half characters."""
    log = logging.Logger("any")
    log.addHandler(logging.StreamHandler(sys.stderr))
    log.error("%s", text)


@EACH
@pytest.mark.parametrize(
    "say",
    [
        lambda text: typer.echo(text),
        lambda text: typer.echo(text, err=True),
        lambda text: print_progress(text),
        lambda text: print(text, file=sys.stderr),
        lambda text: log_to_stderr(text),
    ],
    ids=["echo", "echo of errors", "progress", "print", "log"],
)
def test_no_message_holds_a_command(
    hostile: str, say: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = printed(capsys, lambda: say(hostile))
    assert commands(out + err) == set()


@EACH
@pytest.mark.parametrize("failure", [Red, Failure])
def test_no_sentence_of_a_failure_holds_a_command(
    hostile: str, failure: type[Failure], capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise failure(f"die Datei {hostile}\ndrehscheibe: alles in Ordnung")

    out, err = printed(capsys, work)
    assert commands(out + err) == set()
    assert len(err.splitlines()) == 1


@EACH
def test_no_argument_is_repeated_as_a_command(
    hostile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for call in (["read", f"-{hostile}"], [f"--{hostile}"], [hostile], ["read", hostile]):
        out, err = printed(capsys, lambda call=call: app(call))  # type: ignore[misc]
        assert commands(out + err) == set()
        assert err


@EACH
def test_json_says_the_same_and_holds_no_command(
    hostile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, _ = printed(capsys, lambda: print_json({hostile: [hostile]}))
    assert commands(out) == set()
    assert json.loads(out) == {hostile: [hostile]}


@EACH
def test_read_shows_cells_headers_and_names_as_text(
    hostile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = re.sub(r"[/\x00]", "", hostile).encode("utf-8", "surrogateescape")
    file = tmp_path / f"{name.decode('utf-8', 'surrogateescape')}.csv"
    cell = hostile.encode("utf-8", "replace").decode().replace("\r", " ")
    file.write_text(f"Name;{cell}\nAnna;{cell}\nBert;x\n", "utf-8")
    out, err = printed(capsys, lambda: app(["read", str(file)]))
    assert commands(out + err) == set()
    assert "Anna" in out or "drehscheibe:" in err


@given(st.text())
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    shown = make_printable(text)
    assert commands(shown) == set() and "\n" not in shown
    assert shown == text or not text.isprintable()
    assert make_printable(shown) == shown


@pytest.mark.parametrize(
    "name", ["Jürgen Müßig", "محمد علی\u200cپور", "Đặng Thị", "שרה", "李 明", "O’Neill-Łuk"]
)
def test_names_of_all_languages_are_shown(name: str) -> None:
    assert make_printable(name) == name


def test_a_terminal_of_few_signs_spells_the_others_out() -> None:
    raw = io.BytesIO()
    stream: Any = PrintableStream(io.TextIOWrapper(raw, "ascii"))
    stream.write("Müßig\x1b")
    stream.flush()
    assert raw.getvalue() == b"M\\xfc\\xdfig\\u001b"
    assert not hasattr(stream, "buffer")


def test_the_streams_are_given_back(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    printed(capsys, lambda: None)
    assert (sys.stdout, sys.stderr) == before
