"""Figures on conversations: how many, of which kind, on which topics, referred where, and whom they reached."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, select

from warehouse.marts.scope import Scope, cases, counted, needs_case, unit_columns
from warehouse.schema import (
    conversation,
    conversation_participant,
    conversation_referral,
    conversation_topic,
    person_link,
)


def conversations(scope: Scope) -> Select[Any]:
    """Gespräche im Zeitraum (beide Tage eingeschlossen), jedes einmal, gleich wie viele Personen teilnahmen.

    Quelle: VwV Integrationsmanagement Nr. 6.2; Alb-Donau-Kreis 2021 (43.240 Gespräche).
    """
    talks = _Talks(scope)
    return counted(scope, talks.events(*talks.itself))


def conversations_by_setting(scope: Scope) -> Select[Any]:
    """Gespräche nach Form: Einzelperson, Familie oder Gruppe, wie im Gespräch vermerkt.

    Quelle: Alb-Donau-Kreis 2021 (35.354 mit Einzelpersonen); Gruppe: Annahme.
    """
    talks = _Talks(scope)
    return counted(scope, talks.events(*talks.itself, category=talks.talk.c.setting), category=True)


def conversations_by_kind(scope: Scope) -> Select[Any]:
    """Gespräche nach Art: Clearing, Beratung, Zielvereinbarung; nur wo die Quelle die Art führt.

    Quelle: Landkreis Tübingen 2018 (501 Clearinggespräche).
    """
    talks = _Talks(scope)
    return counted(scope, talks.events(*talks.itself, category=talks.talk.c.kind), category=True)


def topics(scope: Scope) -> Select[Any]:
    """Gespräche im Zeitraum, die das Thema hatten (Mehrfachnennung): ein Gespräch zählt unter jedem seiner Themen einmal.

    Quelle: Alb-Donau-Kreis 2021; belegt sind Kinder, Gesundheit, Anderes Thema, die übrigen sind Annahmen.
    """
    return _with_part(scope, conversation_topic, "topic")


def referrals(scope: Scope) -> Select[Any]:
    """Weiterleitungen aus Gesprächen des Zeitraums (Mehrfachnennung): je Gespräch jede Stelle einmal.

    Quelle: Alb-Donau-Kreis 2021.
    """
    return _with_part(scope, conversation_referral, "target")


def persons_reached(scope: Scope) -> Select[Any]:
    """Verschiedene Menschen mit mindestens einem Gespräch im Zeitraum, an dem sie namentlich teilnahmen.

    Quelle: Annahme; als Kennzahl des Landes nicht belegt.
    """
    talks, links = _Talks(scope, people=True), scope.known(person_link)
    who = talks.who.c
    # A participant whose own record the source no longer delivers still is one person: the record stands for itself.
    human = func.coalesce(links.c.person_id, who.source + ":" + who.person_key)
    talks.join_outer(links, and_(links.c.source == who.source, links.c.source_key == who.person_key))
    return counted(scope, talks.events(human.label("person")))


def records_reached(scope: Scope) -> Select[Any]:
    """Verschiedene Personendatensätze der Quellen mit mindestens einem Gespräch im Zeitraum (ohne Verknüpfung).

    Quelle: Annahme; Gegenprobe zu den erreichten Personen.
    """
    talks = _Talks(scope, people=True)
    return counted(scope, talks.events(talks.who.c.source.label("record_source"), talks.who.c.person_key.label("record")))


def conversations_per_month(scope: Scope) -> Select[Any]:
    """Gespräche im Zeitraum nach Monat; Kategorie ist der Monat als JJJJ-MM.

    Quelle: eigene Auswertung für den Bericht.
    """
    talks = _Talks(scope)
    month = func.extract("year", talks.talk.c.held_on) * 100 + func.extract("month", talks.talk.c.held_on)
    return counted(scope, talks.events(*talks.itself, category=month), category=True)


def _with_part(scope: Scope, part: Any, column: str) -> Select[Any]:
    talks, parts = _Talks(scope), scope.known(part)
    talks.origin = talks.origin.join(parts, talks.same(parts))
    return counted(scope, talks.events(*talks.itself, category=parts.c[column]), category=True)


class _Talks:
    """Conversations as known, joined with whom they reached where the unit or the figure needs it."""

    def __init__(self, scope: Scope, *, people: bool = False) -> None:
        self.scope = scope
        self.talk = scope.known(conversation)
        self.who = scope.known(conversation_participant)
        self.case = cases(scope)
        self.origin: FromClause = self.talk
        if people or needs_case(scope):
            self.origin = self.origin.join(self.who, self.same(self.who))
        if needs_case(scope):
            case, who = self.case.c, self.who.c
            self.origin = self.origin.join(self.case, and_(case.source == who.source, case.person_key == who.person_key))

    @property
    def itself(self) -> tuple[ColumnElement[Any], ...]:
        """What tells one conversation from another."""
        return self.talk.c.source.label("event_source"), self.talk.c.source_key.label("event")

    def same(self, part: FromClause) -> ColumnElement[bool]:
        return and_(part.c.source == self.talk.c.source, part.c.conversation_key == self.talk.c.source_key)

    def join_outer(self, other: FromClause, on: ColumnElement[bool]) -> None:
        self.origin = self.origin.outerjoin(other, on)

    def events(self, *columns: ColumnElement[Any], category: ColumnElement[Any] | None = None) -> Select[Any]:
        """Those of the period, with their unit, the columns and the category; what has no category is left out."""
        units = unit_columns(
            self.scope,
            self.talk.c.source,
            self.talk.c.staff,
            self.case.c.municipality if needs_case(self.scope) else None,
        )
        if category is None:
            return select(*units, *columns).select_from(self.origin).where(self.scope.within(self.talk.c.held_on))
        events = select(*units, category.label("category"), *columns).select_from(self.origin)
        return events.where(self.scope.within(self.talk.c.held_on), category.is_not(None))
