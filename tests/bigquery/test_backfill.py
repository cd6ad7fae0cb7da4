"""The vars of `bioqms backfill` on BigQuery: whole partitions of the range are overwritten."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bigquery.emulated import EmulatedWarehouse
from tests.servers import BigQueryEmulator

FRAGMENTS = "int_session_fragments"
MODEL = f"model.bioqms.{FRAGMENTS}"
SELECT = ("run", "--select", f"+{FRAGMENTS}")


def row(day: int) -> dict[str, object]:
    return {
        "event_id": f"evt_{day}",
        "event_name": "page.viewed",
        "event_version": "1.0.0",
        "timestamp": f"2026-02-{day:02}T12:00:00.000000Z",
        "received_at": f"2026-02-{day:02}T12:00:01.000000Z",
        "tenant_id": "acme",
        "user_id": "u",
        "anonymous_id": "d",
        "context": None,
        "properties": {},
        "traits": {},
    }


def test_the_range_is_fixed_and_other_days_are_untouched(
    bigquery_emulator: BigQueryEmulator, tmp_path: Path
) -> None:
    warehouse = EmulatedWarehouse(bigquery_emulator, "bioqms-backfill", tmp_path)
    warehouse.land([row(day) for day in range(10, 14)])
    warehouse.dbt("seed", "--select", "event_catalog")
    warehouse.dbt(*SELECT)
    assert counts(warehouse) == {10: 1, 11: 1, 12: 1, 13: 1}

    damage = f"update analytics.{FRAGMENTS} set event_count = 99 where event_date > '2026-01-01'"  # noqa: S608
    warehouse.client.query(damage).result(timeout=60)
    range_ = {"backfill_from": "2026-02-11", "backfill_to": "2026-02-12"}
    sent = warehouse.dbt(*SELECT, "--vars", json.dumps(range_))
    assert counts(warehouse) == {10: 99, 11: 1, 12: 1, 13: 99}
    replaced = [job.sql for job in sent if job.node == MODEL and "merge into" in job.sql]
    assert len(replaced) == 1
    assert "date '2026-02-11', date '2026-02-12'" in replaced[0]


def counts(warehouse: EmulatedWarehouse) -> dict[int, int]:
    return {found["event_date"].day: found["event_count"] for found in warehouse.rows(FRAGMENTS)}
