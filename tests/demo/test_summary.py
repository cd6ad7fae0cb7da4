"""The demo's tables are whole on a narrow terminal."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from bioqms.demo import summary

# Numbers as wide as those of the usual demo; people sign up in `months` months.
MARTS = """
    create table active_users_daily as
    select
        date '2026-11-23' - n::int as activity_date,
        312 as dau,
        845 as wau,
        1204 as mau
    from range(7) as days (n);

    create table feature_adoption_funnel as
    select
        'work_order_templates' as feature_key,
        stage as adoption_stage,
        row_number() over () as stage_rank,
        1234 as users,
        1234 as cumulative_users,
        1234 as exposed_users
    from (
        values
            ('Exposed Only'), ('Tried'), ('Adopted'), ('Power User'), ('Champion')
    ) as stages (stage);

    create table cohort_retention as
    select
        'signup_month' as cohort_type,
        'month' as period_grain,
        strftime(date '2025-11-01' + to_months(c::int), '%Y-%m-%d') as cohort,
        p as period_number,
        1234 as cohort_size,
        1234 as active_users,
        false as is_complete
    from range($months) as cohorts (c), range($months) as periods (p)
    where c + p < $months;

    create table rfm_segments as
    select
        'Occasional User' as behavioral_segment,
        1234 as user_count,
        12.3 as avg_activity_days,
        123456.78 as segment_revenue;

    create table event_quality_hourly as
    select
        200000 as events,
        99.7 as quality_score,
        1234 as duplicate_events,
        1234 as missing_user_events,
        123456 as user_expected_events
"""


def shown(folder: Path, width: int, months: int) -> str:
    """What a terminal of so many columns shows."""
    warehouse = folder / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(MARTS.replace("$months", str(months)))
    output = io.StringIO()
    summary.show(warehouse, Console(file=output, width=width))
    return output.getvalue()


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("months", [3, 13])
def test_nothing_is_cut(width: int, months: int, tmp_path: Path) -> None:
    text = shown(tmp_path, width, months)
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= width
    for whole in ("2026-11-17", "1,204", "25.9 %", "Exposed Only", "2025-11 ", "Occasional User"):
        assert whole in text
    for whole in ("123,457", "99.7 of 100", "a user"):
        assert whole in text


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    (tmp_path / "wide").mkdir()
    assert "too narrow" not in shown(tmp_path / "wide", 80, months=3)
    text = shown(tmp_path, 80, months=13)
    assert "month 6 month 7" in text
    assert "too narrow for: month 8, month 9, month 10, month 11, month 12" in text
