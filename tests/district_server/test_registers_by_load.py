"""A change of the registers leaves every earlier answer as it was: commands on both engines, before, between and after loads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.district_server.districts import AGS, Accounts, Exports
from tests.district_server.test_db_commands import call
from warehouse.marts.scope import UNITS

FIRST = "2025-01-31"
WINDOW = ("--stichtag=2025-01-01", "--from=2015-01-01", "--to=2025-12-31")


def change(config: Path, *pairs: tuple[str, str]) -> None:
    """Edits the configuration as a person would."""
    text = config.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    config.write_text(text, encoding="utf-8")


class District:
    """A district's commands."""

    def __init__(self, config: Path, exports: Exports, capsys: pytest.CaptureFixture[str]) -> None:
        self.config, self.capsys = config, capsys
        self.period = [
            f"--from={exports.period[0]}",
            f"--to={exports.period[1]}",
            "-c",
            str(config),
        ]

    def run(self, *options: str) -> None:
        assert call(self.capsys, "run", "-c", str(self.config), *options)[0] == 0

    def figures(self, *as_of: str) -> dict[str, object]:
        units = [f"--by={unit}" for unit in UNITS]
        answer: dict[str, object] = json.loads(
            self.told("kennzahlen", *self.period, *units, "--json", *as_of)
        )
        return answer

    def everything(self, out: Path, load: object) -> tuple[object, ...]:
        """All that is answered as of a load; of the documents their bytes."""
        as_of = f"--as-of={load}"
        self.told("report", *self.period, as_of, f"--out={out}")
        funding = self.told("funding", "target-group", *WINDOW, "-c", str(self.config), as_of)
        made = {p.name: p.read_bytes() for p in sorted(out.iterdir())}
        return self.figures(as_of), funding, made

    def told(self, *command: str) -> str:
        status, out, errors = call(self.capsys, *command)
        assert status == 0, errors
        return out


@pytest.mark.thorough
# On DuckDB alone it takes a minute and a half to plan the same questions again and again.
@pytest.mark.parametrize("engine", [pytest.param("duckdb", marks=pytest.mark.slow), "postgresql"])
def test_an_earlier_answer_stays_when_the_registers_change(
    engine: str,
    accounts: Accounts,
    exports: dict[str, Exports],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    warehouse = None if engine == "duckdb" else accounts.url("kreis_a_loader")
    config = exports["a"].written(tmp_path, warehouse)
    district, moved, north, south = (
        District(config, exports["a"], capsys),
        f"{AGS['a']}002",
        "team: Nord",
        "team: Süd",
    )

    change(
        config,
        (
            f'"{moved}": {{name: Lerchenweiler, team: Nord',
            f'"{moved}": {{name: Irrweiler, team: Irrtum',
        ),
    )
    district.run("--until=2024-01-01")
    change(config, ("name: Irrweiler, team: Irrtum", "name: Lerchenweiler, team: Nord"))
    district.run(f"--until={FIRST}")
    today = district.figures()
    before = district.everything(tmp_path / "before", today["load"])
    assert before[0] == today and "Irrtum" not in json.dumps(before[0])

    change(
        config,
        (f"Lerchenweiler, {north}, also: [", f"Amselweiler, {south}, also: [Lerchenweiler, "),
        (f"Quellhöfen, {north}, also: [", f"Quellhöfen am See, {north}, also: [Quellhöfen, "),
        ("Landratsamt Beispielkreis}", "Kreis Beispiel}"),
        ("carrier: diakonie", "carrier: verband"),
    )
    district.run(f"--until={FIRST}")
    # The names decide which cells are read, so the same delivery is looked at anew.
    assert district.figures()["load"] != today["load"]
    assert district.figures() != today | {"load": district.figures()["load"]}

    district.run()
    assert district.everything(tmp_path / "after", today["load"]) == before

    text = config.read_text(encoding="utf-8")
    config.write_text(
        "".join(line for line in text.splitlines(True) if f'"{moved}"' not in line),
        encoding="utf-8",
    )
    district.run()
    assert district.everything(tmp_path / "removed", today["load"]) == before
    # Read anew without it, its name is a word that nobody knows.
    found = json.loads(district.told("findings", "-c", str(config), "--json"))
    assert any(one["rule"] == "unknown_code" for one in found["findings"])
    assert moved not in json.dumps(district.figures())
    assert "Amselweiler" not in district.told("funding", "target-group", *WINDOW, "-c", str(config))
    assert call(capsys, "db", "check", "-c", str(config))[:2] == (0, "all is well\n")
