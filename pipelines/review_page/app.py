"""Answers the requests of the review page: pairs, two records side by side, decisions, undo."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from mappings.engine.clean import clean_line
from pipelines.failures import Failure, translate_error
from pipelines.figures.identity_review import list_review
from pipelines.figures.impact_sentences import describe_impact
from pipelines.hub import Hub
from pipelines.intake.identity_decisions import (
    MadeDecision,
    decide_pair,
    read_record_name,
    undo_decision,
)
from pipelines.orchestration.page_guard import PageGuard
from pipelines.review_page.record_view import PairView, view_pair
from warehouse.identity.decisions import Verdict, name_record
from warehouse.identity.waiting_pairs import list_waiting

_FOLDER = Path(__file__).parent
_FILES = {
    "page.html": "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
}
_COOKIE = "drehscheibe_review"
# Nothing from anywhere else, nothing kept by the browser.
_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'"
    ),
}


class _Decision(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    a: str = Field(max_length=500)
    b: str = Field(max_length=500)
    verdict: Literal["same", "different", "unsure"]
    reason: Annotated[str, AfterValidator(clean_line), Field(min_length=1, max_length=1000)]
    shown: str = Field(max_length=100)


class _Undo(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    number: int


class ReviewPage:
    """The page of one reviewer; ``token`` opens it once, for one browser.

    ``open_hub`` opens the hub for one answer, so that a nightly run is not locked out meanwhile.
    """

    _is_opened = False

    def __init__(self, open_hub: Callable[[], Hub], by: str) -> None:
        self.token = secrets.token_urlsafe(32)
        self._session = secrets.token_urlsafe(32)
        self._open_hub, self._by = open_hub, by
        # One after the other: each opens the warehouse, and a file has one writer.
        self._turn = Lock()

    def build_app(self) -> PageGuard:
        """The application behind the guard that refuses other hosts and origins."""
        routes = [
            Route("/", self._open, methods=["GET"]),
            Route("/pairs", self._guarded(self._list_pairs), methods=["GET"]),
            Route("/pair", self._guarded(self._view_pair), methods=["GET"]),
            Route("/decide", self._guarded(self._decide), methods=["POST"]),
            Route("/undo", self._guarded(self._undo), methods=["POST"]),
            *(Route(f"/{name}", self._guarded(_serve_file(name))) for name in _FILES),
        ]
        return PageGuard(Starlette(routes=routes))

    def _open(self, request: Request) -> Response:
        token = request.query_params.get("token")
        if token is not None:
            return self._admit(token)
        if not self._is_admitted(request):
            return _refuse()
        return _read_file("page.html")

    def _admit(self, token: str) -> Response:
        with self._turn:
            if self._is_opened or not hmac.compare_digest(token.encode(), self.token.encode()):
                return _refuse()
            self._is_opened = True
        answer = RedirectResponse("/", status_code=303, headers=_HEADERS)
        answer.set_cookie(_COOKIE, self._session, httponly=True, samesite="strict")
        return answer

    def _is_admitted(self, request: Request) -> bool:
        given = request.cookies.get(_COOKIE, "")
        return hmac.compare_digest(given.encode(), self._session.encode())

    def _guarded(self, answer: Callable[[Request, bytes], Response]) -> Any:
        async def answer_admitted(request: Request) -> Response:
            if not self._is_admitted(request):
                return _refuse()
            body = await request.body()
            return await run_in_threadpool(self._answer_in_turn, answer, request, body)

        return answer_admitted

    def _answer_in_turn(
        self, answer: Callable[[Request, bytes], Response], request: Request, body: bytes
    ) -> Response:
        with self._turn:
            try:
                return answer(request, body)
            except ValidationError:
                return _tell("Die Anfrage ist nicht verständlich.", 400)
            except Failure as failure:
                return _tell(str(failure), 409)
            except Exception as error:
                known = translate_error(error)
                # What is not known may quote a value.
                return _tell(str(known) if known else "Es ging nicht; siehe doctor.", 500)

    def _list_pairs(self, request: Request, body: bytes) -> Response:
        with self._open_hub() as hub:
            pairs = [
                vars(pair) | {"impact": describe_impact(hub, pair.impact)}
                for pair in list_review(hub)
            ]
        return _json({"pairs": pairs})

    def _view_pair(self, request: Request, body: bytes) -> Response:
        one, other = (read_record_name(request.query_params.get(n, "")) for n in "ab")
        with self._open_hub() as hub:
            return _answer_pair(view_pair(hub, one, other))

    def _decide(self, request: Request, body: bytes) -> Response:
        said = _Decision.model_validate_json(body)
        with self._open_hub() as hub:
            verdict, shown = Verdict(said.verdict), said.shown
            made = decide_pair(hub, said.a, said.b, verdict, said.reason, self._by, shown=shown)
            return _answer_made(hub, made)

    def _undo(self, request: Request, body: bytes) -> Response:
        said = _Undo.model_validate_json(body)
        with self._open_hub() as hub:
            made = undo_decision(hub, [str(said.number)], "auf der Prüfseite", self._by)
            return _answer_made(hub, made)


def _answer_made(hub: Hub, made: MadeDecision) -> Response:
    """The decision, and the pairs that still wait: it may settle others by way of a third record."""
    with hub.store.read() as connection:
        waiting = [list(map(name_record, pair.pair)) for pair in list_waiting(connection)]
    return _json({"number": made.number, "changed": made.changed, "waiting": waiting})


def _serve_file(name: str) -> Callable[[Request, bytes], Response]:
    return lambda request, body: _read_file(name)


def _read_file(name: str) -> Response:
    return Response((_FOLDER / name).read_bytes(), media_type=_FILES[name], headers=_HEADERS)


def _answer_pair(found: PairView | None) -> Response:
    if found is None:
        return _tell("Einen der Datensätze gibt es nicht mehr.", 404)
    values = [vars(value) for value in found.values]
    return _json(
        {"a": vars(found.a), "b": vars(found.b), "values": values, "shown": found.versions}
    )


def _json(answer: Mapping[str, Any]) -> Response:
    return JSONResponse(answer, headers=_HEADERS)


def _tell(sentence: str, status: int) -> Response:
    return JSONResponse({"message": sentence}, status_code=status, headers=_HEADERS)


def _refuse() -> Response:
    text = "Diese Adresse gilt nicht (mehr). Bitte neu starten: drehscheibe identity review --page"
    return PlainTextResponse(text, status_code=403, headers=_HEADERS)
