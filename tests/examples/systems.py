"""The recount per system: which column is which; reading and counting are in recount.py."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.examples.recount import TOPIC_HEADS, Recount, Table, code, sheet, split, text_file, xml

Tables = dict[tuple[str, str], Table]


def count_all(
    exports: Path, delivery: date, first: date, last: date
) -> tuple[dict[str, int], Tables]:
    """Figures over all sources of one delivery, and every table by (file, table)."""
    total, tables = Recount(first, last), Tables()
    for source, reader in (
        ("enaio", enaio),
        ("jobkraftwerk", jobkraftwerk),
        ("tau", tau),
        ("workbook", workbook),
    ):
        folder = exports / source / delivery.isoformat()
        if folder.is_dir():
            tables |= reader(folder, total)
    return total.finished(), tables


def enaio(folder: Path, total: Recount) -> Tables:
    keys = (
        ("Person", "Personennummer", None),
        ("Beratung", "Beratungsnummer", "Datum"),
        ("Ziel", "Zielnummer", None),
        ("Integrationsplan", "Plannummer", None),
        ("Einwilligung", "Einwilligungsnummer", None),
    )
    tables = {
        (f"{name}.xml", name): xml(folder / f"{name}.xml", key, dated) for name, key, dated in keys
    }
    for row in tables["Person.xml", "Person"].rows:
        if total.case(row["Betreuung_von"], row["Betreuung_bis"]) and row["Unterbringung"]:
            total.count[f"clients_by_housing:{code('housing', row['Unterbringung'])}"] += 1
    for row in tables["Beratung.xml", "Beratung"].rows:
        setting = code("setting", row["Einzel_Familie"]) or ""
        topics, referrals = row["Themen"].split("|"), row["Weiterleitung"].split("|")
        total.talk(
            "enaio", row["Datum"], setting, topics, referrals, row["Personennummern"].split("|")
        )
        if total.within(row["Datum"]):
            total.count[f"conversations_by_kind:{code('kind', row['Gespraechsart'])}"] += 1
    for row in tables["Integrationsplan.xml", "Integrationsplan"].rows:
        total.count["plans_concluded"] += total.within(row["Abschlussdatum"])
    for row in tables["Ziel.xml", "Ziel"].rows:
        total.count["goals_reached"] += row["Status"].lower() == "erreicht" and total.within(
            row["Erreicht_am"]
        )
    return tables


def jobkraftwerk(folder: Path, total: Recount) -> Tables:
    file = "jobkraftwerk-export.xlsx"
    keys = (
        ("Profile", "Profil-ID", None),
        ("Beratungsgespräche", "Gespräch-ID", "Datum"),
        ("Integrationspläne", "Plan-ID", None),
    )
    tables = {(file, name): sheet(folder / file, name, key, dated) for name, key, dated in keys}
    for row in tables[file, "Profile"].rows:
        if total.case(row["Angelegt am"], "") and row["Staatsangehörigkeit"]:
            total.count[f"nationality:{code('nationality', row['Staatsangehörigkeit'])}"] += 1
            total.count[f"sex:{code('sex', row['Geschlecht'])}"] += 1
    for row in tables[file, "Beratungsgespräche"].rows:
        setting = code("setting", row["Gesprächsart"]) or ""
        topics, referrals = split(row["Themen"]), split(row["Weiterleitung an"])
        total.talk(
            "jobkraftwerk", row["Datum"], setting, topics, referrals, split(row["Profil-ID"])
        )
    plans = {}
    for row in tables[file, "Integrationspläne"].rows:
        plans[row["Plan-ID"]] = total.within(row["Erstellt am"])
        total.count["goals_reached"] += row["Status"].lower() == "erreicht" and total.within(
            row["Erreicht am"]
        )
    total.count["plans_concluded"] += sum(plans.values())
    return tables


def tau(folder: Path, total: Recount) -> Tables:
    keys = (
        ("Klienten", "KlientNr", None),
        ("Kontakte", "KontaktNr", "Datum"),
        ("Ziele", "ZielNr", None),
    )
    tables = {
        (f"{name}.csv", name): text_file(folder / f"{name}.csv", key, dated)
        for name, key, dated in keys
    }
    for row in tables["Klienten.csv", "Klienten"].rows:
        total.case(row["Betreuung_von"], row["Betreuung_bis"])
    contacts: dict[str, list[dict[str, str]]] = {}
    for row in tables["Kontakte.csv", "Kontakte"].rows:
        contacts.setdefault(row["KontaktNr"], []).append(row)
    for first, *others in contacts.values():
        setting = code("setting", first["Einzel_Familie"]) or ""
        topics = [row["Thema"] for row in (first, *others)]
        total.talk(
            "tau", first["Datum"], setting, topics, [first["Weiterleitung"]], [first["KlientNr"]]
        )
    for row in tables["Ziele.csv", "Ziele"].rows:
        total.count["goals_reached"] += row["Status"].lower() == "erreicht" and total.within(
            row["Ende"]
        )
    return tables


def workbook(folder: Path, total: Recount) -> Tables:
    tables = {}
    for path in sorted(folder.glob("*.xlsx")):
        clients = tables[path.name, "Klienten"] = sheet(path, "Klienten", "Klienten-Nr.", None, 5)
        talks = tables[path.name, "Gespräche"] = sheet(
            path, "Gespräche", "Gesprächs-Nr.", "Datum", 5
        )
        for row in clients.rows:
            total.case(row["Betreuung von"], row["Betreuung bis"])
        for row in talks.rows:
            setting = "einzelperson" if row["Familie"] == "Nein" else "familie"
            topics = [head for head in TOPIC_HEADS if row[head] in ("x", "X", "Ja")]
            keys = row["Klienten-Nr."].split(", ")
            total.talk("workbook", row["Datum"], setting, topics, [row["Weiterleitung an"]], keys)
    return tables
