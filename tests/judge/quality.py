"""Quality: what was received, by hour of receipt, and what happened, by minute."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from tests.judge.cohorts import UNKNOWN
from tests.judge.events import Event
from tests.judge.rounding import (
    HOUR,
    MINUTE,
    SECOND,
    day_of,
    instant,
    mean,
    nearest_rank,
    pct,
    ratio,
    rounded,
)

Row = dict[str, Any]
Seed = list[dict[str, str]]


def event_quality_hourly(
    landed: Iterable[Event], anonymous: set[str], rules: Seed, as_of: date
) -> Iterator[Row]:
    """Tenant x hour of receipt; duplicates and rejects count here."""
    hours: dict[tuple[str, int], list[Event]] = defaultdict(list)
    for event in landed:
        if event.received is not None and day_of(event.received) <= as_of:
            hours[event.tenant or UNKNOWN, event.received // HOUR * HOUR].append(event)
    for (tenant, hour), rows in hours.items():
        yield {
            "tenant_id": tenant,
            "received_hour_at": instant(hour),
            **judge_hour(rows, anonymous, rules),
        }


def judge_hour(rows: list[Event], anonymous: set[str], rules: Seed) -> Row:
    """The rates, delays and score of the rows of one hour."""
    rejected = sum(row.reason is not None for row in rows)
    duplicates = sum(row.copy_number > 1 for row in rows)
    expected = [row for row in rows if row.name not in anonymous]
    missing = sum(row.user is None for row in expected)
    delays = [
        row.received - row.time for row in rows if row.received is not None and row.time is not None
    ]
    ranks = {percent: nearest_rank(delays, percent) for percent in (50, 95, 99)}
    points = {
        "schema_valid": Fraction(len(rows) - rejected, len(rows)),
        "unique": 1 - Fraction(duplicates, len(rows)),
        "user_present": 1 - (ratio(missing, len(expected)) or 0),
    }
    return {
        "events": len(rows),
        "rejected_events": rejected,
        "schema_valid_pct": pct(len(rows) - rejected, len(rows)),
        "duplicate_events": duplicates,
        "duplicate_pct": pct(duplicates, len(rows)),
        "user_expected_events": len(expected),
        "missing_user_events": missing,
        "missing_user_pct": pct(missing, len(expected)),
        "avg_drift_seconds": seconds(mean(delays)),
        **{f"p{percent}_latency_seconds": seconds(delay) for percent, delay in ranks.items()},
        "quality_score": rounded(
            sum(
                points[rule["component"]] * int(rule["weight"])
                for rule in rules
                if rule["component"] in points
            )
            + latency_points(ranks[95], rules)
        ),
    }


def latency_points(p95: int | None, rules: Seed) -> int:
    """Points of the first latency rule that p95 is under; none without a latency."""
    limits = sorted(
        (int(rule[LIMIT]), int(rule["weight"])) for rule in rules if rule[LIMIT] and p95 is not None
    )
    return next((weight for limit, weight in limits if p95 is not None and p95 < limit * SECOND), 0)


LIMIT = "p95_latency_under_seconds"


def seconds(micros: int | Fraction | None) -> Any:
    """Seconds with 6 decimals."""
    return None if micros is None else rounded(Fraction(micros) / SECOND, 6)


def event_volume_by_minute(events: Iterable[Event]) -> list[Row]:
    """Tenant x minute of event time x event name."""
    counts = Counter((event.tenant, event.at // MINUTE * MINUTE, event.name) for event in events)
    return [
        {
            "tenant_id": tenant,
            "event_date": str(day_of(minute)),
            "minute_at": instant(minute),
            "event_name": name,
            "event_count": count,
        }
        for (tenant, minute, name), count in counts.items()
    ]


def event_rejects(landed: Iterable[Event], as_of: date) -> list[Row]:
    """Rejected rows, those received after `as_of` left out."""
    return [
        {"reject_reason": row.reason}
        | {key: row.raw.get(key) or None for key in ("tenant_id", "event_id", "event_name")}
        | {key: row.raw.get(key) or None for key in ("user_id", "anonymous_id")}
        for row in landed
        if row.reason and (row.received is None or day_of(row.received) <= as_of)
    ]
