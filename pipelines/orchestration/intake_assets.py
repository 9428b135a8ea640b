"""The asset `intake` with `landing/<source>`: all that waits is taken, in order of date over all sources. Judging a source is not here."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.config import Config
from pipelines.hub import Hub
from pipelines.intake.delivery_status import answer_balance, closes
from pipelines.intake.load_delivery import DeliveryResult
from pipelines.intake.run import red_sources, run_intake
from pipelines.orchestration.failures import run_or_fail
from warehouse.schema.states import DeliveryState

INTAKE = dg.AssetKey("intake")
GROUP = "sources"
RED_KEY = "red"

_INTAKE = """Everything that waits in the folders, landed and loaded in order of date over all sources.

One step for all sources, because a load number tells what was known when: were the sources taken one after the other,
an older delivery of the second would come after a newer one of the first, and "as of" a day in between would be wrong.
A source in trouble stops no other; its own asset `warehouse/<source>` is then red and says why."""

_LOOK = "Die letzte Lieferung liegt nicht ganz im Bestand; was fehlt, sagt `drehscheibe findings --source {source} --severity rejected`."


def intake_asset(config: Config) -> dg.AssetsDefinition:
    """The step that takes what waits; its metadata are counts, dates, states and the sentences about sources in trouble."""
    landings = [_landing_spec(name) for name in config.sources]
    whole = dg.AssetSpec(
        INTAKE, deps=[spec.key for spec in landings], description=_INTAKE, group_name=GROUP
    )
    check = dg.AssetCheckSpec(
        "balance",
        asset=INTAKE,
        blocking=True,
        description="Every row and record of every delivery has gone somewhere; otherwise no figure is made.",
    )

    @dg.multi_asset(name="intake", specs=[*landings, whole], check_specs=[check])
    def intake(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        yield from run_or_fail(lambda: _take_in(config, context))

    return intake


def told_red(instance: dg.DagsterInstance) -> dict[str, str]:
    """What the last intake said of sources in trouble: source → German sentence."""
    event = instance.get_latest_materialization_event(INTAKE)
    materialization = event.asset_materialization if event else None
    found: Any = materialization.metadata[RED_KEY].value if materialization else {}
    return dict(found)


def _landing_spec(name: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["landing", name],
        skippable=True,
        group_name=GROUP,
        description=f"The bytes of `{name}` as they came, by SHA-256. Not renewed while its folder cannot be read.",
    )


def _take_in(
    config: Config, context: dg.AssetExecutionContext
) -> list[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    with Hub(config) as hub:
        results = run_intake(hub, tell=context.log.info)
        red = _red_messages(results, red_sources(hub))
        by_source = {name: [r for r in results if r.source == name] for name in config.sources}
        told = answer_balance(hub)
        last = hub.store.last_load()
    landed: list[dg.MaterializeResult[None]] = [
        dg.MaterializeResult(asset_key=["landing", name], metadata=_count_states(mine))
        for name, mine in by_source.items()
        if not any(r.state is DeliveryState.UNREACHABLE for r in mine)
    ]
    states = {
        name: {r.delivered_on.isoformat(): r.state.value for r in mine}
        for name, mine in by_source.items()
    }
    metadata: dict[str, Any] = {
        **_count_states(results),
        "last_load": last,
        "states": states,
        RED_KEY: red,
    }
    checked = dg.AssetCheckResult(
        passed=closes(told),
        check_name="balance",
        asset_key=INTAKE,
        metadata={"deliveries": len(told.deliveries)},
    )
    return [*landed, dg.MaterializeResult(asset_key=INTAKE, metadata=metadata), checked]


def _red_messages(results: list[DeliveryResult], before: dict[str, str]) -> dict[str, str]:
    """What to tell of each source in trouble: what was seen now, or else what the ledger remembers."""
    told = {source: message or _LOOK.format(source=source) for source, message in before.items()}
    now: dict[str, list[str]] = {}
    for taken in results:
        if taken.state.is_red and taken.message:
            now.setdefault(taken.source, []).append(
                f"{taken.delivered_on:%d.%m.%Y}: {taken.message}"
            )
    return told | {source: " ".join(messages) for source, messages in now.items()}


def _count_states(results: list[DeliveryResult]) -> dict[str, int]:
    states = [r.state for r in results]
    return {
        "deliveries": len(results),
        "new": states.count(DeliveryState.LOADED) + states.count(DeliveryState.INCOMPLETE),
        "known": states.count(DeliveryState.KNOWN),
        "still_growing": states.count(DeliveryState.GROWING),
        "in_trouble": sum(state.is_red for state in states),
    }
