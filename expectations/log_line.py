"""The outcome as one line of JSON, for what reads logs: alerts and charts of Cloud Logging.

infra/terraform names these fields. `severity` and `message` are Cloud Logging's own. A percentile
of the newest hour is the lowest value that the tenants of that percentage of its events do not
exceed: with one tenant, its own.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from expectations.checkpoint import ALERT, PASS, WARNING, Outcome, as_floats
from expectations.warehouse import Warehouse, measure

if TYPE_CHECKING:
    import pandas as pd

CHECK = "quality_gate"
SEVERITIES = {PASS: "INFO", WARNING: "WARNING", ALERT: "ERROR"}
PERCENTILES = (50, 95, 99)
MOST_FINDINGS = 20
"""A log entry is limited in size; the tables and the page have every finding."""


def line(outcome: Outcome, warehouse: Warehouse, as_of: dt.date | None = None) -> str:
    """The status, the first findings, and the seconds from event to receipt of the newest hour."""
    levels = [finding.level for finding in outcome.findings]
    said: dict[str, Any] = {
        "severity": SEVERITIES[outcome.status],
        "message": f"quality gate: {outcome.status}",
        "check": CHECK,
        "status": outcome.status,
        "warnings": levels.count(WARNING),
        "alerts": levels.count(ALERT),
        "findings": [
            " ".join(filter(None, (one.level, one.suite, one.key, one.column, one.says)))
            for one in outcome.findings[:MOST_FINDINGS]
        ],
    }
    latency = measure(warehouse, "latency", as_of)
    if not latency.empty:
        latency = as_floats(latency, [f"p{of}_latency_seconds" for of in PERCENTILES])
        said["newest_hour"] = latency["received_hour_at"].iloc[0].isoformat()
        said["latency_seconds"] = {f"p{of}": percentile(latency, of) for of in PERCENTILES}
    return json.dumps(said)


def percentile(latency: pd.DataFrame, of: int) -> float:
    """A percentile in seconds, over tenants weighed by their events."""
    ranked = latency.sort_values(f"p{of}_latency_seconds")
    reached = 100 * ranked["events"].cumsum() >= of * ranked["events"].sum()
    return float(ranked.loc[reached, f"p{of}_latency_seconds"].iloc[0])
