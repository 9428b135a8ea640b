"""Makes the letters of notices: the same notice gives the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from connectors.documents.notice.letter import (
    FormGroup,
    NoticeLetter,
    ToldForm,
    render_letter,
)
from mappings import code_lists
from pipelines.notices.due_notices import NoticedForm
from pipelines.notices.recorded_notices import (
    Notice,
    NoticeState,
    advance_notice,
    list_notices,
)
from warehouse.as_of import KnownAt
from warehouse.files.atomic_file import write_file
from warehouse.ledger.entries import read_checkpoint
from warehouse.schema import ENTITIES, person

if TYPE_CHECKING:
    from datetime import date

    from pipelines.hub import Hub

_NAME = ("stammdaten.person.last_name", "stammdaten.person.first_name")
_BIRTH_DATE = "stammdaten.person.birth_date"


@dataclass(frozen=True)
class MadeLetter:
    """A letter in its place; ``sha256`` of its file."""

    notice_id: str
    recipient: str
    file: Path
    sha256: str


def make_letters(hub: Hub, out: Path) -> list[MadeLetter]:
    """Makes the letter of every notice that is due, and those made before that are not in ``out``.

    Those that were sent are not made again.
    """
    waiting = (NoticeState.DUE, NoticeState.MADE)
    return [
        letter
        for notice in list_notices(hub)
        if notice.state in waiting
        for letter in _make_letter(hub, notice, out)
    ]


def _make_letter(hub: Hub, notice: Notice, out: Path) -> Iterator[MadeLetter]:
    file = out / f"mitteilung-{notice.notice_id}.pdf"
    if notice.state is NoticeState.MADE and file.exists():
        return
    with hub.store.read() as connection:
        content = render_letter(describe_notice(hub, connection, notice))
    sha256 = hashlib.sha256(content).hexdigest()
    if not notice.events or notice.events[-1].sha256 != sha256:
        # The ledger is written first: no letter may be in place that it does not know.
        advance_notice(hub, notice, NoticeState.MADE, sha256=sha256)
    yield _write_letter(notice, file, content, sha256)


def _write_letter(notice: Notice, file: Path, content: bytes, sha256: str) -> MadeLetter:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_file(file, content)
    return MadeLetter(notice.notice_id, notice.recipient, file, sha256)


def make_reminder(hub: Hub, notice: Notice, out: Path) -> tuple[Notice, MadeLetter]:
    """Makes the reminder of a notice that was sent, dated today; raises NotPossibleNow."""
    with hub.store.read() as connection:
        letter = describe_notice(hub, connection, notice, hub.today)
    content = render_letter(letter)
    sha256 = hashlib.sha256(content).hexdigest()
    done = advance_notice(hub, notice, NoticeState.REMINDED, sha256=sha256)
    file = out / f"erinnerung-{notice.notice_id}-{hub.today}.pdf"
    return done, _write_letter(notice, file, content, sha256)


def describe_notice(
    hub: Hub, connection: Connection, notice: Notice, reminded_on: date | None = None
) -> NoticeLetter:
    """What the letter says: names and birth date only where the recipient was sent them."""
    name, birth_date = _read_person(connection, notice)
    recipient, reach = hub.config.recipients[notice.recipient], hub.config.district.contact
    groups = code_lists.load_code_list("data_group").labels
    return NoticeLetter(
        number=notice.notice_id,
        cause=notice.cause.value,
        district=hub.config.district.name,
        recipient=recipient.name,
        found_on=notice.found_on,
        due_on=notice.due_on,
        reminded_on=reminded_on,
        name=name,
        birth_date=birth_date,
        forms=[_tell_form(form, groups) for form in notice.forms],
        checkpoint=read_checkpoint(connection, notice.tree_size).text,
        sender_address=reach.address,
        recipient_address=recipient.address,
        phone=reach.phone,
        email=reach.email,
    )


def _read_person(connection: Connection, notice: Notice) -> tuple[str, date | None]:
    """Name and birth date as the newest form had them; nothing of what it had not."""
    form = notice.forms[-1]
    if notice.record is None:
        return "", None
    rows = KnownAt(form.load).select_rows(person, identifying=True)
    source, key = notice.record
    known = select(rows).where(rows.c.source == source, rows.c.source_key == key)
    row = connection.execute(known).mappings().first()
    if row is None:
        return "", None
    sent = {name for one in _list_sent(connection, notice) for name in one}
    return _join_name(row, sent), row["birth_date"] if _BIRTH_DATE in sent else None


def _join_name(row: Mapping[Any, Any], sent: Collection[str]) -> str:
    names = [row[field.rpartition(".")[2]] for field in _NAME if field in sent]
    return ", ".join(filter(None, names))


def _list_sent(connection: Connection, notice: Notice) -> Iterator[Sequence[str]]:
    """The fields of the forms that the notice is about, also those it does not speak of."""
    from pipelines.transfer.transmissions import read_forms

    numbers = {form.number for form in notice.forms}
    for form in read_forms(connection):
        if form.number in numbers:
            yield list(form.fields or ())


def _tell_form(form: NoticedForm, groups: Mapping[str, str]) -> ToldForm:
    labels: dict[str, list[str]] = {}
    for name in form.fields:
        group = name.split(".")[0]
        labels.setdefault(groups.get(group, group), []).append(_label_field(name))
    told = [FormGroup(title, found) for title, found in labels.items()]
    return ToldForm(form.number, form.sent_on, told)


def _label_field(name: str) -> str:
    _, entity, field = name.split(".")
    label: str = ENTITIES[entity].table.columns[field].info["label"]
    return label
