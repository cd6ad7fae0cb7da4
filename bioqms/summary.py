"""A readable page of the marts: what `bioqms demo` ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

Rows = list[tuple[Any, ...]]

ACTIVES = """
    select
        activity_date,
        sum(dau),
        sum(wau),
        sum(mau),
        round(100.0 * sum(dau) / sum(mau), 1),
        round(100.0 * sum(wau) / sum(mau), 1)
    from active_users_daily
    group by activity_date
    order by activity_date desc
    limit 7
"""

FUNNEL = """
    select
        adoption_stage,
        sum(users),
        round(100.0 * sum(users) / sum(exposed_users), 1),
        sum(cumulative_users),
        round(100.0 * sum(cumulative_users) / sum(exposed_users), 1)
    from feature_adoption_funnel
    where feature_key = $feature_key
    group by adoption_stage, stage_rank
    order by stage_rank desc
"""

RETENTION = """
    select
        cohort,
        period_number,
        sum(cohort_size),
        round(100.0 * sum(active_users) / sum(cohort_size)),
        bool_and(is_complete)
    from cohort_retention
    where cohort_type = 'signup_month' and period_grain = 'month'
    group by cohort, period_number
    order by cohort, period_number
"""

SEGMENTS = """
    select
        behavioral_segment,
        sum(user_count) as people,
        round(
            sum(user_count * avg_activity_days) / nullif(sum(user_count), 0), 1
        ),
        sum(segment_revenue)
    from rfm_segments
    group by behavioral_segment
    order by people desc
"""

QUALITY = """
    select
        sum(events),
        round(sum(events * quality_score) / sum(events), 1),
        round(100.0 * sum(duplicate_events) / sum(events), 2),
        round(100.0 * sum(missing_user_events) / sum(user_expected_events), 2)
    from event_quality_hourly
"""

TOP_FEATURE = """
    select feature_key
    from feature_adoption_funnel
    group by feature_key
    order by sum(users) desc, feature_key
    limit 1
"""


def show(warehouse: Path, console: Console) -> None:
    """Print actives, one funnel, retention, segments and quality of a built warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def ask(query: str, **parameters: str) -> Rows:
            return connection.execute(query, parameters or None).fetchall()

        console.print(_actives(ask(ACTIVES)))
        # A world of a few events shows no feature to anybody.
        for (feature,) in ask(TOP_FEATURE):
            console.print(_funnel(feature, ask(FUNNEL, feature_key=feature)))
        console.print(_retention(ask(RETENTION)))
        console.print(_segments(ask(SEGMENTS)))
        console.print(_quality(ask(QUALITY)))


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table


def _actives(rows: Rows) -> Table:
    table = _table("Active users, all tenants", "day", "DAU", "WAU", "MAU", "DAU/MAU", "WAU/MAU")
    for day, dau, wau, mau, stickiness, engagement in rows:
        table.add_row(
            str(day), f"{dau:,}", f"{wau:,}", f"{mau:,}", f"{stickiness} %", f"{engagement} %"
        )
    return table


def _funnel(feature: str, rows: Rows) -> Table:
    table = _table(f"Adoption of {feature}", "stage", "people", "%", "this or higher", "%")
    for stage, people, share, reached, reached_share in rows:
        table.add_row(stage, f"{people:,}", f"{share}", f"{reached:,}", f"{reached_share}")
    return table


def _retention(rows: Rows) -> Table:
    periods = max((row[1] for row in rows), default=0)
    table = _table(
        "Retention by signup month (* not yet complete)",
        "cohort",
        "people",
        *(f"month {number}" for number in range(periods + 1)),
    )
    for cohort in sorted({row[0] for row in rows}):
        cells = {row[1]: row for row in rows if row[0] == cohort}
        table.add_row(
            cohort,
            f"{cells[0][2]:,}",
            *(
                f"{cell[3]:.0f} %{'' if cell[4] else ' *'}" if (cell := cells.get(number)) else ""
                for number in range(periods + 1)
            ),
        )
    return table


def _segments(rows: Rows) -> Table:
    table = _table("Segments (trailing 90 days)", "segment", "people", "active days", "revenue")
    for segment, people, days, revenue in rows:
        table.add_row(segment, f"{people:,}", f"{days or 0}", f"{revenue or 0:,.2f}")
    return table


def _quality(rows: Rows) -> Table:
    table = _table("Quality of what landed", "events", "score", "duplicates", "without a user")
    for events, score, duplicates, missing in rows:
        table.add_row(f"{events:,}", f"{score} of 100", f"{duplicates} %", f"{missing} %")
    return table
