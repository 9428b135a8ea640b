"""What the fake enaio answers: DMS searches in an envelope, OSRest searches and stored queries as bare lists of strings."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Any, Literal

from tests.fakes.enaio.faults import STACK_TRACE, Answer
from tests.fakes.enaio.holdings import Held, Holdings, Table
from tests.fakes.enaio.statements import NotUnderstood, understood

JSON = {"Content-Type": "application/json;charset=UTF-8"}


@dataclass(frozen=True)
class Answered:
    """An answer and what was asked, for the log: ``data``, ``ids``, ``deleted``, ``probe``; the type; where the page begins."""

    answer: Answer
    what: str = "other"
    type: str = ""
    skip: int = 0


def _sent(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), JSON)


def serviceinfo() -> Answered:
    return Answered(_sent({"serviceName": "osrest", "version": "10.10.140"}), "serviceinfo")


def dms_search(
    question: Any, holdings: Holdings, totals: Literal["exact", "lookahead"], most: int
) -> Answered:
    """``POST /api/dms/objects/search``; ``most`` bounds the page as a server may."""
    try:
        query = question["query"]
        statement = understood(query["statement"], query.get("parameters", {}), holdings)
        skip, size = int(query.get("skipCount", 0)), min(int(query["maxItems"]), most)
    except (NotUnderstood, KeyError, TypeError, ValueError):
        return Answered(_sent({"message": "invalid query", "errorCode": "DMS-400"}, 400))
    options = query.get("options", {})
    deleted = query.get("handleDeletedDocuments") == "DELETED_DOCUMENTS_ONLY"
    found = [held for held in holdings.of(statement.type, deleted=deleted) if statement.fits(held)]
    page = found[skip : skip + size]
    total = len(found) if totals == "exact" else min(len(found), skip + size + 1)
    objects = [
        _dms(held, statement.columns, bool(options.get("IncludeNullValues")), holdings)
        for held in page
    ]
    value = {
        "objects": objects,
        "numItems": len(page),
        "totalNumItems": total,
        "hasMoreItems": len(found) > skip + size,
    }
    wide = [column for column in statement.columns if column != "system:objectId"]
    what = "deleted" if deleted else ("data" if wide else "ids")
    return Answered(_sent(value), what, statement.type, skip)


def _dms(held: Held, columns: tuple[str, ...], nulls: bool, holdings: Holdings) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "system:objectId": {"value": held.id},
        "system:objectTypeId": {"value": holdings.numbers[held.type], "localName": held.type},
        "system:baseTypeId": {"value": "system:document"},
    }
    for column in columns:
        value = held.value(column)
        if isinstance(value, Table):
            properties[column] = {"columnNames": list(value.columns), "value": value.rows}
        elif value is not None or nulls:
            properties[column] = {"value": value}
    streams = [
        {
            "contentStreamId": "c1",
            "fileName": "plan.pdf",
            "mimeType": "application/pdf",
            "length": 51234,
        }
    ]
    return {"properties": properties, **({"contentStreams": streams} if held.files else {})}


def osrest_search(question: Any, params: dict[str, str], holdings: Holdings, most: int) -> Answered:
    """``POST /osrest/api/documents/search``: an empty internal name is answered with 500 and a stack trace, as enaio does."""
    try:
        query = question["query"]
        schema = query.get("result_config", {}).get("fieldsschema", [])
        type_ = next(
            name for name, number in holdings.numbers.items() if number == query["objectTypeId"]
        )
    except (KeyError, TypeError, AttributeError, StopIteration):
        return Answered(
            _sent({"ErrorType": "PARAMETER_ERROR", "HttpStatusCode": "Bad Request - [400]"}, 400)
        )
    if any(not column.get("internalName") for column in schema):
        return Answered(Answer(500, STACK_TRACE, JSON))
    if any(column["internalName"] not in holdings.types[type_] for column in schema):
        return Answered(
            _sent({"ErrorType": "PARAMETER_ERROR", "HttpStatusCode": "Bad Request - [400]"}, 400)
        )
    what = "ids" if len(schema) == 1 and len(holdings.types[type_]) > 1 else "data"
    config = query.get("result_config", {})
    given = {key: str(config[key]) for key in ("pagesize", "offset") if key in config}
    return _osrest_page(what, type_, query.get("fields", {}), {**given, **params}, holdings, most)


def stored_query(
    number: str, question: Any, params: dict[str, str], holdings: Holdings, most: int
) -> Answered:
    """``POST /osrest/api/documents/storedqueries/{id}``."""
    if number not in holdings.stored_queries:
        return Answered(_sent({"ErrorType": "NOT_FOUND"}, 404))
    fields = question.get("fields", {}) if isinstance(question, dict) else {}
    return _osrest_page("data", holdings.stored_queries[number], fields, params, holdings, most)


def _osrest_page(
    what: str, type_: str, fields: Any, params: dict[str, str], holdings: Holdings, most: int
) -> Answered:
    size = min(int(params.get("pagesize", "50")), most)
    skip = int(params["page"]) * size if "page" in params else int(params.get("offset", "0"))
    found = [
        held
        for held in holdings.of(type_)
        if all(str(held.value(k)) == v["value"] for k, v in fields.items())
    ]
    page = [
        _osrest(held, holdings, params.get("timestamps") == "true")
        for held in found[skip : skip + size]
    ]
    return Answered(_sent(page), what, type_, skip)


def _osrest(held: Held, holdings: Holdings, timestamps: bool) -> dict[str, Any]:
    simple = [c for c in holdings.types[held.type] if not isinstance(held.value(c), Table)]
    tables = [
        (c, held.value(c)) for c in holdings.types[held.type] if isinstance(held.value(c), Table)
    ]
    return {
        # a number here and a text there, as the clients have met it
        "osid": int(held.id) if int(held.id) % 2 else held.id,
        "objectTypeId": int(holdings.numbers[held.type]),
        "objectType": "DOCUMENT",
        "internalName": held.type,
        "ecmSimpleFields": [
            {"internalName": c, "type": "TEXT", "value": _string(held.value(c), timestamps)}
            for c in simple
        ],
        "ecmTableFields": [
            {
                "internalName": name,
                "columns": [{"internalName": c, "type": "TEXT"} for c in table.columns],
                "value": [
                    {
                        "ecmSimpleFields": [
                            {"internalName": c, "value": v}
                            for c, v in zip(table.columns, row, strict=True)
                        ]
                    }
                    for row in table.rows
                ],
            }
            for name, table in tables
        ],
        "baseParameters": [],
        "systemFields": [],
    }


def _string(value: Any, timestamps: bool) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return "|".join(value)
    try:
        day = datetime.datetime.strptime(str(value), "%d.%m.%Y").replace(tzinfo=datetime.UTC)
    except ValueError:
        return "" if value is None else str(value)
    return str(int(day.timestamp() * 1000)) if timestamps else str(value)
