"""The assets `intake` and `landing/<source>`: all waiting deliveries, loaded in one step."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from pipelines.config import Config
from pipelines.hub import Hub
from pipelines.intake.delivery_status import answer_balance, closes
from pipelines.intake.freshness import find_obstacles
from pipelines.intake.load_delivery import DeliveryResult
from pipelines.intake.run import run_intake
from pipelines.orchestration.failures import run_or_fail
from pipelines.printable import make_printable
from warehouse.ledger.deliveries import red_sources
from warehouse.schema.states import DeliveryState

INTAKE = dg.AssetKey("intake")
GROUP = "sources"
RED_KEY = "red"

_INTAKE = """All waiting deliveries, landed and loaded in order of date over all sources.

One step for all sources, because a load number marks what was known when: loaded source by source,
an older delivery of the second would come after a newer one of the first, and "as of" a day in
between would be wrong. A source in trouble stops no other; its own asset `warehouse/<source>` is
then red and says why."""

_LOOK = (
    "Die letzte Lieferung liegt nicht ganz im Bestand; "
    "was fehlt, sagt `drehscheibe findings --source {source} --severity rejected`."
)
_CHECK = dg.AssetCheckSpec(
    "balance",
    asset=INTAKE,
    blocking=True,
    description=(
        "Every row and record of every delivery has gone somewhere; otherwise no figure is made."
    ),
)
Result = dg.MaterializeResult[None] | dg.AssetCheckResult


def intake_asset(config: Config) -> dg.AssetsDefinition:
    """The step that loads what waits.

    Its metadata are counts, dates, states and the messages of sources in trouble.
    """
    landings = [_landing_spec(name) for name in config.sources]
    keys = [spec.key for spec in landings]
    whole = dg.AssetSpec(INTAKE, deps=keys, description=_INTAKE, group_name=GROUP)

    @dg.multi_asset(name="intake", specs=[*landings, whole], check_specs=[_CHECK])
    def intake(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        yield from run_or_fail(lambda: _load_all(config, context))

    return intake


def read_red_messages(instance: dg.DagsterInstance) -> dict[str, str]:
    """The sources in trouble after the last intake: source → German sentence."""
    event = instance.get_latest_materialization_event(INTAKE)
    materialization = event.asset_materialization if event else None
    found: Any = materialization.metadata[RED_KEY].value if materialization else {}
    return dict(found)


def _landing_spec(name: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["landing", name],
        skippable=True,
        group_name=GROUP,
        description=(
            f"The bytes of `{name}` as they came, by SHA-256. "
            "Not renewed while its folder cannot be read."
        ),
    )


def _load_all(config: Config, context: dg.AssetExecutionContext) -> list[Result]:
    with Hub(config) as hub:
        results = run_intake(hub, tell=lambda text: context.log.info(make_printable(text)))
        with hub.store.read() as connection:
            red = _red_messages(results, red_sources(connection, config.sources))
        silent = {name: " ".join(texts) for name, texts in find_obstacles(hub).items()}
        balance, last = answer_balance(hub), hub.store.last_load()
    by_source = {name: [r for r in results if r.source == name] for name in config.sources}
    metadata: dict[str, Any] = {
        **_count_states(results),
        "last_load": last,
        "states": {name: _states_by_day(own) for name, own in by_source.items()},
        RED_KEY: red,
        "no_forms_from": silent,
    }
    checked = dg.AssetCheckResult(
        passed=closes(balance),
        check_name=_CHECK.name,
        asset_key=INTAKE,
        metadata={"deliveries": len(balance.deliveries)},
    )
    whole: Result = dg.MaterializeResult(asset_key=INTAKE, metadata=metadata)
    return [*_landing_results(by_source), whole, checked]


def _landing_results(by_source: Mapping[str, Sequence[DeliveryResult]]) -> Iterator[Result]:
    """The landing of each source whose folder could be read."""
    for name, own in by_source.items():
        if not any(r.state is DeliveryState.UNREACHABLE for r in own):
            yield dg.MaterializeResult(asset_key=["landing", name], metadata=_count_states(own))


def _states_by_day(results: Sequence[DeliveryResult]) -> dict[str, str]:
    return {r.delivered_on.isoformat(): r.state.value for r in results}


def _red_messages(results: Sequence[DeliveryResult], before: Mapping[str, str]) -> dict[str, str]:
    """The message of each source in trouble: of this intake, or else the one in the ledger."""
    messages = {name: message or _LOOK.format(source=name) for name, message in before.items()}
    now: dict[str, list[str]] = defaultdict(list)
    for result in results:
        if result.state.is_red and result.message:
            now[result.source].append(f"{result.delivered_on:%d.%m.%Y}: {result.message}")
    messages |= {name: " ".join(texts) for name, texts in now.items()}
    return {name: make_printable(message) for name, message in messages.items()}


def _count_states(results: Sequence[DeliveryResult]) -> dict[str, int]:
    states = [r.state for r in results]
    return {
        "deliveries": len(results),
        "new": states.count(DeliveryState.LOADED) + states.count(DeliveryState.INCOMPLETE),
        "known": states.count(DeliveryState.KNOWN),
        "still_growing": states.count(DeliveryState.GROWING),
        "in_trouble": sum(state.is_red for state in states),
    }
