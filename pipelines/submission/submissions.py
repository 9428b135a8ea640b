"""Prepares submissions and notes what becomes of them: approved, handed over, accepted, rejected."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.package.bag import read_folder, sum_bag, write_folder
from mappings.engine.clean import fold_text
from pipelines.failures import Failure, Kind
from pipelines.figures.figure_rules import KeptForm, read_rules
from pipelines.figures.form import anchor_cells, check_form, list_not_computed
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.funding.evidence_rules import read_evidence_rules
from pipelines.intake.decision_load import record_decision_load
from pipelines.intake.freshness import find_obstacles
from pipelines.intake.registers import write_registers
from pipelines.submission import evidence_package, kennzahlen_package
from pipelines.submission.evidence_package import examine_grant
from pipelines.submission.kept_receipts import keep_receipt
from pipelines.submission.made_of import list_units
from pipelines.submission.packages import make_package
from pipelines.submission.program import describe_program
from warehouse.as_of import KnownAt, UnknownDay, read_newest_load
from warehouse.ledger.clock import read_clock
from warehouse.ledger.configuration import has_changed
from warehouse.ledger.entries import count_entries
from warehouse.ledger.state_order import explain_wrong_step
from warehouse.ledger.submissions import (
    FOLLOWING,
    Event,
    State,
    Submission,
    read_submissions,
    record_event,
    record_submission,
)
from warehouse.schema import REGISTERS

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.marts.scope import By


class NoSubmission(Failure):
    """There is no submission of this id."""

    kind = Kind.WRONG_CALL


class NotPossible(Failure):
    """A submission cannot come to this state; the text says why."""


@dataclass(frozen=True)
class Prepared:
    """A submission that lies in its folder; ``is_new`` False: the same had been prepared before.

    ``notes``: why sums over units in its form are not the district's figures, in German.
    """

    id: str
    folder: str
    load: int
    state: State
    open_points: Sequence[str]
    is_new: bool
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class _Wanted:
    """What is to be submitted, with the rules (JSON) it is made by.

    ``open_points``: what is open beside the sources. ``notes`` as in Prepared.
    """

    product: str
    first: date
    last: date
    units: Sequence[str]
    rules: str
    open_points: Sequence[str] = ()
    notes: Sequence[str] = ()


def prepare_kennzahlen(
    hub: Hub,
    first: date,
    last: date,
    units: Sequence[By] = (),
    by: str = "",
    corrects: str | None = None,
    form: KeptForm | None = None,
) -> Prepared:
    """Freezes the Kennzahlen of a period, as known now, as a package in the data folder.

    The same figures prepared again are the same submission. ``form``: also a copy of it, filled.
    Raises UnknownDay where nothing is loaded.
    """

    def ask(known_at: KnownAt) -> _Wanted:
        rules = replace(read_rules(hub, last, known_at), form=form)
        points, notes = _examine_form(hub, FigureRequest(first, last, known_at.load, rules))
        product = kennzahlen_package.PRODUCT
        return _Wanted(product, first, last, units, rules.to_json(), points, notes)

    return _prepare_package(hub, ask, by, corrects)


def prepare_evidence(hub: Hub, grant: str, by: str = "", corrects: str | None = None) -> Prepared:
    """Freezes the Verwendungsnachweise of a grant, as prepare_kennzahlen does.

    ``corrects``: the submission that it takes the place of. Raises NoEvidence and NoSubmission.
    """
    earlier = find_submission(hub, corrects).submission_id if corrects else None

    def ask(known_at: KnownAt) -> _Wanted:
        rules = read_evidence_rules(hub, known_at)
        first, last, gaps = examine_grant(hub, known_at, grant, rules)
        return _Wanted(evidence_package.PRODUCT, first, last, [grant], rules.to_json(), gaps)

    return _prepare_package(hub, ask, by, earlier)


def prepare_correction(hub: Hub, submission_id: str, by: str = "") -> Prepared:
    """Freezes the same as known now; the new submission names the one it corrects."""
    made = find_submission(hub, submission_id)
    first, last, units = made.period_from, made.period_to, list_units(made)
    form = kennzahlen_package.read_frozen_rules(made).form
    return prepare_kennzahlen(hub, first, last, units, by, made.submission_id, form)


def keep_form(
    hub: Hub, first: date, last: date, template: Path, mapping: str | None = None
) -> KeptForm:
    """Keeps a form that submissions fill, with the cells that its anchors name.

    ``mapping``: a name of ours or a path, by default the YAML beside it. Raises WrongCall,
    YamlProblems and UnreadableReceipt.
    """
    check_form(template)
    cells = anchor_cells(hub, FigureRequest(first, last), template, mapping)
    named = [replace(cell, where=Path(cell.where).name) for cell in cells]
    return KeptForm(keep_receipt(hub, template), template.suffix.lower(), named)


def _examine_form(hub: Hub, asked: FigureRequest) -> tuple[list[str], Sequence[str]]:
    """Of the form, if there is one: formulas whose value is not known before it is opened; notes."""
    form = asked.rules.form if asked.rules else None
    if form is None:
        return [], []
    made = kennzahlen_package.fill_kept_form(hub, asked, form)
    points = [f"form: not computed: {place}" for place in list_not_computed(made.filled)]
    return points, made.notes


def _prepare_package(
    hub: Hub, ask: Callable[[KnownAt], _Wanted], by: str, corrects: str | None
) -> Prepared:
    with hub.store.lock_run():
        write_registers(hub)
        draft, notes = _draft_submission(hub, ask, by or getpass.getuser(), corrects)
        with hub.store.read() as connection:
            known = {made.submission_id: made for made in read_submissions(connection)}
            draft = replace(draft, tree_size=count_entries(connection))
        draft = _name_submission(draft, known)
        made = known.get(draft.submission_id)
        is_new = made is None
        made = made or _freeze_package(hub, draft)
    folder = _place_package(hub, made)
    points = json.loads(made.open_points)
    about = made.submission_id, str(folder), made.load_number, made.state
    return Prepared(*about, points, is_new, notes)


def _place_package(hub: Hub, made: Submission) -> Path:
    """The folder of a submission's package, which is made where it is missing."""
    folder = hub.config.data_folder.submission(made.submission_id)
    if not folder.exists():
        write_folder(folder, make_package(hub, made))
    return folder


def _list_open_points(hub: Hub) -> list[str]:
    obstacles = find_obstacles(hub)
    return [f"{source}: {text}" for source, texts in obstacles.items() for text in texts]


def _tell_running(hub: Hub, last: date) -> list[str]:
    """That the period is not over, if so: what still happens in it is not in the figures."""
    if last < hub.today:
        return []
    return [f"Der Zeitraum endet am {last:%d.%m.%Y}; was bis dahin noch geschieht, fehlt."]


def _draft_submission(
    hub: Hub, ask: Callable[[KnownAt], _Wanted], by: str, corrects: str | None
) -> tuple[Submission, Sequence[str]]:
    """The submission as it would be recorded, and the notes on it."""
    points = _list_open_points(hub)
    known_at = _settle_registers(hub)
    wanted = ask(known_at)
    points += _tell_running(hub, wanted.last)
    draft = Submission(
        submission_id="",
        product=wanted.product,
        period_from=wanted.first,
        period_to=wanted.last,
        units=json.dumps(wanted.units),
        load_number=known_at.load,
        rules=wanted.rules,
        program=json.dumps(describe_program()),
        open_points=json.dumps([*points, *wanted.open_points], ensure_ascii=False),
        corrects=corrects,
        manifest_sha256="",
        prepared_at=read_clock().replace(microsecond=0),
        prepared_by=by,
    )
    return draft, wanted.notes


def _settle_registers(hub: Hub) -> KnownAt:
    """The newest load, a new one where the registers have changed since.

    What the configuration has become belongs to a load, so that the figures can be made again.
    """
    with hub.store.transaction() as connection:
        newest = read_newest_load(connection)
        if newest == 0:
            raise UnknownDay("nothing has been loaded yet")
        if any(has_changed(connection, table, [newest + 1]) for table in REGISTERS):
            newest += 1
            record_decision_load(hub, connection, newest)
    return KnownAt(newest)


def _name_submission(draft: Submission, known: dict[str, Submission]) -> Submission:
    """The draft with an id of its content, another one than those that were withdrawn."""
    about = [draft.units, draft.load_number, draft.rules, draft.program, draft.corrects]
    attempt = 0
    while True:
        digest = hashlib.sha256(json.dumps([*about, attempt]).encode()).hexdigest()
        name = f"{draft.product}-{draft.period_from}-{draft.period_to}-{digest[:10]}"
        other = known.get(name)
        if other is None or other.state is not State.WITHDRAWN:
            return replace(draft, submission_id=name)
        attempt += 1


def _freeze_package(hub: Hub, draft: Submission) -> Submission:
    """Puts the package in place and records it; a package without a record is made again."""
    files = make_package(hub, draft)
    made = replace(draft, manifest_sha256=sum_bag(files))
    folder = hub.config.data_folder.submission(made.submission_id)
    _set_aside(folder, made.manifest_sha256[:10])
    with hub.store.transaction() as connection:
        record_submission(connection, made)
        write_folder(folder, files)
    return made


def _set_aside(folder: Path, mark: str) -> None:
    if folder.exists():
        # Left by a process that ended before it was recorded: of another moment, so not the same.
        folder.rename(folder.with_name(f".{folder.name}-{mark}"))


def list_submissions(hub: Hub) -> list[Submission]:
    """All submissions in the order in which they were prepared."""
    with hub.store.read() as connection:
        return read_submissions(connection)


def find_submission(hub: Hub, submission_id: str) -> Submission:
    """The submission of an id, or of the only one that begins so; raises NoSubmission."""
    found = _match_submissions(list_submissions(hub), submission_id)
    if len(found) == 1 and submission_id:
        return found[0]
    if found:
        names = ", ".join(made.submission_id for made in found[:5])
        raise NoSubmission(f"several submissions begin with '{submission_id}': {names}")
    raise NoSubmission(
        f"there is no submission '{submission_id}'; drehscheibe submit list shows them"
    )


def _match_submissions(known: Sequence[Submission], submission_id: str) -> list[Submission]:
    """The one of this id, or all that begin so."""
    exact = [made for made in known if made.submission_id == submission_id]
    return exact or [made for made in known if made.submission_id.startswith(submission_id)]


def advance_submission(
    hub: Hub,
    submission_id: str,
    state: State,
    note: str = "",
    by: str = "",
    receipt: Path | None = None,
) -> Submission:
    """Notes that a submission came to a state; raises NotPossible where it cannot."""
    who = by or getpass.getuser()
    made = find_submission(hub, submission_id)
    kept = keep_receipt(hub, receipt) if receipt else None
    with hub.store.lock_run(), hub.store.transaction() as connection:
        # Read anew within the lock: somebody else may have been quicker.
        made = next(m for m in read_submissions(connection) if m == made)
        _check_step(hub, made, state, note, who)
        event = Event(len(made.events) + 1, state, read_clock(), who, note or None, kept)
        record_event(connection, made.submission_id, event)
    return replace(made, events=[*made.events, event])


def _check_step(hub: Hub, made: Submission, state: State, note: str, who: str) -> None:
    _check_order(made, state)
    _check_note(state, note)
    if state is State.APPROVED:
        _check_approval(hub, made, note, who)


def _check_note(state: State, note: str) -> None:
    if state in (State.REJECTED, State.WITHDRAWN) and not note:
        raise NotPossible(f"say why with --reason when a submission is {state}")


def _check_order(made: Submission, state: State) -> None:
    if problem := explain_wrong_step(made.submission_id, made.state, state, FOLLOWING):
        raise NotPossible(problem)


def _check_approval(hub: Hub, made: Submission, note: str, who: str) -> None:
    is_same = fold_text(who) == fold_text(made.prepared_by)
    if hub.config.submissions.four_eyes and is_same:
        raise NotPossible(
            f"{who} prepared {made.submission_id}; another person approves it "
            "(four eyes, as configured)"
        )
    _check_points(made, note)
    _check_package(hub, made)


def _check_points(made: Submission, note: str) -> None:
    points = json.loads(made.open_points)
    if points and not note:
        listed = "; ".join(points)
        raise NotPossible(
            f"{len(points)} points were open when it was prepared; say with --reason why it "
            f"may go out all the same. {listed}"
        )


def _check_package(hub: Hub, made: Submission) -> None:
    folder = hub.config.data_folder.submission(made.submission_id)
    if sum_bag(read_folder(folder)) != made.manifest_sha256:
        raise NotPossible(
            f"the package of {made.submission_id} is not the one that was prepared; see: "
            f"drehscheibe submit verify {made.submission_id}"
        )
