"""What can become of a submission, and what cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from pipelines.failures import Failure
from pipelines.figures.form import fill_workbook
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.hub import Hub
from pipelines.operations.doctor import examine_hub
from pipelines.orchestration.submission_assets import replay_one
from pipelines.submission.kept_receipts import UnreadableReceipt
from pipelines.submission.replayed_package import replay_submission, verify_submission
from pipelines.submission.submissions import (
    NoSubmission,
    NotPossible,
    advance_submission,
    find_submission,
    keep_form,
    prepare_correction,
    prepare_kennzahlen,
)
from tests.forms.anchors import ANCHORS
from tests.forms.official_form import changed_form
from tests.submission.conftest import YEAR, Submitted, submit_first
from warehouse.backup.consistency_check import check_warehouse
from warehouse.ledger.submissions import State

pytestmark = pytest.mark.thorough

WAYS = [
    (["approved", "handed_over", "accepted"], "rejected"),
    (["approved", "handed_over", "rejected"], "accepted"),
    (["approved", "withdrawn"], "handed_over"),
    (["withdrawn"], "approved"),
    ([], "handed_over"),
    ([], "accepted"),
]


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory):
    """A district whose sources are overdue, so that points are open."""
    made = submit_first(tmp_path_factory.mktemp("states"), "duckdb")
    yield made
    made.hub.close()


@pytest.mark.parametrize("number", range(len(WAYS)))
def test_one_state_after_another(district: Submitted, number: int) -> None:
    (way, refused), first = WAYS[number], YEAR[0].replace(month=2 + number)
    made = prepare_kennzahlen(district.hub, first, YEAR[1], by="Erste")
    for state in way:
        advanced = advance_submission(
            district.hub, made.id, State(state), "so entschieden", "Zweite"
        )
        assert advanced.state is State(state)
    with pytest.raises(NotPossible, match="cannot be"):
        advance_submission(district.hub, made.id, State(refused), "doch", "Zweite")
    states = [event.state.value for event in find_submission(district.hub, made.id).events]
    assert states == way
    if State.WITHDRAWN not in states:
        return
    again = prepare_kennzahlen(district.hub, first, YEAR[1], by="Erste")
    assert again.id != made.id and again.is_new, "what was withdrawn can be prepared anew"
    advance_submission(district.hub, again.id, State.WITHDRAWN, "Aufgeräumt", "Zweite")


def test_open_points_need_a_reason(district: Submitted) -> None:
    made = district.first
    assert made.open_points
    with pytest.raises(NotPossible, match="points were open"):
        advance_submission(district.hub, made.id, State.APPROVED)
    with pytest.raises(NotPossible, match="say why"):
        advance_submission(district.hub, made.id, State.WITHDRAWN)


@pytest.mark.parametrize(("days_left", "is_running"), [(-1, False), (0, True), (9, True)])
def test_a_period_that_is_not_over_is_open(
    district: Submitted, days_left: int, is_running: bool
) -> None:
    first, last = district.hub.today.replace(month=1, day=1), district.hub.today
    last += timedelta(days=days_left)
    made = prepare_kennzahlen(district.hub, min(first, last), last, by="Erste")
    said = f"Der Zeitraum endet am {last:%d.%m.%Y}; was bis dahin noch geschieht, fehlt."
    assert (said in made.open_points) is is_running


def test_who_prepared_it_does_not_approve_it_with_four_eyes(district: Submitted) -> None:
    district.reopen(("recipients:", "submissions: {four_eyes: true}\nrecipients:"))
    made = prepare_kennzahlen(district.hub, *YEAR, ("team",), by="Erste")
    for same in ("Erste", " erste "):
        with pytest.raises(NotPossible, match="four eyes"):
            advance_submission(district.hub, made.id, State.APPROVED, "geprüft", same)
    assert (
        advance_submission(district.hub, made.id, State.APPROVED, "ok", "Zweite").state
        is State.APPROVED
    )


def test_what_was_changed_since_is_not_approved(district: Submitted) -> None:
    made = prepare_kennzahlen(district.hub, *YEAR, ("carrier",), by="Erste")
    manifest = Path(made.folder) / "tagmanifest-sha256.txt"
    content = manifest.read_bytes()
    manifest.write_text("")
    with pytest.raises(NotPossible, match="submit verify"):
        advance_submission(district.hub, made.id, State.APPROVED, "geprüft", "Zweite")
    # The replay of a later test may choose this submission.
    manifest.write_bytes(content)


def test_a_receipt_is_kept(district: Submitted, tmp_path: Path) -> None:
    made = prepare_kennzahlen(district.hub, *YEAR, ("source",), by="Erste")
    advance_submission(district.hub, made.id, State.APPROVED, "geprüft", "Zweite")
    receipt = tmp_path / "Eingang.PDF"
    receipt.write_bytes(b"%PDF-1.7 Eingangsbestaetigung")
    done = advance_submission(district.hub, made.id, State.HANDED_OVER, "E-Mail", "Zweite", receipt)
    kept = district.hub.config.data_folder.receipts / f"{done.events[-1].receipt_sha256}.pdf"
    assert kept.read_bytes() == receipt.read_bytes() and kept.stat().st_mode & 0o077 == 0
    assert list_wrong(district.hub, made.id) == ([], [], [])
    lost = f"the receipt {kept.stem[:12]} is missing or is not the file that was kept"
    for change in (partial(kept.write_bytes, b"another letter"), kept.unlink):
        change()
        assert list_wrong(district.hub, made.id) == ([f"handed_over: {lost}"], [lost], [lost])
    kept.write_bytes(receipt.read_bytes())


def list_wrong(hub: Hub, submission: str) -> tuple[Sequence[str], list[str], list[str]]:
    """What the verification, the check of the warehouse and the doctor say of receipts."""
    checked = check_warehouse(hub.store, hub.landing, hub.config.data_folder.receipts)
    examined = [check.message for check in examine_hub(hub) if check.name == "receipts"]
    return verify_submission(hub, submission).damages, checked, examined


def test_an_unknown_id_is_refused(district: Submitted) -> None:
    with pytest.raises(NoSubmission, match="submit list"):
        find_submission(district.hub, "kennzahlen-1999")
    with pytest.raises(NoSubmission, match="several"):
        prepare_kennzahlen(district.hub, *YEAR, ("staff",), by="Erste")
        find_submission(district.hub, "kennzahlen-")


@pytest.mark.parametrize(
    ("zone", "locale"),
    [("Asia/Tokyo", "C"), ("America/St_Johns", "C.UTF-8")],
    ids=["tokyo", "newfoundland"],
)
def test_it_is_made_again_elsewhere(
    district: Submitted, zone: str, locale: str, tmp_path: Path
) -> None:
    """In another folder, time zone and locale, by another process that has the data folder alone."""
    district.hub.close()
    place = tmp_path / "anderswo"
    place.mkdir()
    data = district.path.parent / "data"
    text = district.path.read_text(encoding="utf-8").replace(
        "data: data", f"data: {json.dumps(str(data))}"
    )
    (place / "drehscheibe.yaml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from pipelines.cli import main; main()",
            "submit",
            "replay",
            district.first.id,
            "--json",
        ],
        cwd=place,
        env={**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0 and json.loads(done.stdout)["equal"] is True, done.stderr[-2000:]


def test_the_nightly_replay_is_red_where_a_byte_differs(district: Submitted) -> None:
    district.hub.close()
    config = district.hub.config
    assert replay_one(config)["files"] == 14
    for path in config.data_folder.submission("x").parent.glob("*/data/figures.json"):
        path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Failure, match=r"data/figures\.json; where: drehscheibe submit replay"):
        replay_one(config)


def test_a_submitted_form_is_filled_again_without_the_form(
    district: Submitted, tmp_path: Path
) -> None:
    form = tmp_path / "muster.xlsx"
    form.write_bytes(changed_form(("C9/C12", "RAND()")))
    form.with_suffix(".yaml").write_text(ANCHORS, encoding="utf-8")
    fill_workbook(district.hub, FigureRequest(*YEAR), form, tmp_path / "filled.xlsx")
    kept = keep_form(district.hub, *YEAR, form)
    made = prepare_kennzahlen(district.hub, *YEAR, by="Erste", form=kept)
    # The formulas that only Excel computes are open when it is prepared.
    assert any(point.startswith("form: not computed: ") for point in made.open_points)
    filled = Path(made.folder) / "data" / "formular.xlsx"
    assert filled.read_bytes() == (tmp_path / "filled.xlsx").read_bytes()
    form.unlink()
    form.with_suffix(".yaml").unlink()
    corrected = prepare_correction(district.hub, made.id, "Erste")
    assert (Path(corrected.folder) / "data" / "formular.xlsx").is_file()
    district.reopen(("Musterstadt", "Neustadt"))
    for one in (made, corrected):
        assert replay_submission(district.hub, one.id).equal
    (receipt,) = (district.hub.config.data_folder.receipts).glob(f"{kept.sha256}.xlsx")
    receipt.write_bytes(b"another form")
    with pytest.raises(UnreadableReceipt, match="is not the file that was kept"):
        replay_submission(district.hub, made.id)
