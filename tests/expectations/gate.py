"""METRICS' rule for the gate in plain Python: its window, its measures, its outcome.

The independent judge of `queries/ingestion.sql`. Hours are the judge's rows of
`event_quality_hourly`; this is the one place where tests of the gate import the judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from tests.judge import Seeds, flagged, load_seeds
from tests.judge.events import Event, judge
from tests.judge.quality import event_quality_hourly
from tests.judge.rounding import instant

__all__ = ["Event", "hours_of", "instant", "judge", "measures", "outcome", "window"]

SEEDS = Path(__file__).parents[2] / "seeds"
ALL = "(all)"
Row = dict[str, Any]
Measures = dict[str, Any]


def hours_of(landed: Iterable[Event], as_of: date) -> list[Row]:
    """The quality of each tenant and hour of receipt, by the seeds as they are."""
    seeds = _seeds()
    anonymous = flagged(seeds["event_catalog"], "is_anonymous")
    return list(event_quality_hourly(landed, anonymous, seeds["quality_score_rules"], as_of))


@cache
def _seeds() -> Seeds:
    return load_seeds(SEEDS)


def window(hours: Iterable[Row], as_of: date) -> list[Row]:
    """The 24 hours up to the newest hour of receipts at or before the end of `as_of`."""
    known = [row for row in hours if _hour(row).date() <= as_of]
    newest = max((_hour(row) for row in known), default=None)
    return [row for row in known if newest and _hour(row) > newest - timedelta(hours=24)]


def _hour(row: Row) -> datetime:
    return datetime.fromisoformat(row["received_hour_at"])


def measures(judged: Iterable[Row]) -> dict[str, Measures]:
    """What is held against the thresholds: by tenant, and for all of them."""
    slices: dict[str, list[Row]] = defaultdict(list)
    for row in judged:
        slices[row["tenant_id"]].append(row)
        slices[ALL].append(row)
    return {name: _measure(rows) for name, rows in slices.items()}


def _measure(rows: list[Row]) -> Measures:
    def total(column: str) -> int:
        return sum(int(row[column]) for row in rows)

    events, expected = total("events"), total("user_expected_events")
    drifts = [row for row in rows if row["avg_drift_seconds"] is not None]
    return {
        "events": events,
        "schema_valid_pct": Fraction(100 * (events - total("rejected_events")), events),
        "duplicate_pct": Fraction(100 * total("duplicate_events"), events),
        "missing_user_pct": Fraction(100 * total("missing_user_events"), expected or 1),
        "avg_drift_seconds": sum(
            Fraction(row["avg_drift_seconds"]) * row["events"] for row in drifts
        )
        / sum(row["events"] for row in drifts)
        if drifts
        else None,
        "p95_latency_seconds": _p95(rows),
    }


def _p95(rows: list[Row]) -> Any:
    """The p95 of an hour under which the hours of 95 % of the events stay."""
    timed = [row for row in rows if row["p95_latency_seconds"] is not None]
    events, so_far = sum(row["events"] for row in timed), 0
    for row in sorted(timed, key=lambda row: row["p95_latency_seconds"]):
        so_far += row["events"]
        if 100 * so_far >= 95 * events:
            return Fraction(row["p95_latency_seconds"])
    return None


def outcome(judged: Iterable[Row]) -> tuple[str, list[str]]:
    """`pass`, `warning` or `alert`, and what is wrong; nothing to judge is an alert."""
    slices = measures(judged)
    levels = [] if slices else ["alert"]
    wrong = []
    for name, values in sorted(slices.items()):
        for threshold in _seeds()["quality_thresholds"]:
            value = values[threshold["column_name"]]
            level = _level(value, threshold)
            if level != "pass":
                levels.append(level)
                shown = "no data" if value is None else f"{float(value):.2f}"
                wrong.append(f"{level}: {name} {threshold['check_name']} {shown}")
    return max(levels, default="pass", key=("pass", "warning", "alert").index), wrong


def _level(value: Fraction | None, threshold: dict[str, str]) -> str:
    """A value equal to a limit passes."""
    if value is None:
        return "alert"
    sign = 1 if threshold["direction"] == "at_most" else -1
    if sign * value > sign * Fraction(threshold["alert"]):
        return "alert"
    return "warning" if sign * value > sign * Fraction(threshold["target"]) else "pass"
