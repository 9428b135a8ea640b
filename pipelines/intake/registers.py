"""Writes the configuration's registers to the warehouse, and keeps the texts behind each load."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, false

from mappings import (
    catalogue,
    code_lists,
    consent_terms,
    day_limits,
    funding_rules,
    identity,
    related_names,
)
from mappings.grant_register import Grant, GrantRegister, Holding, Member, Post
from mappings.problems import YamlProblems
from mappings.source_mapping import SourceMapping
from mappings.target_group import rule_file
from pipelines.config import Config
from pipelines.funding.register_file import read_register
from pipelines.hub import Hub
from warehouse.ledger.configuration import holds_entries, keep_texts, write_register
from warehouse.schema import (
    carrier,
    counselling_extension,
    funding,
    grant_period,
    interruption,
    municipality,
    post,
    post_holding,
    post_municipality,
    source_register,
    staff,
    staff_member,
    staff_name,
    team,
)


def write_registers(hub: Hub) -> None:
    """Brings the registers in line with the configuration; valid from the next load on.

    Raises NoRight for an account that may not write them, even where nothing has changed: better
    before a run than in the middle of it.
    """
    with hub.store.transaction() as connection:
        # Deletes nothing, but needs the right to.
        connection.execute(delete(team).where(false()))
        for table, rows in _list_registers(hub.config).items():
            write_register(connection, table, rows)


def is_register_current(hub: Hub) -> bool:
    """Whether the newest run knew staff, posts and grants as their file has them now."""
    try:
        tables = _list_grant_registers(read_register(hub.config))
    except YamlProblems:
        return False
    with hub.store.read() as connection:
        return all(holds_entries(connection, table, rows) for table, rows in tables.items())


def keep_configuration(
    connection: Connection, number: int, config: Config, mapping: SourceMapping | None
) -> None:
    """Keeps mapping, code lists and catalogues as they were for this load.

    ``mapping`` None: the load brings nothing.
    """
    read_with = _list_mapping(mapping) if mapping else ()
    keep_texts(connection, number, dict([*read_with, *_list_texts(config)]))


def _list_mapping(mapping: SourceMapping) -> Iterator[tuple[tuple[str, str], str]]:
    yield ("mapping", mapping.name), mapping.text
    if mapping.extended is not None and mapping.file.extends is not None:
        yield ("extended", mapping.file.extends), mapping.extended


def _list_texts(config: Config) -> Iterator[tuple[tuple[str, str], str]]:
    for name, text in code_lists.read_texts().items():
        yield ("codes", name), text
    yield ("codes", "municipality"), _spell_municipalities(config)
    yield ("identity", identity.FILE.stem), identity.read_text()
    yield ("identity", related_names.FILE.stem), related_names.read_text()
    yield ("consents", consent_terms.FILE.stem), consent_terms.read_consent_terms()
    yield ("days", day_limits.FILE.stem), day_limits.read_day_limits()
    if config.days:
        yield ("days", "district"), _write_days(config)
    for name, text in catalogue.read_texts().items():
        yield ("catalogue", name), text
    for name, text in funding_rules.read_texts(_list_own_rules(config)).items():
        yield ("rules", name), text


def _list_own_rules(config: Config) -> Iterator[Path]:
    """The district's own files of rules."""
    own, folder = config.funding, config.path.parent
    yield from (rule_file(name, folder) for name in own.list_rules())
    yield from (path for path in (own.distribution, own.rates) if path)


def _spell_municipalities(config: Config) -> str:
    spelled = {ags: [m.name, *m.also] for ags, m in config.municipalities.items()}
    return json.dumps(spelled, ensure_ascii=False, indent=1)


def _write_days(config: Config) -> str:
    own = {name: limits.model_dump(mode="json") for name, limits in config.days.items()}
    return json.dumps(own, ensure_ascii=False, indent=1)


def _list_registers(config: Config) -> dict[Table, list[dict[str, Any]]]:
    return {
        municipality: [
            {"ags": ags, "name": m.name, "team": m.team} for ags, m in config.municipalities.items()
        ],
        team: [{"name": name} for name in config.teams],
        carrier: [{"key": key, "name": c.name} for key, c in config.carriers.items()],
        source_register: [
            {"source": name, "carrier": s.carrier} for name, s in config.sources.items()
        ],
        **_list_grant_registers(read_register(config)),
    }


def _list_grant_registers(register: GrantRegister) -> dict[Table, list[dict[str, Any]]]:
    return {
        staff: _list_staff(register),
        funding: _list_funding(register),
        grant_period: [_spell_grant(g) for g in register.grants],
        post: [_spell_post(p) for p in register.posts],
        post_municipality: [
            {"post": p.key, "ags": ags}
            for p in register.posts
            for ags in dict.fromkeys(p.municipalities)
        ],
        staff_member: [_spell_member(m) for m in register.staff],
        staff_name: [
            {"source": n.source, "name": n.name, "member": n.staff} for n in register.names
        ],
        post_holding: [_spell_holding(h, register) for h in register.holdings],
        interruption: [
            {"member": i.staff, "begun_on": i.begin, "ended_on": i.end, "reason": i.reason}
            for i in register.interruptions
        ],
        counselling_extension: [
            {"source": e.source, "person_key": e.key, "until": e.until, "reason": e.reason}
            for e in register.extensions
        ],
    }


def _spell_grant(grant: Grant) -> dict[str, Any]:
    return {
        "key": grant.key,
        "line": grant.line,
        "applicant": grant.applicant,
        "begun_on": grant.begin,
        "ended_on": grant.end,
        "amount": grant.amount,
        "evidence_sent_on": grant.evidence_sent,
        "report_sent_on": grant.report_sent,
    }


def _spell_post(one: Post) -> dict[str, Any]:
    return {
        "key": one.key,
        "carrier": one.carrier,
        "grant_key": one.grant,
        "vzae": one.vzae,
        "begun_on": one.begin,
        "ended_on": one.end,
    }


def _spell_member(member: Member) -> dict[str, Any]:
    return {
        "key": member.key,
        "carrier": member.carrier,
        "qualification": member.qualification,
        "hired_on": member.hired,
        "training_begun_on": member.training_begun,
        "training_finished_on": member.training_finished,
    }


def _spell_holding(holding: Holding, register: GrantRegister) -> dict[str, Any]:
    """A holding with the grant of its post, where it names none of its own."""
    of_post = next((p.grant for p in register.posts if p.key == holding.post), None)
    return {
        "member": holding.staff,
        "post": holding.post,
        "begun_on": holding.begin,
        "ended_on": holding.end,
        "vzae": holding.vzae,
        "grant_key": holding.grant or of_post,
        "staff_cost": holding.staff_cost,
        "training_cost": holding.training_cost,
    }


def _list_staff(register: GrantRegister) -> list[dict[str, Any]]:
    qualified = {m.key: m.qualification for m in register.staff}
    return [
        {"source": n.source, "name": n.name, "qualification": qualified.get(n.staff)}
        for n in register.names
    ]


def _list_funding(register: GrantRegister) -> list[dict[str, Any]]:
    """The holdings by the names that sources record; of several from one day the last."""
    held = {
        (name.source, name.name, holding.begin): {
            "source": name.source,
            "name": name.name,
            "funded_from": holding.begin,
            "funded_until": holding.end,
            "vzae": holding.vzae,
            "grant_name": _spell_holding(holding, register)["grant_key"],
        }
        for name in register.names
        for holding in register.holdings
        if holding.staff == name.staff
    }
    return list(held.values())
