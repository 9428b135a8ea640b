"""The asset `identity`: how many persons the records belong to, and that none is left out."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
from sqlalchemy import func, select

from pipelines.config import Config
from pipelines.hub import Hub
from pipelines.orchestration.failures import run_or_fail
from pipelines.orchestration.intake_assets import INTAKE
from warehouse.identity.person_links import count_unlinked
from warehouse.schema import person_link

IDENTITY = dg.AssetKey("identity")

_CHECK = dg.AssetCheckSpec(
    "everyone_linked",
    asset=IDENTITY,
    blocking=True,
    description=(
        "Every person record belongs to a person; "
        "otherwise persons would be missing from the figures."
    ),
)


def identity_asset(config: Config) -> dg.AssetsDefinition:
    """Counts the links made by the loads of the intake."""

    @dg.multi_asset(
        name="identity",
        specs=[
            dg.AssetSpec(
                IDENTITY,
                deps=[INTAKE],
                group_name="persons",
                description=(
                    "Which records are one human being, renewed with every load; "
                    "here counted and checked."
                ),
            )
        ],
        check_specs=[_CHECK],
    )
    def identity() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        records, persons, links, alone = run_or_fail(lambda: _count_persons(config))
        metadata = {"records": records, "persons": persons, "links": links}
        yield dg.MaterializeResult(asset_key=IDENTITY, metadata=metadata)
        yield dg.AssetCheckResult(
            passed=alone == 0,
            asset_key=IDENTITY,
            check_name=_CHECK.name,
            metadata={"without_person": alone},
        )

    return identity


def _count_persons(config: Config) -> tuple[int, int, int, int]:
    link = person_link.c
    counts = select(func.count(), func.count(link.person_id.distinct()), func.count(link.linked_to))
    with Hub(config) as hub, hub.store.read() as connection:
        records, persons, links = connection.execute(counts.where(link.known_to.is_(None))).one()
        return records, persons, links, count_unlinked(connection)
