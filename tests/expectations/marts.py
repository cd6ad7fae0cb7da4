"""A small warehouse whose marts are all in order, to be broken one rule at a time."""

import csv
from pathlib import Path

import duckdb

SEED = Path(__file__).parents[2] / "seeds" / "quality_thresholds.csv"

HEALTHY = """
create table event_quality_hourly as
select
    'a' as tenant_id,
    timestamp '2026-03-31 23:00:00' as received_hour_at,
    10000::bigint as events,
    0::bigint as rejected_events,
    0::bigint as duplicate_events,
    10000::bigint as user_expected_events,
    0::bigint as missing_user_events,
    1.0::double as avg_drift_seconds,
    1.0::double as p50_latency_seconds,
    2.0::double as p95_latency_seconds,
    3.0::double as p99_latency_seconds,
    100.0::double as quality_score;

create table active_users_daily as
select
    'a' as tenant_id, date '2026-03-31' as activity_date,
    1::bigint as dau, 2::bigint as wau, 3::bigint as mau,
    1::bigint as engaged_dau, 2::bigint as engaged_wau, 3::bigint as engaged_mau;

create table cohort_retention as
select
    'a' as tenant_id, '2026-03-01' as cohort, 0::bigint as period_number,
    4::bigint as cohort_size, 4::bigint as active_users, 100.0::double as retention_pct;

create table feature_adoption_funnel as
select
    'a' as tenant_id, 'f' as feature_key, *, 9 as exposed_users
from (values ('Exposed Only', 0, 5, 9), ('Tried', 1, 4, 4))
    as stages (adoption_stage, stage_rank, users, cumulative_users);

create table user_rfm as
select
    'a' as tenant_id, 'u' as user_id, 5::bigint as recency_score, 1::bigint as frequency_score,
    0::bigint as monetary_score, 'Occasional User' as behavioral_segment;

create table fct_sessions as
select
    'a' as tenant_id, 's' as session_id, timestamp '2026-03-31 10:00:00' as session_start_at,
    timestamp '2026-03-31 10:00:00' as session_end_at, 1::bigint as event_count;
"""


def build(folder: Path, *changes: str) -> Path:
    """Write `warehouse.duckdb` with healthy marts and the real thresholds, then change it."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(HEALTHY)
        connection.execute(
            "create table quality_thresholds (check_name text, column_name text, direction text, "
            "target double, alert double, unit text)"
        )
        with SEED.open() as lines:
            rows = [list(row.values()) for row in csv.DictReader(lines)]
        connection.executemany("insert into quality_thresholds values (?, ?, ?, ?, ?, ?)", rows)
        for change in changes:
            connection.execute(change)
    return folder
