"""What may hold a revocation nobody could read lets nothing out: a delivery that was not taken whole, a consent that came twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from examples.generate import simulate_district
from pipelines.cli.app import app
from pipelines.cli.errors import guarded
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from pipelines.transfer.decision import decide_transfer
from warehouse.gates.question import STALE

PERSON = (
    "Personennummer",
    "Nachname",
    "Vorname",
    "Geburtsdatum",
    "Geschlecht",
    "Staatsangehoerigkeit",
    "Familienstand",
)
PERSON += (
    "Aufenthaltsstatus",
    "Einreisedatum",
    "Zuweisung_AU",
    "Unterbringung",
    "Gemeinde",
    "Betreuung_von",
    "Betreuung_bis",
)
PERSON += ("Integrationsmanager", "Team")
TALK = (
    "Beratungsnummer",
    "Datum",
    "Dauer_Minuten",
    "Gespraechsart",
    "Einzel_Familie",
    "Themen",
    "Weiterleitung",
    "Kontaktweg",
)
TALK += ("Integrationsmanager", "Personennummern")
CONSENT = (
    "Einwilligungsnummer",
    "Personennummer",
    "Empfaenger",
    "Zweck",
    "Datengruppen",
    "Erteilt_am",
    "Gueltig_bis",
    "Widerrufen_am",
)
CONSENT += ("Schweigepflichtentbindung",)
EMPTY = {
    "Person": PERSON,
    "Beratung": TALK,
    "Integrationsplan": ("Plannummer", "Personennummern", "Abschlussdatum", "Status"),
    "Ziel": ("Zielnummer", "Plannummer", "Bereich", "Ziel", "Frist", "Status", "Erreicht_am"),
    "Einwilligung": CONSENT,
}
CONFIG = """\
district: {ags: "08999", name: Musterkreis}
municipalities: {"08999001": {name: Musterstadt}}
sources:
  enaio: {mapping: enaio_export, folder: exports}
recipients:
  jobcenter: {name: Jobcenter Musterkreis, kind: jobcenter}
"""
ON = date(2025, 8, 1)


def write(folder: Path, file: str, rows: list[list[str]], kind: str | None = None) -> None:
    kind = kind or file
    columns = "".join(f'<Column name="{c}"/>' for c in EMPTY[kind])
    body = "".join(
        f"<Row id='{n}'>{''.join(f'<Value>{v}</Value>' for v in row)}</Row>"
        for n, row in enumerate(rows, 1)
    )
    text = f"<DMSContent><Archive><ObjectType name='{kind}'><Rowset><Columns>{columns}</Columns><Rows>{body}</Rows></Rowset></ObjectType>"
    (folder / f"{file}.xml").write_text(
        f'<?xml version="1.0" encoding="UTF8" ?>\n{text}</Archive></DMSContent>', "utf-8"
    )


def consent(key: str, person: str, revoked: str = "") -> list[str]:
    return [
        key,
        person,
        "Jobcenter Musterkreis",
        "Arbeitsvermittlung",
        "Stammdaten",
        "01.01.2025",
        "",
        revoked,
        "Ja",
    ]


def decided(
    folder: Path, consents: dict[str, list[list[str]]]
) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    """Who is released and who refused, when the consents come in these files."""
    delivery = folder / "exports" / "2025-07-31"
    delivery.mkdir(parents=True)
    (folder / "drehscheibe.yaml").write_text(CONFIG, "utf-8")
    people = [
        [key, name, "Amal", "02.03.1990", "w", *[""] * 7, "01.01.2024", "", "Muster, Anna", ""]
        for key, name in (("1", "Haddad"), ("2", "Demir"))
    ]
    for kind in EMPTY:
        write(delivery, kind, people if kind == "Person" else [])
    for file, rows in consents.items():
        write(delivery, file, rows, "Einwilligung")
    with Hub(load_config(folder / "drehscheibe.yaml")) as hub:
        assert [r.state for r in run_intake(hub)] == ["loaded"]
        found = decide_transfer(hub, "jobcenter", ON)
    return {key for _, key in found.released}, {
        key: reasons for (_, key), reasons in found.refused.items()
    }


TWICE = {
    "in one file": {
        "Einwilligung": [consent("E1", "1"), consent("E1", "1", "01.03.2025"), consent("E2", "2")]
    },
    "in two files": {
        "Einwilligung": [consent("E1", "1"), consent("E2", "2")],
        "Einwilligung2": [consent("E1", "1", "01.03.2025"), consent("E3", "2")],
    },
}


@pytest.mark.parametrize("case", TWICE)
def test_a_consent_that_came_twice_with_different_content_lets_nothing_out(
    case: str, tmp_path: Path
) -> None:
    released, refused = decided(tmp_path, TWICE[case])
    assert (released, refused) == ({"2"}, {"1": ("revocation_unreadable",)})


def test_the_same_consent_word_for_word_twice_is_one(tmp_path: Path) -> None:
    released, refused = decided(
        tmp_path, {"Einwilligung": [consent("E1", "1"), consent("E1", "1")]}
    )
    assert (released, refused) == ({"1"}, {})


@pytest.mark.thorough
def test_nothing_of_a_source_goes_out_whose_newest_delivery_is_held(tmp_path: Path) -> None:
    made = simulate_district(tmp_path, persons=200)
    strict = made.config.read_text("utf-8").replace(
        "carrier: landratsamt, delivers: full}", "carrier: landratsamt, max_changed_share: 0}"
    )
    with Hub(load_config(made.config)) as hub:
        run_intake(hub, until=date(2025, 1, 31))
        before = decide_transfer(hub, "jobcenter", date(2025, 2, 1))
    made.config.write_text(strict, "utf-8")
    with Hub(load_config(made.config)) as hub:
        assert {r.source for r in run_intake(hub) if r.state == "held"} >= {"enaio"}
        after = decide_transfer(hub, "jobcenter", made.transfer_on)
    held = {record for record in before.released if record[0] == "enaio"}
    assert held and not held & after.released.keys()
    assert any(after.refused[record] == (STALE,) for record in held)
    assert "enaio" in after.stale


def test_forms_are_never_made_of_what_was_known_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        guarded(
            lambda: app(
                [
                    "transfer",
                    "jobcenter",
                    "--on",
                    "2025-08-01",
                    "--as-of",
                    "1",
                    "--out",
                    str(tmp_path / "aus"),
                ]
            )
        )
    assert ended.value.code == 2 and "--dry-run" in capsys.readouterr().err
    assert not (tmp_path / "aus").exists()
