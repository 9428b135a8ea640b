"""A note at the row of who is erased goes with it in every format; what is said of others stays."""

from __future__ import annotations

from pathlib import Path

from connectors.readers.spreadsheet.row_remarks import STRUCK
from pipelines.hub import Hub
from pipelines.intake.delivery_tables import USUAL
from pipelines.intake.wanted_tables import WantedTables
from pipelines.rights.erase import erase_person
from pipelines.rights.landed_rows import read_tables
from tests.connectors.marked_rows import WRITERS
from tests.rights.planted import CLIENTS, COLUMNS, LAST_NAME, SECOND, PlantedDistrict
from tests.rights.traces import find_traces
from warehouse.landing.landing import Manifest

NOTE = "zieht zu Onkel Wuxinka um"


def read_remarks(hub: Hub) -> dict[str, dict[int, list[str]]]:
    """What is said of the rows of each source as it is landed."""
    found: dict[str, dict[int, list[str]]] = {}
    for manifest in hub.landing.list_manifests():
        assert isinstance(manifest, Manifest)
        wanted = WantedTables(hub.read_mapping(manifest.source))
        with hub.landing.open_files(manifest) as files:
            for name, path in files:
                for table in read_tables(path, name, wanted.find_in_file(name), USUAL):
                    list(table.batches)
                    said = {row: list(texts) for row, texts in table.remarks.items()}
                    found[manifest.source] = said
    return found


def test_notes_of_who_is_erased(tmp_path: Path) -> None:
    district = PlantedDistrict(tmp_path, kinds=tuple(WRITERS))
    lines = [COLUMNS, *([row[column] for column in COLUMNS] for row in CLIENTS)]
    own = next(at for at, line in enumerate(lines) if LAST_NAME in line)
    noted, struck = (at for at in range(1, len(lines)) if at != own)
    notes = {(own, 1): NOTE, (noted, 1): "Einwilligung widerrufen"}
    for form, write in WRITERS.items():
        folder = tmp_path / "exports" / form / SECOND.isoformat()
        folder.mkdir()
        write(folder / f"Klienten.{form}", "Klienten", lines, notes, [(struck, 0), (struck, 1)])
    assert set(district.run()) == {"loaded"}
    assert len(find_traces(tmp_path / "data")) > 0
    with district.open() as hub:
        assert erase_person(hub, "ods:P-100001", "Antrag").files_rewritten == len(WRITERS)
    assert find_traces(tmp_path / "data") == []
    with district.open() as hub:
        said = {noted + 1: ["Einwilligung widerrufen"], struck + 1: [STRUCK]}
        assert read_remarks(hub) == dict.fromkeys(WRITERS, said)
