"""Indicators on conversations: number, kind, topics, referrals and the persons reached."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    func,
    select,
    type_coerce,
)

from warehouse.marts.declaration import Counts, indicator
from warehouse.marts.lasting_records import LastingRecords
from warehouse.marts.person_attributes import NOT_STATED
from warehouse.marts.scope import Scope, needs_case, unit_columns
from warehouse.record_join import match_keys
from warehouse.schema import (
    conversation,
    conversation_participant,
    conversation_referral,
    conversation_topic,
    counselling_case,
    housing,
)

FIRST_CONTACTS = ((14, "days_14"), (30, "days_30"), (90, "days_90"))


@indicator(counts=Counts.RECORDS, records=conversation)
def conversations(scope: Scope, talks: FromClause) -> Select[Any]:
    """Gespräche im Zeitraum (beide Tage eingeschlossen), jedes einmal, gleich wie viele Personen
    teilnahmen.

    Quelle: VwV Integrationsmanagement Nr. 6.2; Alb-Donau-Kreis 2021 (43.240 Gespräche).
    """
    return _Conversations(scope, talks).select()


@indicator(counts=Counts.RECORDS, records=conversation, needs=(conversation.c.setting,))
def conversations_by_setting(scope: Scope, talks: FromClause) -> Select[Any]:
    """Gespräche nach Form: Einzelperson, Familie oder Gruppe, wie im Gespräch vermerkt.

    Quelle: Alb-Donau-Kreis 2021 (35.354 mit Einzelpersonen); Gruppe: Annahme.
    """
    return _Conversations(scope, talks).select(category=talks.c.setting)


@indicator(counts=Counts.RECORDS, records=conversation, needs=(conversation.c.kind,))
def conversations_by_kind(scope: Scope, talks: FromClause) -> Select[Any]:
    """Gespräche nach Art: Clearing, Beratung, Zielvereinbarung; nur wo die Quelle die Art führt.

    Quelle: Landkreis Tübingen 2018 (501 Clearinggespräche).
    """
    return _Conversations(scope, talks).select(category=talks.c.kind)


@indicator(counts=Counts.RECORDS, records=conversation, needs=(conversation.c.channel,))
def conversations_by_channel(scope: Scope, talks: FromClause) -> Select[Any]:
    """Gespräche nach Kontaktweg: persönlich, telefonisch, schriftlich; nur wo die Quelle ihn führt.

    Quelle: Annahme; eigene Auswertung (Wehr 2021: Kontakt auch über Messenger und Telefon).
    """
    return _Conversations(scope, talks).select(category=talks.c.channel)


@indicator(
    counts=Counts.PERSON_RECORDS,
    records=conversation_participant,
    needs=(conversation_participant.c.person_key, housing.c.assigned_on),
)
def first_contacts(scope: Scope, participations: FromClause) -> Select[Any]:
    """Personendatensätze, deren erstes Gespräch überhaupt in den Zeitraum fällt, nach seinem Abstand
    zur Zuweisung in die Anschlussunterbringung; ohne bekannten Tag der Zuweisung: ohne Angabe.

    Quelle: Annahme; die Beratung beginnt mit der Zuteilung (integrationsmanagement-bw.de).
    """
    talks, homes = scope.select_known(conversation), scope.select_known(housing)
    found = _Conversations(scope, talks, participations)
    firsts = _select_firsts(scope)
    of_person = match_keys(firsts, "person_key", participations, "person_key")
    is_first = and_(of_person, firsts.c.held_on == talks.c.held_on)
    at_home = match_keys(homes, "person_key", participations, "person_key")
    found.origin = found.origin.join(firsts, is_first).outerjoin(homes, at_home)
    return found.select(category=_name_days(talks.c.held_on, homes.c.assigned_on))


def _select_firsts(scope: Scope) -> FromClause:
    """The day of the first known conversation of each person record."""
    talks, rows = scope.select_known(conversation), scope.select_known(conversation_participant)
    joined = talks.join(rows, match_keys(rows, "conversation_key", talks, "source_key"))
    names = (rows.c.source, rows.c.person_key)
    firsts = select(*names, func.min(talks.c.held_on).label("held_on")).select_from(joined)
    return firsts.group_by(*names).subquery("firsts")


def _name_days(held_on: ColumnElement[Any], assigned_on: ColumnElement[Any]) -> ColumnElement[Any]:
    # Both engines give whole days for the difference of two dates.
    days = type_coerce(held_on - assigned_on, Integer)
    return case(
        (assigned_on.is_(None), NOT_STATED),
        (days < 0, "before"),
        *((days <= number, code) for number, code in FIRST_CONTACTS),
        else_="later",
    )


@indicator(counts=Counts.RECORDS, records=conversation_topic, needs=(conversation_topic.c.topic,))
def topics(scope: Scope, parts: FromClause) -> Select[Any]:
    """Gespräche im Zeitraum, die das Thema hatten (Mehrfachnennung): ein Gespräch zählt unter jedem
    seiner Themen einmal.

    Quelle: Alb-Donau-Kreis 2021; belegt sind Kinder, Gesundheit, Anderes Thema, die übrigen sind
    Annahmen.
    """
    return _select_parts(scope, parts, parts.c.topic)


@indicator(
    counts=Counts.RECORDS, records=conversation_referral, needs=(conversation_referral.c.target,)
)
def referrals(scope: Scope, parts: FromClause) -> Select[Any]:
    """Weiterleitungen aus Gesprächen des Zeitraums (Mehrfachnennung): je Gespräch jede Stelle
    einmal.

    Quelle: Alb-Donau-Kreis 2021.
    """
    return _select_parts(scope, parts, parts.c.target)


@indicator(
    counts=Counts.RECORDS,
    records=conversation_referral,
    needs=(conversation_referral.c.had_result,),
    reads=(conversation_referral.c.target,),
)
def referrals_with_result(scope: Scope, parts: FromClause) -> Select[Any]:
    """Weiterleitungen aus Gesprächen des Zeitraums, zu denen die Quelle vermerkt, dass sie zu etwas
    führten (Mehrfachnennung): je Gespräch jede Stelle einmal.

    Quelle: Annahme; der Rechnungshof vermisst Kennzahlen zur Wirkung (Ergebnisbericht 2022, Nr. 15).
    """
    return _select_parts(scope, parts, parts.c.target).where(parts.c.had_result.is_(True))


@indicator(counts=Counts.PERSONS, records=conversation_participant)
def persons_reached(scope: Scope, participations: FromClause) -> Select[Any]:
    """Verschiedene Menschen mit mindestens einem Gespräch im Zeitraum, an dem sie namentlich
    teilnahmen. Wen keine Tabelle der Quelle kennt, zählt nicht als Mensch.

    Quelle: Annahme; als Kennzahl des Landes nicht belegt.
    """
    reached = _Conversations(scope, scope.select_known(conversation), participations)
    return reached.select(reached.humans.label("person"))


@indicator(counts=Counts.PERSON_RECORDS, records=conversation_participant)
def records_reached(scope: Scope, participations: FromClause) -> Select[Any]:
    """Verschiedene Personendatensätze der Quellen mit mindestens einem Gespräch im Zeitraum (ohne
    Verknüpfung). Wen keine Tabelle der Quelle kennt, zählt nicht.

    Quelle: Annahme; Gegenprobe zu den erreichten Personen.
    """
    return _Conversations(scope, scope.select_known(conversation), participations).select()


@indicator(counts=Counts.RECORDS, records=conversation, in_catalogue=False)
def conversations_per_month(scope: Scope, talks: FromClause) -> Select[Any]:
    """Gespräche im Zeitraum nach Monat; Kategorie ist der Monat als JJJJ-MM.

    Quelle: eigene Auswertung für den Bericht.
    """
    held_on = talks.c.held_on
    month = func.extract("year", held_on) * 100 + func.extract("month", held_on)
    return _Conversations(scope, talks).select(category=month)


@indicator(
    counts=Counts.RECORDS,
    records=conversation,
    reads=(conversation_participant.c.person_key, counselling_case.c.municipality),
    in_catalogue=False,
)
def conversations_by_former_cases(scope: Scope, talks: FromClause) -> Select[Any]:
    """Gespräche im Zeitraum, deren Gemeinde nur noch aus einem Fall bekannt ist, den die Quelle
    nicht mehr liefert; es gilt, was zuletzt bekannt war.

    Quelle: eigene Auswertung für den Bericht.
    """
    rows, held = scope.select_known(conversation_participant), scope.select_known(conversation)
    joined = rows.join(held, match_keys(rows, "conversation_key", held, "source_key"))
    records = LastingRecords(scope, joined, rows)
    cases = records.join_cases(held.c.held_on)
    names = (rows.c.source, rows.c.conversation_key)
    current = func.max(case((cases.c.is_former, 0), else_=1)).label("is_current")
    placed = (
        select(*names, current)
        .select_from(records.origin)
        .where(cases.c.municipality.is_not(None))
        .group_by(*names)
        .subquery("placed")
    )
    of_talk = match_keys(placed, "conversation_key", talks, "source_key")
    found = _Conversations(scope, talks)
    found.origin = found.origin.join(placed, and_(of_talk, placed.c.is_current == 0))
    return found.select()


def count_by_staff_and_day(scope: Scope) -> Select[Any]:
    """Selects how many conversations of the period (``value``) each name held on each day."""
    talks = scope.select_known(conversation)
    names = (talks.c.source, talks.c.staff, talks.c.held_on)
    counted = select(*names, func.count().label("value")).select_from(talks)
    return counted.where(scope.within(talks.c.held_on)).group_by(*names)


def _select_parts(scope: Scope, parts: FromClause, category: ColumnElement[Any]) -> Select[Any]:
    """The topics or referrals of conversations, by one of their columns."""
    found = _Conversations(scope, scope.select_known(conversation))
    found.origin = found.origin.join(parts, found.belongs_to(parts))
    return found.select(category=category)


class _Conversations:
    """Conversations, joined with their participants where the unit or the figure needs them.

    With ``participations``, only those of known persons count, and ``humans`` tells who they are.
    """

    def __init__(
        self,
        scope: Scope,
        talks: FromClause,
        participations: FromClause | None = None,
    ) -> None:
        self.scope, self.talk, self.origin = scope, talks, talks
        self.municipality: ColumnElement[Any] | None = None
        if participations is not None or needs_case(scope):
            self._join_participants(participations)

    def _join_participants(self, named: FromClause | None) -> None:
        rows = self.scope.select_known(conversation_participant) if named is None else named
        with_rows = self.talk.join(rows, self.belongs_to(rows))
        records = LastingRecords(self.scope, with_rows, rows)
        if named is not None:
            self.humans = records.join_humans()
        if needs_case(self.scope):
            self.municipality = records.join_cases(self.talk.c.held_on).c.municipality
        self.origin = records.origin

    def belongs_to(self, part: FromClause) -> ColumnElement[bool]:
        """Condition: the row of ``part`` is part of the conversation."""
        return match_keys(part, "conversation_key", self.talk, "source_key")

    def select(
        self,
        *columns: ColumnElement[Any],
        category: ColumnElement[Any] | None = None,
    ) -> Select[Any]:
        """The conversations of the period with unit, columns and, where asked for, category.

        With a category, conversations that have none are left out.
        """
        c = self.talk.c
        units = unit_columns(self.scope, c.source, c.staff, self.municipality)
        held = select(*units, *columns).select_from(self.origin)
        held = held.where(self.scope.within(c.held_on))
        if category is None:
            return held
        return held.add_columns(category.label("category")).where(category.is_not(None))
