"""The assets `warehouse/<source>`: how each source stands after the intake, with its checks; red where it is in trouble."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from pipelines.config import Config
from pipelines.hub import Hub
from pipelines.intake.delivery_status import answer_balance, answer_status, closes
from pipelines.orchestration.failures import run_or_fail
from pipelines.orchestration.intake_assets import GROUP, INTAKE, told_red
from warehouse.ledger.deliveries import RECORD_COUNTS, ROW_COUNTS

# Some unusable rows are daily life; a tenth of a delivery speaks for an export that was changed.
MOST_REJECTED = 0.1


def source_asset(config: Config, name: str) -> dg.AssetsDefinition:
    """The asset of one source. It is fed by the intake and only tells, so that its failing stops nothing else."""
    key = dg.AssetKey(["warehouse", name])

    @dg.multi_asset(
        name=f"warehouse_{name}",
        specs=[
            dg.AssetSpec(
                key,
                deps=[INTAKE],
                group_name=GROUP,
                description=f"What the warehouse knows from `{name}`. Red while its newest delivery is not wholly in it.",
            )
        ],
        check_specs=_check_specs(config, name, key),
    )
    def warehouse(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        trouble = told_red(context.instance).get(name)
        checks, metadata = run_or_fail(lambda: _examine_source(config, name, trouble))
        yield from checks
        # Only now: a check that belongs to a failed step would not run at all.
        if trouble is not None:
            raise dg.Failure(f"{name}: {trouble}", allow_retries=False)
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return warehouse


def _check_specs(config: Config, name: str, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    every = config.sources[name].expect_every_days
    texts = {
        "balance": "read = used + rejected + repeated + left out; known before + new - gone = known after",
        "taken_whole": "the newest delivery lies wholly in the warehouse",
        "rejected_rows": f"at most {MOST_REJECTED:.0%} of the rows of the newest delivery were rejected",
    }
    if every:
        texts["freshness"] = f"a delivery is expected every {every} days"
    return [dg.AssetCheckSpec(check, asset=key, description=text) for check, text in texts.items()]


def _examine_source(
    config: Config, name: str, trouble: str | None
) -> tuple[list[dg.AssetCheckResult], dict[str, Any]]:
    with Hub(config) as hub:
        line = answer_status(hub, [name], date.today()).sources[0]
        told = answer_balance(hub, [name])
    loaded = [d for d in told.deliveries if d.load is not None]
    tables = loaded[-1].tables if loaded else []
    rows = {count: sum(getattr(t, count) for t in tables) for count in ROW_COUNTS}
    records = {
        count: sum(getattr(r, count) for t in tables for r in t.records.values())
        for count in RECORD_COUNTS
    }
    share = rows["rejected"] / rows["read"] if rows["read"] else 0.0
    warn = dg.AssetCheckSeverity.WARN
    checks = [
        _check_result(name, "balance", closes(told), {"deliveries": len(told.deliveries)}),
        _check_result(name, "taken_whole", trouble is None, {}, description=trouble),
        _check_result(
            name, "rejected_rows", share <= MOST_REJECTED, {"share": round(share, 4)}, warn
        ),
    ]
    if config.sources[name].expect_every_days:
        checks.append(
            _check_result(name, "freshness", not line.overdue, {"age_days": line.age_days}, warn)
        )
    last = line.last_delivery.isoformat() if line.last_delivery else None
    findings = {severity.value: count for severity, count in line.open_findings.items()}
    return checks, {"last_delivery": last, "last_load": line.load, **findings, **rows, **records}


def _check_result(
    name: str,
    check: str,
    passed: bool,
    metadata: dict[str, Any],
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
