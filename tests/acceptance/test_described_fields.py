"""Fixed fields that a file beside the data describes: the description is no unknown file, and a new one reads the same bytes anew."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from sqlalchemy import select

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from warehouse.loading.findings import list_findings
from warehouse.schema import person

MAPPING = """\
system: Altverfahren
dialect: {description: "*.dsc"}
tables:
  Person: {files: "*.txt", key: Nr, feeds: {person: {fields: {first_name: Vorname, last_name: Name}}}}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities: {"08999001": {name: Musterstadt}}
sources: {alt: {mapping: alt.yaml, folder: exports}}
"""


def deliver(folder: Path, day: date, *fields: str) -> None:
    place = folder / "exports" / day.isoformat()
    place.mkdir(parents=True)
    (place / "person.txt").write_bytes(b"000017Leyla     Beispiel  \n")
    described = "".join(f"FELD{number:02}={field}\r\n" for number, field in enumerate(fields))
    (place / "person.dsc").write_bytes(f"[ASIMPEXP]\r\n{described}".encode())
    for path in place.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))


def test_a_new_description_reads_the_same_bytes_anew(tmp_path: Path) -> None:
    (tmp_path / "alt.yaml").write_text(MAPPING, "utf-8")
    (tmp_path / "drehscheibe.yaml").write_text(CONFIGURATION, "utf-8")
    deliver(tmp_path, date(2025, 1, 31), "Nr N(6,0)", "Vorname C(10)", "Name C(10)")
    deliver(tmp_path, date(2025, 2, 28), "Nr N(6,0)", "Name C(10)", "Vorname C(10)")
    with Hub(load_config(tmp_path / "drehscheibe.yaml")) as hub:
        assert [t.state for t in run_intake(hub)] == ["loaded", "loaded"]
        with hub.store.read() as connection:
            names = connection.execute(
                select(person.c.first_name, person.c.known_to).order_by(person.c.known_from)
            ).all()
            # The names change places, as they would for another human being.
            assert [f.rule for f in list_findings(connection)] == ["key_perhaps_reused"]
    assert [tuple(row) for row in names] == [("Leyla", 2), ("Beispiel", None)]
