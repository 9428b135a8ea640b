"""The commands funding evidence and funding total-evidence: proof of the use of grants."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import AsOf, ConfigFile, Json, open_hub, print_json, print_table

Grants = Annotated[
    list[str] | None,
    typer.Option("--grant", help="Only this grant, by its key; may be given several times."),
]
Out = Annotated[Path, typer.Option("--out", help="The folder that gets one folder per grant.")]
TotalOut = Annotated[
    Path | None, typer.Option("--out", help="Write the XLSX workbook to this file or folder.")
]
Year = Annotated[int, typer.Option("--year", help="The year, 2025 or later.")]


def evidence(
    grant: Grants = None,
    out: Out = Path("verwendungsnachweise"),
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write the Verwendungsnachweise: a folder per grant, in it a workbook per Integrationsmanager/in
    with the sheet "Auswertung Zeitraum" for exactly that person and time.

    Says what is missing and until when all is due. A folder made before is replaced.
    Example: drehscheibe funding evidence --grant im-2024 --out nachweise/
    """
    from pipelines.funding.evidence_files import write_evidence

    with open_hub(config) as hub:
        written = write_evidence(hub, out, hub.known_at(as_of), grant or [])
    if json:
        print_json({"grants": written})
        return
    for one in written:
        due = f"{one.due_on:%d.%m.%Y}" if one.due_on else "offen"
        typer.echo(f"Zuwendung {one.grant}: {len(one.files)} Dateien in {one.folder}; Frist {due}")
        for text in one.missing:
            typer.echo(f"  fehlt: {text}")


def total_evidence(
    year: Year,
    out: TotalOut = None,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Make the Gesamtverwendungsnachweis of a year from the grants of all carriers, and say what is
    missing from whom.

    Example: drehscheibe funding total-evidence --year 2025 --out gesamt-2025.xlsx
    """
    from pipelines.funding.evidence_files import write_total

    with open_hub(config) as hub:
        found = write_total(hub, year, hub.known_at(as_of), as_of, out)
    if json:
        print_json(found)
        return
    columns = ["Zuwendung", "Antragsteller", "Nachweis", "Personen", "Bewilligt", "Kosten", "fehlt"]
    rows = [
        [
            g["grant"],
            g["applicant"],
            f"{g['evidence_sent']:%d.%m.%Y}" if g["evidence_sent"] else "–",
            g["persons"],
            g["amount"],
            g["spent"],
            len(g["missing"]),
        ]
        for g in found.grants
    ]
    print_table(f"Gesamtverwendungsnachweis {year}", columns, rows, right=4)
    for text in found.missing:
        typer.echo(f"fehlt: {text}")
    if found.file:
        typer.echo(f"geschrieben: {found.file}")
