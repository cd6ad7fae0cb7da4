"""BigQuery drops days of events after two years: what arrives too old, and audits that go on."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from tests.bigquery.emulated import EmulatedWarehouse
from tests.models.worlds import world
from tests.servers import BigQueryEmulator

AS_OF = date(2026, 11, 20)
DEAD_CLOCK = {
    "event_id": "dead_clock",
    "event_name": "page.viewed",
    "tenant_id": "w_a",
    "user_id": "u1",
    "timestamp": "1970-01-01T00:00:07.000000Z",
    "received_at": "2026-11-20T10:00:00.000000Z",
}
BY_EVENT_DATE = (
    "int_events",
    "int_daily_health",
    "int_event_minutes",
    "int_feature_events",
    "int_profile_events",
    "int_session_fragments",
)
NO_TESTS = ("--exclude-resource-types", "unit_test", "test")


@pytest.fixture(scope="module")
def warehouse(
    bigquery_emulator: BigQueryEmulator, tmp_path_factory: pytest.TempPathFactory
) -> EmulatedWarehouse:
    """A world of a year, and an event of a device whose clock had no battery."""
    made = EmulatedWarehouse(bigquery_emulator, "retention", tmp_path_factory.mktemp("retention"))
    made.land([*world(7, AS_OF, "w_"), DEAD_CLOCK])
    made.dbt("build", *NO_TESTS, "--vars", variables(730))
    return made


def variables(days: int) -> str:
    return json.dumps({"as_of_date": str(AS_OF), "retention_days": days})


def test_what_would_expire_at_once_is_kept_as_a_reject(warehouse: EmulatedWarehouse) -> None:
    rejects = {row["event_id"]: row["reject_reason"] for row in warehouse.rows("event_rejects")}
    assert rejects["dead_clock"] == "expired"
    assert count(warehouse, "int_events", "event_date < '1971-01-01'") == 0


def test_the_audit_passes_when_days_have_expired(warehouse: EmulatedWarehouse) -> None:
    audit = ("test", "--select", "tag:whole_history", "--vars")
    warehouse.dbt(*audit, variables(730))
    # The emulator drops no partitions: do as BigQuery would after a shorter time.
    kept = AS_OF - timedelta(days=29)
    for table in BY_EVENT_DATE:
        expire(warehouse, table, f"event_date < '{kept}'")
    expire(warehouse, "int_receipt_hours", f"received_hour_at < '{kept}'")
    late = f"received_at >= '{kept}' and event_date < '{kept}' and reject_reason is null"
    assert count(warehouse, "stg_events", late) > 0
    assert count(warehouse, "int_event_copies", f"event_date < '{kept}' and copy_number > 1") > 0
    warehouse.dbt("build", *NO_TESTS, "--vars", variables(30))
    warehouse.dbt(*audit, variables(30))


def count(warehouse: EmulatedWarehouse, table: str, condition: str) -> int:
    """How many rows fulfil a condition."""
    sql = f"select count(*) as n from analytics.{table} where {condition}"  # noqa: S608
    [row] = warehouse.client.query(sql).result(timeout=60)
    return int(row["n"])


def expire(warehouse: EmulatedWarehouse, table: str, condition: str) -> None:
    """Delete what a partition's end would take."""
    assert count(warehouse, table, condition) > 0, "nothing to expire"
    sql = f"delete from analytics.{table} where {condition}"  # noqa: S608
    warehouse.client.query(sql).result(timeout=60)
