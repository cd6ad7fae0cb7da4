"""The gate's SQL against its rule in plain Python, on random hours of receipt."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from expectations.warehouse import DuckDBWarehouse, measure
from tests.expectations.gate import Row, measures, window
from tests.expectations.marts import build

AS_OF = date(2026, 3, 31)
COLUMNS = (
    *("tenant_id", "received_hour_at", "events", "rejected_events", "duplicate_events"),
    *("user_expected_events", "missing_user_events", "avg_drift_seconds", "p95_latency_seconds"),
)


def random_hours(rng: Random) -> list[Row]:
    """Some hours of some tenants, around the end of AS_OF; the last ones may be empty."""
    end = datetime(2026, 4, 1) - timedelta(hours=rng.choice((0, 0, 1, 2, 23, 24, 30)))
    rows = []
    for tenant in ("a", "b", "c")[: rng.randint(1, 3)]:
        for back in rng.sample(range(-3, 55), rng.choice((1, 2, 2, 30))):
            at = end - timedelta(hours=back)
            if datetime(2026, 4, 1) > at >= end and rng.random() < 0.9:
                continue
            events = rng.choice((1, 5, 19, 95))  # one in twenty is exactly 5 %
            expected = rng.randint(0, events)
            timed = rng.random() < 0.9
            rows.append(
                {
                    "tenant_id": tenant,
                    "received_hour_at": f"{at.isoformat()}Z",
                    "events": events,
                    "rejected_events": rng.randint(0, events),
                    "duplicate_events": rng.randint(0, events),
                    "user_expected_events": expected,
                    "missing_user_events": rng.randint(0, expected),
                    "avg_drift_seconds": Decimal(rng.randint(0, 9_000)) / 8 if timed else None,
                    "p95_latency_seconds": Decimal(rng.randint(0, 99)) / 8 if timed else None,
                }
            )
    return rows


def by_sql(folder: Path, rows: list[Row], as_of: date | None) -> dict[str, dict[str, Any]]:
    """What `queries/ingestion.sql` measures on these hours."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("delete from event_quality_hourly")
        if rows:
            connection.executemany(
                f"insert into event_quality_hourly ({', '.join(COLUMNS)}) "  # noqa: S608
                f"values ({', '.join('?' * len(COLUMNS))})",
                [[row[column] for column in COLUMNS] for row in rows],
            )
    frame = measure(DuckDBWarehouse(folder / "warehouse.duckdb"), "ingestion", as_of)
    rows_found: Any = frame.to_dict("records")
    return {row["slice"]: row for row in rows_found}


def test_the_window_and_its_measures_are_those_of_the_rule(tmp_path: Path) -> None:
    build(tmp_path)
    rng = Random(24)
    empty = 0
    for _ in range(80):
        rows = random_hours(rng)
        as_of = rng.choice((AS_OF, AS_OF, None))
        judged = window(rows, as_of or date.max)
        empty += not judged
        expected, found = measures(judged), by_sql(tmp_path, rows, as_of)
        assert set(found) == set(expected)
        for name, values in expected.items():
            for column, value in values.items():
                got = float(found[name][column])
                assert got == pytest.approx(
                    float("nan") if value is None else float(value), nan_ok=True
                )
    assert empty < 10


def test_the_window_ends_with_the_newest_hour_of_anybody() -> None:
    hour = {"tenant_id": "a", "received_hour_at": "2026-03-31T05:00:00Z"}
    first = {"tenant_id": "b", "received_hour_at": "2026-03-30T06:00:00Z"}
    before = {"tenant_id": "b", "received_hour_at": "2026-03-30T05:00:00Z"}
    later = {"tenant_id": "b", "received_hour_at": "2026-04-01T00:00:00Z"}
    assert window([before, first, hour, later], AS_OF) == [first, hour]
    assert window([], AS_OF) == []
