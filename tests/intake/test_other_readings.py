"""A held delivery says what to look at: the export, or that it is read in another way since."""

from __future__ import annotations

from pathlib import Path

from pipelines.intake.run import run_intake
from tests.intake.test_what_is_not_here import HEADER, MAPPING, Source, clients

SAME_EXPORT = "Der Export ist derselbe wie beim letzten Laden"
REMAPPED = "Es kann an der Zuordnung liegen"
NEW_EXPORT = "ob der Export vollständig ist"


def _give_other_keys(folder: Path) -> None:
    """A corrected mapping by which all records have other keys."""
    text = MAPPING.replace("key: Nr\n", "key: Nachname\n")
    (folder / "probe.yaml").write_text(text, encoding="utf-8")


def _find_said(message: str) -> list[str]:
    return [said for said in (SAME_EXPORT, REMAPPED, NEW_EXPORT) if said in message]


def test_the_same_export_read_by_another_mapping(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.deliver(Klienten=[HEADER, *clients(30)])
    _give_other_keys(tmp_path)
    with source.open() as hub:
        result = run_intake(hub)[-1]
    assert result.state == "held"
    assert _find_said(result.message) == [SAME_EXPORT]
    assert "drehscheibe accept" in result.message


def test_a_new_export_read_by_another_mapping(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.deliver(Klienten=[HEADER, *clients(30)])
    _give_other_keys(tmp_path)
    result = source.deliver(Klienten=[HEADER, *clients(31)])
    assert result.state == "held"
    assert _find_said(result.message) == [REMAPPED, NEW_EXPORT]


def test_a_new_export_read_by_the_same_mapping(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.deliver(Klienten=[HEADER, *clients(30)])
    result = source.deliver(Klienten=[HEADER, *clients(3)])
    assert result.state == "held"
    assert _find_said(result.message) == [NEW_EXPORT]
