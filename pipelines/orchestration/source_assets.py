"""The assets `warehouse/<source>`: the state of each source after the intake, with checks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from pipelines.config import Config
from pipelines.hub import Hub
from pipelines.intake.delivery_status import answer_balance, answer_status, closes
from pipelines.orchestration.failures import run_or_fail
from pipelines.orchestration.intake_assets import GROUP, INTAKE, read_red_messages
from warehouse.ledger.deliveries import RECORD_COUNTS, ROW_COUNTS, TableBalance

WARN = dg.AssetCheckSeverity.WARN
# Some unusable rows are usual; more than a tenth suggests that the export was changed.
MOST_REJECTED = 0.1


def source_asset(config: Config, name: str) -> dg.AssetsDefinition:
    """The asset of one source, red while it is in trouble; its failing stops nothing else."""
    key = dg.AssetKey(["warehouse", name])
    text = f"What the warehouse knows from `{name}`."
    red = "Red while its newest delivery is not wholly in it."
    spec = dg.AssetSpec(key, deps=[INTAKE], group_name=GROUP, description=f"{text} {red}")

    @dg.multi_asset(
        name=f"warehouse_{name}", specs=[spec], check_specs=_check_specs(config, name, key)
    )
    def warehouse(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        trouble = read_red_messages(context.instance).get(name)
        checks, metadata = run_or_fail(lambda: _examine_source(config, name, trouble))
        yield from checks
        # After the checks: those of a failed step would not run at all.
        if trouble is not None:
            raise dg.Failure(f"{name}: {trouble}", allow_retries=False)
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return warehouse


def _check_specs(config: Config, name: str, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    every = config.sources[name].expect_every_days
    texts = {
        "balance": (
            "read = used + rejected + repeated + left out; known before + new - gone = known after"
        ),
        "taken_whole": "the newest delivery lies wholly in the warehouse",
        "rejected_rows": (
            f"at most {MOST_REJECTED:.0%} of the rows of the newest delivery were rejected"
        ),
    }
    if every:
        texts["freshness"] = f"a delivery is expected every {every} days"
    return [dg.AssetCheckSpec(check, asset=key, description=text) for check, text in texts.items()]


def _examine_source(
    config: Config, name: str, trouble: str | None
) -> tuple[list[dg.AssetCheckResult], dict[str, Any]]:
    with Hub(config) as hub:
        status = answer_status(hub, [name], None).sources[0]
        balance = answer_balance(hub, [name])
    loaded = [d for d in balance.deliveries if d.load is not None]
    counts = _count_rows(loaded[-1].tables if loaded else [])
    checks = [
        _check_result(name, "balance", closes(balance), {"deliveries": len(balance.deliveries)}),
        _check_result(name, "taken_whole", trouble is None, {}, description=trouble),
        _check_rejected(name, counts),
    ]
    if config.sources[name].expect_every_days:
        age = {"age_days": status.age_days}
        checks.append(_check_result(name, "freshness", not status.overdue, age, WARN))
    last = status.last_delivery.isoformat() if status.last_delivery else None
    findings = {severity.value: count for severity, count in status.open_findings.items()}
    return checks, {"last_delivery": last, "last_load": status.load, **findings, **counts}


def _count_rows(tables: Sequence[TableBalance]) -> dict[str, int]:
    """The rows of the tables, and the records made of them, by what became of them."""
    records = [r for table in tables for r in table.records.values()]
    return {
        **{count: sum(getattr(t, count) for t in tables) for count in ROW_COUNTS},
        **{count: sum(getattr(r, count) for r in records) for count in RECORD_COUNTS},
    }


def _check_rejected(name: str, counts: Mapping[str, int]) -> dg.AssetCheckResult:
    share = counts["rejected"] / counts["read"] if counts["read"] else 0.0
    passed = share <= MOST_REJECTED
    return _check_result(name, "rejected_rows", passed, {"share": round(share, 4)}, WARN)


def _check_result(
    name: str,
    check: str,
    passed: bool,
    metadata: Mapping[str, Any],
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
    description: str | None = None,
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=passed,
        asset_key=dg.AssetKey(["warehouse", name]),
        check_name=check,
        severity=severity,
        metadata=metadata,
        description=description,
    )
