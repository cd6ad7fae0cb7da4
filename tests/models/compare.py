"""Differences between the rows that should be there and the rows that are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]
GRAINS: dict[str, tuple[str, ...]] = {
    "fct_events": ("tenant_id", "event_id"),
    "fct_sessions": ("tenant_id", "session_id"),
    "user_aliases": ("tenant_id", "anonymous_id", "user_id"),
    "dim_users": ("tenant_id", "user_id"),
    "feature_adoption": ("tenant_id", "user_id", "feature_key"),
    "feature_adoption_funnel": ("tenant_id", "feature_key", "adoption_stage"),
    "feature_active_users": ("tenant_id", "feature_key", "activity_date"),
    "feature_adoption_matrix": ("tenant_id", "feature_key"),
    "cohort_retention": ("tenant_id", "cohort_type", "cohort", "period_grain", "period_number"),
    "feature_adoption_by_cohort": ("tenant_id", "cohort_month", "feature_key"),
    "revenue_expansion_by_cohort": ("tenant_id", "cohort_month", "initial_tier"),
    "user_rfm": ("tenant_id", "user_id"),
    "rfm_segments": ("tenant_id", "behavioral_segment"),
    "rfm_segment_moves": ("tenant_id", "move_date", "from_segment", "to_segment"),
    "feature_usage_by_role": ("tenant_id", "role", "feature_key"),
    "tier_engagement": ("tenant_id", "subscription_tier"),
    "active_users_daily": ("tenant_id", "activity_date"),
    "weekly_product_health": ("tenant_id", "week_start_date"),
    "weekly_feature_usage": ("tenant_id", "week_start_date", "feature_key"),
    "metric_anomalies": ("tenant_id", "metric", "metric_date"),
    "product_insights": ("tenant_id", "week_start_date", "insight", "feature_key"),
    "event_quality_hourly": ("tenant_id", "received_hour_at"),
    "event_volume_by_minute": ("tenant_id", "minute_at", "event_name"),
    "event_rejects": ("tenant_id", "event_id", "reject_reason"),
}
# Standard deviations are irrational: doubles may differ in their last digits.
TOLERANCE = Fraction(1, 1_000_000)


@dataclass(frozen=True)
class Difference:
    """One row, or one value of a row, that is not what it should be."""

    table: str
    key: tuple[Any, ...]
    column: str
    expected: Any
    got: Any

    @property
    def tenant(self) -> Any:
        return self.key[0] if self.key else None

    def __str__(self) -> str:
        key = ", ".join(str(part) for part in self.key)
        return f"{self.table} [{key}] {self.column}: expected {self.expected}, got {self.got}"


def compare(
    expected: Tables, got: Tables, names: Iterable[str], every_column: bool = False
) -> list[Difference]:
    """All differences in the named tables; `every_column` compares those of `got` too."""
    found: list[Difference] = []
    for name in names:
        if name in got:
            found += compare_table(name, expected[name], got[name], every_column)
        else:
            found.append(Difference(name, (), "(the table)", "is built", "is missing"))
    return found


def compare_table(
    name: str, expected: Sequence[Row], got: Sequence[Row], every_column: bool
) -> list[Difference]:
    """Differences of one table, by its grain; a table of unknown grain is a bag of rows."""
    columns = list((expected or got or [{}])[0])
    if every_column and expected and got:
        columns += [column for column in got[0] if column not in expected[0]]
    grain = GRAINS.get(name, tuple(columns))
    wanted, there = by_key(expected, grain), by_key(got, grain)
    found: list[Difference] = []
    for key in sorted(wanted.keys() | there.keys(), key=repr):
        left, right = wanted.get(key, []), there.get(key, [])
        if len(left) != len(right):
            found.append(Difference(name, key, "(rows)", brief(left), brief(right)))
            continue
        ordered = zip(sorted(left, key=repr), sorted(right, key=repr), strict=True)
        for one, other in ordered:
            found += [
                Difference(name, key, column, one.get(column), other.get(column, "(no column)"))
                for column in columns
                if not same(one.get(column), other.get(column, "(no column)"))
            ]
    return found


def by_key(rows: Iterable[Row], grain: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by the values of their grain."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row.get(column) for column in grain)].append(row)
    return groups


def brief(rows: Sequence[Row]) -> str:
    """How many rows, and what the first says."""
    return f"{len(rows)} rows {rows[0]}" if rows else "no row"


def same(expected: Any, got: Any) -> bool:
    """Equal; numbers by value, whatever their type."""
    numbers = (int, Decimal, Fraction)
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, numbers) and isinstance(got, numbers):
        return abs(Fraction(expected) - Fraction(got)) <= TOLERANCE
    return bool(expected == got)


def report(differences: Sequence[Difference], limit: int = 12) -> str:
    """The first differences of each table, readable."""
    tables: dict[str, list[Difference]] = defaultdict(list)
    for difference in differences:
        tables[difference.table].append(difference)
    lines = []
    for table, group in tables.items():
        lines.append(f"{table}: {len(group)} differences")
        lines += [f"  {difference}" for difference in group[:limit]]
    return "\n".join(lines)
