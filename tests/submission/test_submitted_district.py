"""One submission through the life of a district: the tests of this file follow one another on one warehouse."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from unittest.mock import patch

import bagit
import openpyxl
import pypdf
import pytest
from rocrate.rocrate import ROCrate

from connectors.documents.figure_data import name_figure
from connectors.documents.package.bag import PAYLOAD, read_folder
from mappings import code_lists
from pipelines.figures.figure_rules import FigureRules
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.figures.revised_figures import tell_changes
from pipelines.intake.identity_decisions import decide_pair
from pipelines.intake.replay import reread_source, undo_load
from pipelines.intake.run import run_intake
from pipelines.submission.change_steps import Cause
from pipelines.submission.correction import Correction, correct_submission
from pipelines.submission.replayed_package import replay_submission, verify_submission
from pipelines.submission.submissions import (
    advance_submission,
    list_submissions,
    prepare_correction,
    prepare_kennzahlen,
)
from tests.submission.conftest import YEAR, Submitted
from warehouse.identity.decisions import Verdict
from warehouse.identity.person_links import list_links
from warehouse.ledger.effective_loads import list_effective
from warehouse.ledger.submissions import State

pytestmark = pytest.mark.thorough


def assert_made_again(submitted: Submitted) -> None:
    replayed = replay_submission(submitted.hub, submitted.first.id)
    assert (replayed.differences, replayed.equal) == ([], True)


def correction_of(submitted: Submitted) -> Correction:
    """The correction, whose causes add up to every change."""
    found = correct_submission(submitted.hub, submitted.first.id)
    for figure in found.changed:
        added, removed = (sum(getattr(c, n) for c in figure.causes) for n in ("added", "removed"))
        assert figure.then + added - removed == figure.now != figure.then
    return found


def causes(correction: Correction) -> set[Cause]:
    return {cause.cause for figure in correction.changed for cause in figure.causes}


def test_the_package_is_a_bag_a_crate_and_a_statement_of_the_figures(submitted: Submitted) -> None:
    folder = submitted.first.folder
    assert bagit.Bag(folder).validate()
    crate = ROCrate(f"{folder}/{PAYLOAD}")
    files = {
        n.removeprefix(f"{PAYLOAD}/"): c
        for n, c in read_folder_of(submitted).items()
        if n.startswith(PAYLOAD)
    }
    named = {entity.id for entity in crate.data_entities}
    assert named == files.keys() - {"ro-crate-metadata.json"}
    statement = json.loads(files["statement.intoto.json"])
    assert {s["name"] for s in statement["subject"]} == named - {"statement.intoto.json"}
    made_of = {d["name"] for d in statement["predicate"]["buildDefinition"]["resolvedDependencies"]}
    assert {
        "delivery/tau/3",
        "configuration/catalogue/vwv-im-2020",
        "register/municipality",
        "identity/persons",
    } <= made_of
    asked = FigureRequest(
        *YEAR, submitted.first.load, FigureRules.from_json(files["rules.json"].decode())
    )
    answer = compute_kennzahlen(submitted.hub, asked)
    assert json.loads(files["figures.json"])["figures"] == [vars(f) for f in answer.figures]
    rows = files["figures.csv"].decode().splitlines()
    assert len(rows) - 1 >= len(answer.figures)


def read_folder_of(submitted: Submitted) -> dict[str, bytes]:
    return read_folder(submitted.hub.config.data_folder.submission(submitted.first.id))


def test_nobody_is_named_in_it_but_the_staff(submitted: Submitted) -> None:
    with submitted.hub.store.read() as connection:
        keys = {link.b.partition(":")[2] for link in list_links(connection)}
    content = b"".join(
        c for n, c in read_folder_of(submitted).items() if n.endswith((".json", ".csv"))
    )
    # A short key is a part of many a hash.
    whole = (rf"(?<!\w){re.escape(key)}(?!\w)" for key in keys if len(key) > 4)
    assert not [key for key in whole if re.search(key.encode(), content)]


def test_the_same_prepared_again_is_the_same(submitted: Submitted) -> None:
    again = prepare_kennzahlen(submitted.hub, *YEAR)
    assert (again.id, again.is_new, len(list_submissions(submitted.hub))) == (
        submitted.first.id,
        False,
        1,
    )


def test_it_is_whole_and_made_again(submitted: Submitted) -> None:
    assert verify_submission(submitted.hub, submitted.first.id).is_whole
    assert_made_again(submitted)
    assert not correction_of(submitted).changed


def test_a_damage_is_named(submitted: Submitted) -> None:
    path = submitted.hub.config.data_folder.submission(submitted.first.id) / PAYLOAD / "figures.csv"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"conversations", b"conversationz", 1))
    verified = verify_submission(submitted.hub, submitted.first.id)
    assert not verified.is_whole and "figures.csv" in " ".join(verified.damages)
    (found,) = replay_submission(submitted.hub, submitted.first.id).differences
    assert (found.file, found.where) == ("data/figures.csv", ["1 lines, the first is line 2"])
    path.write_bytes(before)


def test_later_deliveries_change_the_figures_and_not_the_submission(submitted: Submitted) -> None:
    run_intake(submitted.hub)
    assert_made_again(submitted)
    correction = correction_of(submitted)
    assert {Cause.DELIVERED, Cause.CORRECTED, Cause.GONE} <= causes(correction)
    asked = FigureRequest(*YEAR)
    now = {
        (f.indicator, f.category): f.value for f in compute_kennzahlen(submitted.hub, asked).figures
    }
    of_district = [f for f in correction.changed if not f.unit]
    assert of_district and all(now.get((f.indicator, f.category), 0) == f.now for f in of_district)


def test_persons_decided_to_be_others(submitted: Submitted) -> None:
    with submitted.hub.store.read() as connection:
        link = next(link for link in list_links(connection) if link.a != link.b)
    decided = decide_pair(submitted.hub, link.a, link.b, Verdict.DIFFERENT, "geprüft")
    assert_made_again(submitted)
    figures = correction_of(submitted).changed
    loads = {n for f in figures for c in f.causes if c.cause is Cause.PERSONS for n in c.loads}
    assert decided.load in loads


@pytest.mark.parametrize(
    "change",
    [
        ("name: Feldlingen,", "name: Feldlingen am Berg, also: [Feldlingen],"),
        ("name: Musterkreis}", "name: Musterkreis am See}"),
        ("name: Stadt Musterstadt}", "name: Stadtverwaltung}"),
    ],
    ids=["municipality", "district", "carrier"],
)
def test_another_configuration(submitted: Submitted, change: tuple[str, str]) -> None:
    submitted.reopen(change)
    run_intake(submitted.hub)
    assert_made_again(submitted)


def test_another_label_of_a_code_list(submitted: Submitted) -> None:
    usual = code_lists.load_code_list

    def renamed(name: str):
        from dataclasses import replace

        found = usual(name)
        return replace(
            found, labels={code: f"{label} (neu)" for code, label in found.labels.items()}
        )

    with patch.object(code_lists, "load_code_list", renamed):
        assert_made_again(submitted)
        figures = compute_kennzahlen(submitted.hub, FigureRequest(*YEAR)).figures
        assert any((f.label or "").endswith("(neu)") for f in figures)


def test_a_load_taken_back_and_a_source_read_anew(submitted: Submitted) -> None:
    with submitted.hub.store.read() as connection:
        newest = list_effective(connection)[-1].number
    undo_load(submitted.hub, newest, "falsche Datei")
    assert_made_again(submitted)
    assert Cause.UNDONE in causes(correction_of(submitted))
    reread_source(submitted.hub, "tau")
    assert_made_again(submitted)
    correction_of(submitted)


def test_the_correction_is_a_submission_that_names_the_first(submitted: Submitted) -> None:
    made = prepare_correction(submitted.hub, submitted.first.id)
    known = {s.submission_id: s for s in list_submissions(submitted.hub)}
    assert known[made.id].corrects == submitted.first.id and made.id != submitted.first.id
    (other,) = correct_submission(submitted.hub, submitted.first.id).also_in or [None]
    assert other is None, "the new one says what is known now"
    assert replay_submission(submitted.hub, made.id).equal


def test_what_was_corrected_is_marked(submitted: Submitted) -> None:
    """The sign r of official statistics: in JSON and CSV, in the workbook and in print."""
    # The tests before may have run in another process.
    run_intake(submitted.hub)
    made = prepare_correction(submitted.hub, submitted.first.id)
    changed = {(f.indicator, f.category): f.now for f in correction_of(submitted).changed}
    payload = Path(made.folder, "data")
    figures = json.loads((payload / "figures.json").read_text("utf-8"))["figures"]
    marked = {(f["indicator"], f["category"]): f["value"] for f in figures if f.get("mark") == "r"}
    assert marked == changed
    rows = list(csv.DictReader((payload / "figures.csv").read_text("utf-8").splitlines()))
    assert sum(row["mark"] == "r" for row in rows) == len(marked) > 0
    front = openpyxl.load_workbook(payload / "kennzahlen.xlsx").worksheets[0]
    cells = [cell for (cell,) in front["B10:B400"] if '" r"' in cell.number_format]
    assert sorted(cell.value for cell in cells) == sorted(changed.values())
    printed = "".join(p.extract_text() for p in pypdf.PdfReader(payload / "kennzahlen.pdf").pages)
    assert f"{max(changed.values()):,}".replace(",", ".") + " r" in printed


def test_figures_that_others_have_otherwise_are_told(submitted: Submitted) -> None:
    """Once it was handed over: the same lines as its correction, in figures, report and workbook."""
    hub, made = submitted.hub, submitted.first.id
    run_intake(hub)
    asked, units = FigureRequest(*YEAR), ("municipality", "staff")
    figures = compute_kennzahlen(hub, asked, units).figures
    known_at = hub.known_at(None)
    before = tell_changes(hub, asked, known_at, figures, units)
    assert (
        before.revised == [] and len(before.sentences) == 1 and "2025-01-31" in before.sentences[0]
    )
    for state in (State.APPROVED, State.HANDED_OVER):
        advance_submission(hub, made, state, "Probe", by="Leitung")
    told = tell_changes(hub, asked, known_at, figures, units)
    corrected = {name_figure(f): (f.then, f.now) for f in correction_of(submitted).changed}
    assert {name_figure(f): (f.then, f.now) for f in told.revised} == corrected != {}
    assert made in told.sentences[-1]
    assert not tell_changes(hub, asked, hub.known_at(4), figures, units).revised
