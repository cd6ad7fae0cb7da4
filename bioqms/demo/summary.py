"""A readable page of the marts: what `bioqms demo` ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from rich import box
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


NARROW_BOX = box.Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
"""A line below the head, nothing between columns: for terminals too narrow for more."""


UNBOUNDED = 10_000
"""Columns of a terminal that is wider than any table."""


def show(warehouse: Path, console: Console) -> None:
    """Print actives, one funnel, retention, segments and quality of a built warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def ask(query: str, **parameters: str) -> Rows:
            return connection.execute(query, parameters or None).fetchall()

        _actives(ask(ACTIVES), console)
        # A world of a few events shows no feature to anybody.
        for (feature,) in ask(TOP_FEATURE):
            _funnel(feature, ask(FUNNEL, feature_key=feature), console)
        _retention(ask(RETENTION), console)
        _segments(ask(SEGMENTS), console)
        _quality(ask(QUALITY), console)


def _show(console: Console, title: str, columns: list[str], rows: list[list[str]]) -> None:
    """Print a table with what fits of its columns: first without its lines, then without the last.

    A head may hold a line break; what it names in one word is worth a narrow column.
    """
    console.print(title, style="bold", markup=False, highlight=False)
    unbounded = console.options.update(width=UNBOUNDED)
    for count in range(len(columns), 1, -1):
        for lines in (box.HEAVY_HEAD, NARROW_BOX) if count == len(columns) else (NARROW_BOX,):
            table = _table(columns[:count], rows, lines)
            if console.measure(table, options=unbounded).maximum <= console.width:
                console.print(table)
                _say_left_out(columns[count:], console)
                return
    console.print(table)


def _table(columns: list[str], rows: list[list[str]], lines: box.Box) -> Table:
    is_narrow = lines is NARROW_BOX
    table = Table(box=lines, show_edge=not is_narrow, padding=(0, 0) if is_narrow else (0, 1))
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right", vertical="bottom")
    for row in rows:
        table.add_row(*row[: len(columns)])
    return table


def _say_left_out(columns: list[str], console: Console) -> None:
    if columns:
        names = ", ".join(column.replace("\n", " ") for column in columns)
        console.print(f"too narrow for: {names}", markup=False, highlight=False)


def _actives(rows: Rows, console: Console) -> None:
    _show(
        console,
        "Active users, all tenants",
        ["day", "DAU", "WAU", "MAU", "DAU/MAU", "WAU/MAU"],
        [
            [str(day), f"{dau:,}", f"{wau:,}", f"{mau:,}", f"{stickiness} %", f"{engagement} %"]
            for day, dau, wau, mau, stickiness, engagement in rows
        ],
    )


def _funnel(feature: str, rows: Rows, console: Console) -> None:
    _show(
        console,
        f"Adoption of {feature}",
        ["stage", "people", "%", "this or\nhigher", "%"],
        [
            [stage, f"{people:,}", f"{share}", f"{reached:,}", f"{reached_share}"]
            for stage, people, share, reached, reached_share in rows
        ],
    )


def _retention(rows: Rows, console: Console) -> None:
    periods = range(max((row[1] for row in rows), default=0) + 1)
    cells = {(cohort, period): cell for cohort, period, *cell in rows}
    _show(
        console,
        "Retention by signup month (* not yet complete)",
        ["cohort", "people", *(f"month {period}" for period in periods)],
        [
            [
                cohort.removesuffix("-01"),
                f"{cells[cohort, 0][0]:,}",
                *(_share(cells.get((cohort, period))) for period in periods),
            ]
            for cohort in sorted({row[0] for row in rows})
        ],
    )


def _share(cell: list[Any] | None) -> str:
    if cell is None:
        return ""
    _, share, is_complete = cell
    return f"{share:.0f} %{'' if is_complete else ' *'}"


def _segments(rows: Rows, console: Console) -> None:
    _show(
        console,
        "Segments (trailing 90 days)",
        ["segment", "people", "active\ndays", "revenue"],
        [
            [segment, f"{people:,}", f"{days or 0}", f"{revenue or 0:,.0f}"]
            for segment, people, days, revenue in rows
        ],
    )


def _quality(rows: Rows, console: Console) -> None:
    _show(
        console,
        "Quality of what landed",
        ["events", "score", "duplicates", "without\na user"],
        [
            [f"{events:,}", f"{score} of 100", f"{duplicates} %", f"{missing} %"]
            for events, score, duplicates, missing in rows
        ],
    )
