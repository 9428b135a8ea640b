"""A report of a period without conversations says so, and which period has some."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from lxml import html
from sqlalchemy import func, select

from connectors.documents.report.coordinator_report import render_report
from connectors.documents.report.report_data import CoordinatorReport
from pipelines.figures.kennzahlen import FigureRequest, open_scope
from pipelines.figures.report_figures import find_newest_talk
from pipelines.hub import Hub
from tests.documents.simulated_documents import report
from tests.figures.reading import text_of
from warehouse.schema import conversation


def overview(shown: CoordinatorReport) -> str:
    """The text of the overview; without what takes time to draw."""
    bare = replace(
        shown, figures=[], coverage_by_municipality=[], coverage_by_team=[], milestones=[]
    )
    tree = html.document_fromstring(render_report(bare))
    (section,) = tree.xpath("//section[@aria-labelledby='ueberblick']")
    return text_of(section)


def test_an_empty_period_names_the_year_that_has_conversations() -> None:
    empty = replace(report(), months={}, newest_talk=date(2019, 12, 17))
    text = overview(empty)
    assert "In diesem Zeitraum liegt kein Gespräch. Das neueste ist vom 17. Dezember 2019." in text
    assert "drehscheibe report --from 2019-01-01 --to 2019-12-31 --out bericht-2019" in text
    assert "liegt kein Gespräch" not in overview(replace(empty, newest_talk=None))
    filled = replace(report(), newest_talk=date(2024, 12, 17))
    assert "liegt kein Gespräch" not in overview(filled)


def test_the_newest_conversation_is_that_of_all_that_is_known(hub: Hub) -> None:
    scope = open_scope(hub, FigureRequest(date(2031, 1, 1), date(2031, 12, 31)), hub.known_at(None))
    known = select(func.max(conversation.c.held_on)).where(conversation.c.known_to.is_(None))
    with hub.store.read() as connection:
        newest = connection.execute(known).scalar_one()
        assert newest is not None and find_newest_talk(connection, scope) == newest
